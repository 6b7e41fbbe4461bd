#include "torch_archive.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <zlib.h>

#include "state_dict_pickle.hpp"

namespace taohf::hub {

namespace {

constexpr std::uint64_t k_end_record = 22;
constexpr std::uint64_t k_zip64_locator = 20;
constexpr std::uint64_t k_zip64_record = 56;
constexpr std::uint64_t k_local_header = 30;
constexpr std::uint64_t k_central_header = 46;
constexpr std::uint64_t k_descriptor = 8; ///< flag: checksum and sizes follow the data
constexpr std::uint64_t k_max_directory = 64u << 20;
constexpr std::uint64_t k_max_pickle = 256u << 20;

struct Entry {
    std::string name;
    std::uint64_t flags = 0;
    std::uint64_t method = 0;
    std::uint64_t crc = 0;
    std::uint64_t packed = 0;
    std::uint64_t size = 0;
    std::uint64_t offset = 0; ///< of the local header
};

tl::unexpected<Error> broken(const std::string& name, const std::string& why) {
    return fail(ErrorCode::input,
                fmt::format("{} is no readable torch.save file: {}", name, text::printable(why)),
                "convert the checkpoint to safetensors (save_pretrained with safe_serialization)");
}

std::uint64_t integer_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

struct Directory {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t entries = 0;
};

/// The zip64 record replaces the numbers that do not fit the classic end record.
Result<Directory> read_zip64(host::FileSystem& files,
                             const host::Path& file,
                             std::uint64_t end,
                             const std::string& name) {
    if (end < k_zip64_locator)
        return broken(name, "the zip64 locator is missing");
    TAOHF_TRY_ASSIGN(const std::string locator,
                     files.read_range(file, end - k_zip64_locator, k_zip64_locator));
    if (locator.size() < k_zip64_locator || integer_at(locator, 0, 4) != 0x07064b50)
        return broken(name, "the zip64 locator is missing");
    TAOHF_TRY_ASSIGN(const std::string record,
                     files.read_range(file, integer_at(locator, 8, 8), k_zip64_record));
    if (record.size() < k_zip64_record || integer_at(record, 0, 4) != 0x06064b50)
        return broken(name, "the zip64 end record is missing");
    return Directory{
        integer_at(record, 48, 8), integer_at(record, 40, 8), integer_at(record, 32, 8)};
}

Result<Directory> find_directory(host::FileSystem& files,
                                 const host::Path& file,
                                 std::uint64_t file_size,
                                 const std::string& name) {
    const std::uint64_t tail_size = std::min<std::uint64_t>(file_size, k_end_record + 65535);
    TAOHF_TRY_ASSIGN(const std::string tail,
                     files.read_range(file, file_size - tail_size, tail_size));
    const auto at = tail.rfind("PK\x05\x06");
    if (at == std::string::npos || tail.size() - at < k_end_record)
        return broken(name, "it is no zip file (files of torch before 1.6 are not read)");
    Directory directory{
        integer_at(tail, at + 16, 4), integer_at(tail, at + 12, 4), integer_at(tail, at + 10, 2)};
    if (directory.offset == 0xffffffff || directory.size == 0xffffffff ||
        directory.entries == 0xffff) {
        TAOHF_TRY_ASSIGN(directory, read_zip64(files, file, file_size - tail.size() + at, name));
    }
    if (directory.size > k_max_directory || directory.offset > file_size ||
        directory.size > file_size - directory.offset)
        return broken(name, "its directory lies outside the file");
    return directory;
}

/// Sizes and offset of 0xffffffff stand in the zip64 extra field, in this order.
bool apply_zip64_extra(std::string_view extra, Entry& entry) {
    for (std::size_t at = 0; at + 4 <= extra.size();) {
        const auto kind = integer_at(extra, at, 2);
        const auto size = integer_at(extra, at + 2, 2);
        if (extra.size() - at - 4 < size)
            return false;
        if (kind == 1) {
            std::size_t next = at + 4;
            for (auto* value : {&entry.size, &entry.packed, &entry.offset}) {
                if (*value != 0xffffffff)
                    continue;
                if (next + 8 > at + 4 + size)
                    return false;
                *value = integer_at(extra, next, 8);
                next += 8;
            }
        }
        at += 4 + size;
    }
    return true;
}

Result<std::vector<Entry>>
read_entries(std::string_view bytes, const Directory& directory, const std::string& name) {
    std::vector<Entry> entries;
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        if (bytes.size() - at < k_central_header || integer_at(bytes, at, 4) != 0x02014b50)
            return broken(name, "its directory is cut off");
        const auto name_size = integer_at(bytes, at + 28, 2);
        const auto extra_size = integer_at(bytes, at + 30, 2);
        const auto total =
            k_central_header + name_size + extra_size + integer_at(bytes, at + 32, 2);
        if (bytes.size() - at < total)
            return broken(name, "its directory is cut off");
        Entry entry{std::string(bytes.substr(at + k_central_header, name_size)),
                    integer_at(bytes, at + 8, 2),
                    integer_at(bytes, at + 10, 2),
                    integer_at(bytes, at + 16, 4),
                    integer_at(bytes, at + 20, 4),
                    integer_at(bytes, at + 24, 4),
                    integer_at(bytes, at + 42, 4)};
        if (!apply_zip64_extra(bytes.substr(at + k_central_header + name_size, extra_size), entry))
            return broken(name, "a zip64 field is cut off");
        if ((entry.flags & 1) != 0 || entry.method != 0 || entry.packed != entry.size)
            return broken(name, fmt::format("{} is compressed or encrypted", entry.name));
        entries.push_back(std::move(entry));
        at += total;
    }
    return entries;
}

/// Payload of an entry; the local header must tell the same story as the directory.
Result<std::string> read_payload(host::FileSystem& files,
                                 const host::Path& file,
                                 const Entry& entry,
                                 const std::string& name) {
    TAOHF_TRY_ASSIGN(const std::string local,
                     files.read_range(file, entry.offset, k_local_header + entry.name.size()));
    if (local.size() != k_local_header + entry.name.size() ||
        integer_at(local, 0, 4) != 0x04034b50 || local.substr(k_local_header) != entry.name ||
        integer_at(local, 6, 2) != entry.flags || integer_at(local, 8, 2) != entry.method ||
        integer_at(local, 26, 2) != entry.name.size() ||
        ((entry.flags & k_descriptor) == 0 && integer_at(local, 14, 4) != entry.crc))
        return broken(name, fmt::format("two headers of {} differ", entry.name));
    if (entry.size > k_max_pickle)
        return broken(name, fmt::format("{} is larger than 256 MB", entry.name));
    const auto start = entry.offset + k_local_header + entry.name.size() + integer_at(local, 28, 2);
    TAOHF_TRY_ASSIGN(std::string payload, files.read_range(file, start, entry.size));
    if (payload.size() != entry.size)
        return broken(name, fmt::format("{} is cut off", entry.name));
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(payload.data()), payload.size());
    if (crc != entry.crc)
        return broken(name, fmt::format("{} fails its checksum", entry.name));
    return payload;
}

/// `<root>/data.pkl`, exactly one; a TorchScript archive has constants.pkl beside it.
Result<const Entry*> find_pickle(const std::vector<Entry>& entries, const std::string& name) {
    const Entry* found = nullptr;
    for (const auto& entry : entries) {
        if (entry.name.ends_with("/constants.pkl"))
            return broken(name, "it is a TorchScript archive, not a state dict");
        if (!entry.name.ends_with("/data.pkl"))
            continue;
        if (found)
            return broken(name, "it holds two pickles");
        found = &entry;
    }
    if (!found)
        return broken(name, "it holds no data.pkl");
    return found;
}

} // namespace

Result<std::vector<TensorInfo>> read_torch_archive(host::FileSystem& files,
                                                   const host::Path& file) {
    const std::string name = file.filename().string();
    const auto info = files.stat(file);
    if (!info || info->kind != host::FileKind::regular)
        return fail(ErrorCode::input, fmt::format("{} is no regular file", name));
    TAOHF_TRY_ASSIGN(const Directory directory, find_directory(files, file, info->size, name));
    TAOHF_TRY_ASSIGN(const std::string bytes,
                     files.read_range(file, directory.offset, directory.size));
    TAOHF_TRY_ASSIGN(const auto entries, read_entries(bytes, directory, name));
    TAOHF_TRY_ASSIGN(const Entry* pickle_entry, find_pickle(entries, name));
    TAOHF_TRY_ASSIGN(const std::string pickle, read_payload(files, file, *pickle_entry, name));
    TAOHF_TRY_ASSIGN(const auto pickled, read_state_dict_pickle(pickle, name));

    const std::string root = pickle_entry->name.substr(0, pickle_entry->name.rfind('/'));
    std::map<std::string, std::uint64_t> records;
    for (const auto& entry : entries)
        if (!records.emplace(entry.name, entry.size).second)
            return broken(name, fmt::format("{} stands twice in its directory", entry.name));
    std::vector<TensorInfo> tensors;
    for (const auto& tensor : pickled) {
        const auto record = records.find(root + "/data/" + tensor.storage);
        if (record == records.end() || record->second != tensor.storage_bytes)
            return broken(
                name,
                fmt::format("the record of {} is missing or of another size", tensor.info.name));
        tensors.push_back(tensor.info);
    }
    return tensors;
}

} // namespace taohf::hub
