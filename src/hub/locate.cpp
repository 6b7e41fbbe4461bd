#include <taohf/base/text.hpp>
#include <taohf/hub/inspection.hpp>

#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "download.hpp"
#include "hub_cache.hpp"
#include "hub_settings.hpp"
#include "model_id.hpp"
#include "remote_folder.hpp"

namespace taohf::hub {

namespace {

bool looks_like_path(const std::string& model) {
    return model.starts_with('/') || model.starts_with('.') || model.starts_with('~');
}

host::Path local_path(const host::Environment& environment, const std::string& model) {
    if (model == "~" || model.starts_with("~/"))
        return environment.home() / host::Path(model).lexically_relative("~");
    const host::Path path(model);
    return (path.is_absolute() ? path : environment.working_directory() / path).lexically_normal();
}

/// What a model is when it is no folder: its id, and where the cache has it.
struct Sought {
    HubSettings settings;
    ModelId id;
    std::optional<std::string> cached; ///< the commit, when the cache holds all that is needed
};

Result<Sought> seek(host::Host& host, const std::string& model, RemoteCode code) {
    TAOHF_TRY_ASSIGN(HubSettings settings, read_hub_settings(host));
    TAOHF_TRY_ASSIGN(ModelId id, parse_model_id(model, settings.endpoint));
    const CacheEntry cache(host.files, settings, id);
    auto cached = cache.commit(id.revision);
    const bool whole = cached && cache.is_complete(*cached) &&
                       (code == RemoteCode::refused || cache.has_code(*cached));
    if (!whole && !settings.offline)
        cached.reset();
    if (!cached && settings.offline)
        return fail(ErrorCode::net,
                    fmt::format("{} at '{}' is not in the cache {}, and HF_HUB_OFFLINE forbids "
                                "downloads",
                                id.repository,
                                id.revision,
                                settings.cache.string()),
                    "unset HF_HUB_OFFLINE, or name a local folder");
    return Sought{std::move(settings), std::move(id), std::move(cached)};
}

Snapshot cached_snapshot(host::Host& host, const Sought& sought, const std::string& model) {
    const CacheEntry cache(host.files, sought.settings, sought.id);
    return {cache.snapshot(*sought.cached), model, *sought.cached, "cache"};
}

/// A folder on disk, nothing when the model must be an id, or what is wrong with the path.
Result<std::optional<Snapshot>> from_disk(host::Host& host, const std::string& model) {
    const host::Path path = local_path(host.environment, model);
    const auto info = model.empty() ? std::nullopt : host.files.stat(path);
    if (info && info->kind == host::FileKind::directory)
        return Snapshot{path, model, "", "folder"};
    if (info)
        return fail(ErrorCode::input,
                    fmt::format("{} is a file, a model is a folder", text::printable(model)),
                    "name the folder that holds config.json and the weights");
    if (looks_like_path(model))
        return fail(ErrorCode::input,
                    fmt::format("{} does not exist", text::printable(model)),
                    "look at the path, or name a model of the hub: taohf inspect "
                    "google/vit-base-patch16-224");
    return std::nullopt;
}

/// What is here already, a folder or a whole cache entry; else what `ask_hub` makes of the id.
Result<Snapshot> here_or(host::Host& host,
                         const std::string& model,
                         RemoteCode code,
                         const std::function<Result<Snapshot>(const Sought&)>& ask_hub) {
    TAOHF_TRY_ASSIGN(auto local, from_disk(host, model));
    if (local)
        return *std::move(local);
    TAOHF_TRY_ASSIGN(const Sought sought, seek(host, model, code));
    return sought.cached ? cached_snapshot(host, sought, model) : ask_hub(sought);
}

} // namespace

Result<Snapshot>
locate(host::Host& host, const std::string& model, const Watch& watch, RemoteCode code) {
    return here_or(host, model, code, [&](const Sought& sought) -> Result<Snapshot> {
        TAOHF_TRY_ASSIGN(const std::string commit,
                         download_model(host, sought.settings, sought.id, watch, code));
        const CacheEntry cache(host.files, sought.settings, sought.id);
        return Snapshot{cache.snapshot(commit), model, commit, "hub"};
    });
}

Result<Snapshot>
look_at(host::Host& host, const std::string& model, const Watch& watch, RemoteCode code) {
    const auto start = host.clock.steady();
    return here_or(host, model, code, [&](const Sought& sought) -> Result<Snapshot> {
        TAOHF_TRY_ASSIGN(auto remote, RemoteFolder::open(host, sought.settings, sought.id, watch));
        remote->prefetch();
        Snapshot found{
            sought.settings.endpoint + "/" + sought.id.repository, model, remote->commit(), "hub"};
        if (text::lower(remote->repository()) != text::lower(sought.id.repository))
            found.renamed_to = remote->repository();
        found.remote = std::move(remote);
        found.seconds = std::chrono::duration<double>(host.clock.steady() - start).count();
        return found;
    });
}

} // namespace taohf::hub
