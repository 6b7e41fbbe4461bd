#include <taohf/base/text.hpp>
#include <taohf/hub/inspection.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

namespace taohf::hub {

namespace {

constexpr std::uint64_t k_length_bytes = 8;
constexpr std::uint64_t k_max_header = 100'000'000;
constexpr std::size_t k_max_tensors = 1'000'000;
constexpr std::size_t k_max_name = 1024;
constexpr std::size_t k_max_rank = 32;

tl::unexpected<Error> broken(const std::string& name, const std::string& rule) {
    return fail(ErrorCode::input,
                fmt::format("{} is no valid safetensors file: {}", name, text::printable(rule)));
}

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = k_length_bytes; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
}

/// Bits of one element; 0 for a type this program does not know.
unsigned dtype_bits(std::string_view dtype) {
    struct Row {
        std::string_view name;
        unsigned bits;
    };

    static constexpr Row rows[] = {
        {"BOOL", 8},        {"U8", 8},          {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8},
        {"F8_E8M0", 8},     {"I16", 16},        {"U16", 16}, {"F16", 16},    {"BF16", 16},
        {"I32", 32},        {"U32", 32},        {"F32", 32}, {"I64", 64},    {"U64", 64},
        {"F64", 64},        {"C64", 64},        {"F4", 4},   {"F6_E2M3", 6}, {"F6_E3M2", 6},
        {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8},
    };
    for (const auto& row : rows)
        if (row.name == dtype)
            return row.bits;
    return 0;
}

Status check_metadata(const Json& metadata, const std::string& name) {
    if (!metadata.is_object())
        return broken(name, "__metadata__ is not an object");
    for (const auto& [key, value] : metadata.items())
        if (!value.is_string())
            return broken(name, fmt::format("__metadata__ entry '{}' is not a string", key));
    return {};
}

Status read_shape(const Json& shape, const std::string& name, TensorInfo& tensor) {
    if (!shape.is_array() || shape.size() > k_max_rank)
        return broken(name,
                      fmt::format("shape of '{}' is not a list of at most {} dimensions",
                                  tensor.name,
                                  k_max_rank));
    for (const auto& dimension : shape) {
        if (!dimension.is_number_unsigned() ||
            dimension.get<std::uint64_t>() >
                static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return broken(
                name, fmt::format("a dimension of '{}' is no non-negative integer", tensor.name));
        tensor.shape.push_back(dimension.get<std::int64_t>());
    }
    return {};
}

Status check_size(const TensorInfo& tensor, const std::string& name) {
    const unsigned bits = dtype_bits(tensor.dtype);
    if (bits == 0)
        return broken(name,
                      fmt::format("dtype '{}' of '{}' is unknown", tensor.dtype, tensor.name));
    std::uint64_t total = bits;
    const bool empty = std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
    for (const auto dimension : tensor.shape)
        if (!empty && __builtin_mul_overflow(total, static_cast<std::uint64_t>(dimension), &total))
            return broken(name, fmt::format("size of '{}' overflows", tensor.name));
    if (empty)
        total = 0;
    if (total % 8 != 0)
        return broken(name, fmt::format("'{}' does not end at a whole byte", tensor.name));
    if (tensor.end < tensor.begin || tensor.end - tensor.begin != total / 8)
        return broken(name,
                      fmt::format("'{}' needs {} bytes by shape and dtype, but data_offsets are "
                                  "[{}, {}]",
                                  tensor.name,
                                  total / 8,
                                  tensor.begin,
                                  tensor.end));
    return {};
}

Result<TensorInfo> read_entry(const std::string& key, const Json& entry, const std::string& name) {
    TensorInfo tensor;
    tensor.name = key;
    tensor.file = name;
    if (key.size() > k_max_name)
        return broken(name, "a tensor name is longer than 1024 bytes");
    if (!entry.is_object() || entry.size() != 3 || !entry.contains("dtype") ||
        !entry.contains("shape") || !entry.contains("data_offsets"))
        return broken(
            name,
            fmt::format("entry '{}' does not hold exactly dtype, shape and data_offsets", key));
    if (!entry["dtype"].is_string())
        return broken(name, fmt::format("dtype of '{}' is not a string", key));
    tensor.dtype = entry["dtype"].get<std::string>();
    TAOHF_TRY(read_shape(entry["shape"], name, tensor));
    const Json& offsets = entry["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        return broken(name,
                      fmt::format("data_offsets of '{}' are not two non-negative integers", key));
    tensor.begin = offsets[0].get<std::uint64_t>();
    tensor.end = offsets[1].get<std::uint64_t>();
    TAOHF_TRY(check_size(tensor, name));
    return tensor;
}

/// The tensors tile the data section: no hole, no overlap, nothing behind the last one.
Status check_tiling(const std::vector<TensorInfo>& tensors,
                    std::uint64_t data_size,
                    const std::string& name) {
    std::vector<const TensorInfo*> sorted;
    for (const auto& tensor : tensors)
        sorted.push_back(&tensor);
    std::sort(sorted.begin(), sorted.end(), [](const TensorInfo* left, const TensorInfo* right) {
        return std::pair(left->begin, left->end) < std::pair(right->begin, right->end);
    });
    std::uint64_t position = 0;
    for (const auto* tensor : sorted) {
        if (tensor->begin != position)
            return broken(name,
                          fmt::format("{} before '{}': it begins at {}, expected {}",
                                      tensor->begin > position ? "a hole" : "an overlap",
                                      tensor->name,
                                      tensor->begin,
                                      position));
        position = tensor->end;
    }
    if (position != data_size)
        return broken(name,
                      fmt::format("the tensors end at byte {} of a data section of {} bytes",
                                  position,
                                  data_size));
    return {};
}

/// Length of the JSON header, checked before anything is allocated for it.
Result<std::uint64_t>
header_length(std::string_view prefix, std::uint64_t file_size, const std::string& name) {
    if (file_size < k_length_bytes || prefix.size() < k_length_bytes)
        return broken(name, "it is shorter than the 8 bytes of the header length");
    if (prefix.starts_with("version https://git-lfs"))
        return broken(name, "it is a Git LFS pointer, the weights were not downloaded");
    const std::uint64_t length = little_endian(prefix.substr(0, k_length_bytes));
    if (length > k_max_header)
        return broken(name, fmt::format("header length {} exceeds 100 MB", length));
    if (length < 2 || length > file_size - k_length_bytes)
        return broken(
            name,
            fmt::format("header length {} does not fit a file of {} bytes", length, file_size));
    return length;
}

} // namespace

Result<std::vector<TensorInfo>> parse_safetensors_header(std::string_view prefix,
                                                         std::uint64_t file_size,
                                                         const std::string& name) {
    TAOHF_TRY_ASSIGN(const std::uint64_t length, header_length(prefix, file_size, name));
    if (prefix.size() - k_length_bytes < length)
        return broken(name, "the header is cut off");
    const std::string_view header = prefix.substr(k_length_bytes, length);
    if (header.front() != '{')
        return broken(name, "the header does not begin with '{'");
    auto parsed = parse_json(header, name);
    if (!parsed)
        return broken(name, "its header: " + parsed.error().message);
    if (!parsed->is_object())
        return broken(name, "the header is no object");
    if (parsed->size() > k_max_tensors)
        return broken(name, "more than 1,000,000 tensors");
    std::vector<TensorInfo> tensors;
    for (const auto& [key, entry] : parsed->items()) {
        if (key == "__metadata__") {
            TAOHF_TRY(check_metadata(entry, name));
            continue;
        }
        TAOHF_TRY_ASSIGN(auto tensor, read_entry(key, entry, name));
        tensors.push_back(std::move(tensor));
    }
    TAOHF_TRY(check_tiling(tensors, file_size - k_length_bytes - length, name));
    return tensors;
}

Result<std::vector<TensorInfo>> read_safetensors_header(host::FileSystem& files,
                                                        const host::Path& file) {
    const auto info = files.stat(file);
    const std::string name = file.filename().string();
    if (!info || info->kind != host::FileKind::regular)
        return fail(ErrorCode::input, fmt::format("{} is no regular file", name));
    TAOHF_TRY_ASSIGN(const std::string head, files.read_range(file, 0, 64));
    TAOHF_TRY_ASSIGN(const std::uint64_t length, header_length(head, info->size, name));
    TAOHF_TRY_ASSIGN(const std::string prefix, files.read_range(file, 0, k_length_bytes + length));
    return parse_safetensors_header(prefix, info->size, name);
}

} // namespace taohf::hub
