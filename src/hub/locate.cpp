#include <taohf/base/text.hpp>
#include <taohf/hub/inspection.hpp>

#include <fmt/format.h>

#include "download.hpp"
#include "hub_cache.hpp"
#include "hub_settings.hpp"
#include "model_id.hpp"

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

Result<Snapshot> from_hub(host::Host& host, const std::string& model) {
    const HubSettings settings = read_hub_settings(host);
    TAOHF_TRY_ASSIGN(const ModelId id, parse_model_id(model, settings.endpoint));
    const CacheEntry cache(host.files, settings, id);
    const auto cached = cache.commit(id.revision);
    if (cached && (cache.is_complete(*cached) || settings.offline))
        return Snapshot{cache.snapshot(*cached), model, *cached, "cache"};
    if (settings.offline)
        return fail(ErrorCode::net,
                    fmt::format("{} at '{}' is not in the cache {}, and HF_HUB_OFFLINE forbids "
                                "downloads",
                                id.repository,
                                id.revision,
                                settings.cache.string()),
                    "unset HF_HUB_OFFLINE, or name a local folder");
    TAOHF_TRY_ASSIGN(const std::string commit, download_model(host, settings, id));
    return Snapshot{cache.snapshot(commit), model, commit, "hub"};
}

} // namespace

Result<Snapshot> locate(host::Host& host, const std::string& model) {
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
    return from_hub(host, model);
}

} // namespace taohf::hub
