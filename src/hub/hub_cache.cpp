#include "hub_cache.hpp"

#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "json_fields.hpp"
#include "snapshot_files.hpp"
#include "weights.hpp"

namespace taohf::hub {

CacheEntry::CacheEntry(host::FileSystem& files, const HubSettings& settings, const ModelId& id)
    : files_(files), folder_(settings.cache / id.cache_name()),
      locks_(settings.cache / ".locks" / id.cache_name()) {}

std::optional<std::string> CacheEntry::commit(const std::string& revision) const {
    if (is_commit(revision))
        return files_.stat(snapshot(revision)) ? std::optional(revision) : std::nullopt;
    const auto text = files_.read(folder_ / "refs" / revision, 4096);
    const std::string commit = text ? std::string(text::trim(*text)) : std::string();
    return is_commit(commit) && files_.stat(snapshot(commit)) ? std::optional(commit)
                                                              : std::nullopt;
}

bool CacheEntry::has_file(const std::string& commit, const std::string& name) const {
    const auto info = files_.stat(snapshot(commit) / name);
    return info && info->kind == host::FileKind::regular;
}

bool CacheEntry::is_complete(const std::string& commit) const {
    if (!has_file(commit, "config.json"))
        return false;
    for (const std::string name : k_weight_files) {
        if (!has_file(commit, name))
            continue;
        if (!name.ends_with(".json"))
            return true;
        const auto bytes = files_.read(snapshot(commit) / name);
        const auto shards = bytes ? index_shards(*bytes, name)
                                  : Result<std::vector<std::string>>(std::vector<std::string>());
        if (!shards || shards->empty())
            return false;
        for (const auto& shard : *shards)
            if (!has_file(commit, shard))
                return false;
        return true;
    }
    return false;
}

bool CacheEntry::has_code(const std::string& commit) const {
    const auto names = files_.list(snapshot(commit));
    return names && std::ranges::any_of(
                        *names, [](const std::string& name) { return name.ends_with(".py"); });
}

Status
CacheEntry::link(const std::string& commit, const std::string& name, const std::string& etag) {
    TAOHF_TRY(files_.make_dirs(snapshot(commit)));
    const host::Path path = snapshot(commit) / name;
    const host::Path target = host::Path("../../blobs") / etag;
    std::error_code error;
    if (std::filesystem::read_symlink(path, error) == target)
        return {};
    // Under another name first: whoever reads the snapshot meanwhile finds the old link or the new.
    const host::Path fresh = snapshot(commit) / fmt::format(".{}.{}", name, random_hex(8));
    std::filesystem::create_symlink(target, fresh, error);
    if (!error)
        return files_.rename(fresh, path);
    // File systems without symlinks hold plain copies, as huggingface_hub does there.
    return files_.copy(blob(etag), path);
}

Status CacheEntry::write_ref(const std::string& revision, const std::string& commit) {
    if (revision == commit)
        return {};
    const host::Path path = folder_ / "refs" / revision;
    TAOHF_TRY(files_.make_dirs(path.parent_path()));
    return files_.write_atomic(path, commit);
}

Result<std::vector<std::string>> index_shards(const std::string& bytes, const std::string& index) {
    TAOHF_TRY_ASSIGN(const Json document, parse_json(bytes, index));
    std::set<std::string> shards;
    const Json* weight_map = field(document, "weight_map");
    if (!weight_map || !weight_map->is_object())
        return fail(ErrorCode::input, fmt::format("{} has no weight_map", index));
    for (const auto& [tensor, shard] : weight_map->items()) {
        if (!shard.is_string() || !is_plain_name(shard.get<std::string>()))
            return fail(
                ErrorCode::input,
                fmt::format("{} names no plain file for {}", index, text::printable(tensor)));
        shards.insert(shard.get<std::string>());
    }
    return std::vector<std::string>(shards.begin(), shards.end());
}

} // namespace taohf::hub
