#include "remote_folder.hpp"

#include <taohf/base/parallel.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "hub_cache.hpp"
#include "json_fields.hpp"
#include "snapshot_files.hpp"
#include "weights.hpp"

namespace taohf::hub {

namespace {

constexpr std::size_t k_streams = 8;       ///< at once, of one model
constexpr std::uint64_t k_first_look = 64; ///< tells the length of a safetensors header
constexpr std::uint64_t k_longest_guess = 1u << 20;
constexpr std::uint64_t k_zip_tail = 22 + 65535; ///< in which a zip file's directory is found

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
}

/// A prefetch is a guess: what is wrong with the file is found, and told, by its reader.
void prefetch_header(RemoteFolder& folder, const std::string& name) {
    const auto first = folder.read_range(name, 0, k_first_look);
    if (!first || first->size() < 8)
        return;
    const std::uint64_t length = little_endian(*first);
    if (length <= k_longest_guess)
        (void)folder.read_range(name, 0, 8 + length);
}

void prefetch_tail(RemoteFolder& folder, const std::string& name) {
    const auto info = folder.stat(name, true);
    const std::uint64_t size = info ? info->size : 0;
    (void)folder.read_range(name, size - std::min(size, k_zip_tail), std::min(size, k_zip_tail));
}

} // namespace

Result<std::shared_ptr<RemoteFolder>> RemoteFolder::open(host::Host& host,
                                                         const HubSettings& settings,
                                                         const ModelId& id,
                                                         const Watch& watch) {
    auto client = std::make_unique<HubClient>(host, settings, id, watch);
    TAOHF_TRY_ASSIGN(RemoteModel model, client->model());
    return std::make_shared<RemoteFolder>(std::move(client), std::move(model));
}

RemoteFolder::RemoteFolder(std::unique_ptr<HubClient> client, RemoteModel model)
    : client_(std::move(client)), model_(std::move(model)) {
    // A card may leave the tag to the Hub, which works it out from the configuration.
    const std::string tag = text_field(model_.info, "pipeline_tag");
    if (card() && !field(*card(), "pipeline_tag") && !tag.empty())
        model_.info["cardData"]["pipeline_tag"] = tag;
}

const Json* RemoteFolder::card() const {
    const Json* card = field(model_.info, "cardData");
    return card && card->is_object() ? card : nullptr;
}

const RemoteFile* RemoteFolder::find(const host::Path& path) const {
    const auto found = model_.files.find(path.filename().string());
    return found == model_.files.end() || !is_plain_name(found->first) ? nullptr : &found->second;
}

RemoteFolder::Known& RemoteFolder::known(const std::string& name) {
    const std::lock_guard guard(mutex_);
    return known_[name];
}

Result<RemoteFile> RemoteFolder::complete(const std::string& name, RemoteFile file) {
    if (!file.etag.empty())
        return file;
    return client_->file_facts(model_.commit, name);
}

Result<std::string> RemoteFolder::read(const host::Path& path, std::uint64_t limit) {
    const RemoteFile* listed = find(path);
    const std::string name = path.filename().string();
    if (!listed)
        return fail(ErrorCode::input, fmt::format("there is no {}", text::printable(name)));
    Known& memory = known(name);
    const std::lock_guard guard(memory.mutex);
    if (memory.failure)
        return tl::unexpected<Error>(*memory.failure);
    if (listed->size > limit)
        return fail(ErrorCode::input,
                    fmt::format("{} is larger than {}", name, text::human_bytes(limit)));
    for (const Extent& extent : memory.extents)
        if (extent.offset == 0 && extent.bytes.size() == listed->size)
            return extent.bytes;
    const auto file = complete(name, *listed);
    auto bytes = file ? client_->whole(model_.commit, name, *file)
                      : Result<std::string>(tl::unexpected<Error>(file.error()));
    if (bytes)
        memory.extents = {{0, *bytes}};
    else
        memory.failure = bytes.error();
    return bytes;
}

Result<std::string>
RemoteFolder::read_range(const host::Path& path, std::uint64_t offset, std::uint64_t size) {
    const RemoteFile* listed = find(path);
    const std::string name = path.filename().string();
    if (!listed)
        return fail(ErrorCode::input, fmt::format("there is no {}", text::printable(name)));
    if (offset >= listed->size)
        return std::string();
    const std::uint64_t end = offset + std::min(size, listed->size - offset);
    Known& memory = known(name);
    const std::lock_guard guard(memory.mutex);
    if (memory.failure)
        return tl::unexpected<Error>(*memory.failure);
    auto extent = std::ranges::find_if(memory.extents, [&](const Extent& known) {
        return known.offset <= offset && offset <= known.offset + known.bytes.size();
    });
    if (extent == memory.extents.end())
        extent = memory.extents.insert(extent, Extent{offset, {}});
    const std::uint64_t have = extent->offset + extent->bytes.size();
    if (have < end) {
        const auto more = client_->range(model_.commit, name, *listed, have, end - have);
        if (!more)
            memory.failure = more.error();
        if (!more)
            return more;
        extent->bytes += *more;
    }
    return extent->bytes.substr(static_cast<std::size_t>(offset - extent->offset), end - offset);
}

std::optional<host::FileInfo> RemoteFolder::stat(const host::Path& path, bool) {
    const RemoteFile* file = find(path);
    if (!file)
        return std::nullopt;
    host::FileInfo info;
    info.size = file->size;
    return info;
}

Result<std::vector<std::string>> RemoteFolder::list(const host::Path&) {
    std::vector<std::string> names;
    for (const auto& [name, file] : model_.files)
        if (is_plain_name(name))
            names.push_back(name);
    return names;
}

/// By what the Hub already says of the class; a model of another kind is refused by its
/// configuration alone, and its weights may be very many.
bool RemoteFolder::may_be_portable() const {
    if (text_field(model_.info, "library_name") == "timm")
        return true;
    const Json* config = field(model_.info, "config");
    const Json* classes = config ? field(*config, "architectures") : nullptr;
    return classes && classes->is_array() && !classes->empty() && classes->front().is_string() &&
           is_portable_class(classes->front().get<std::string>());
}

void RemoteFolder::prefetch_weights() {
    for (const std::string name : k_weight_files) {
        if (!find(name))
            continue;
        if (!name.ends_with(".json"))
            return name.starts_with("model.") ? prefetch_header(*this, name)
                                              : prefetch_tail(*this, name);
        const auto index = read(name, k_longest_guess * 64);
        const auto shards = index ? index_shards(*index, name)
                                  : Result<std::vector<std::string>>(std::vector<std::string>());
        if (shards)
            for_each_at_once(shards->size(), k_streams, [&](std::size_t i) {
                name.starts_with("model.") ? prefetch_header(*this, (*shards)[i])
                                           : prefetch_tail(*this, (*shards)[i]);
            });
        return;
    }
}

void RemoteFolder::prefetch() {
    std::vector<std::function<void()>> jobs;
    if (may_be_portable())
        jobs.emplace_back([this] { prefetch_weights(); });
    std::vector<std::string> names = {"config.json", "preprocessor_config.json"};
    if (!find("preprocessor_config.json"))
        names.back() = "processor_config.json";
    for (const std::string& name : names)
        if (find(name))
            jobs.emplace_back([this, name] { (void)read(name, k_longest_guess * 64); });
    for_each_at_once(jobs.size(), jobs.size(), [&](std::size_t i) { jobs[i](); });
}

} // namespace taohf::hub
