#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

/// Only what the port reads: configuration, processor, weights and the card; code when it may.
bool is_needed(const std::string& name, hub::RemoteCode code) {
    static const char* suffixes[] = {".json", ".safetensors", ".md", ".bin", ".txt"};
    for (const char* suffix : suffixes)
        if (name.ends_with(suffix))
            return true;
    return code == hub::RemoteCode::allowed && name.ends_with(".py");
}

Result<std::vector<std::string>>
needed_files(host::FileSystem& files, const host::Path& folder, hub::RemoteCode code) {
    TAOHF_TRY_ASSIGN(const auto names, files.list(folder));
    std::vector<std::string> needed;
    bool safetensors = false;
    for (const std::string& name : names)
        safetensors = safetensors || name.ends_with(".safetensors");
    for (const std::string& name : names) {
        const auto info = files.stat(folder / name);
        const bool pickled_twin = safetensors && name.ends_with(".bin");
        if (info && info->kind == host::FileKind::regular && is_needed(name, code) && !pickled_twin)
            needed.push_back(name);
    }
    return needed;
}

/// What rendered code calls the model: an id as it is, a folder by its last two names, so that no
/// path of this machine gets into the repositories.
std::string public_name(const std::string& model, const std::string& source) {
    if (source != "folder")
        return model;
    const host::Path path = host::Path(model).lexically_normal();
    const host::Path folder = path.has_filename() ? path : path.parent_path();
    return (folder.parent_path().filename() / folder.filename()).string();
}

} // namespace

hub::RemoteCode remote_code(const Json& arguments) {
    const auto said = arguments.find("remote_code");
    return said != arguments.end() && *said == Json(true) ? hub::RemoteCode::allowed
                                                          : hub::RemoteCode::refused;
}

Materials snapshot_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    const host::Path folder = text_of(arguments, "model");
    auto& files = context.services.host.files;
    const auto info = files.stat(folder);
    if (!info || info->kind != host::FileKind::directory)
        return materials; // an id on the hub: its revision is pinned by the first run
    TAOHF_TRY_ASSIGN(const auto names, needed_files(files, folder, remote_code(arguments)));
    for (const std::string& name : names) {
        const auto file = files.stat(folder / name);
        materials.push_back(
            {"model", name, std::to_string(file->size) + ":" + std::to_string(file->mtime_ns)});
    }
    return materials;
}

Result<Json> snapshot(const Json& arguments, StepContext& context) {
    auto& files = context.services.host.files;
    const hub::RemoteCode code = remote_code(arguments);
    TAOHF_TRY_ASSIGN(const hub::Snapshot found,
                     hub::locate(context.services.host,
                                 text_of(arguments, "model"),
                                 {context.stop,
                                  [&](const std::string& text) {
                                      if (context.line)
                                          context.line(text, true);
                                  }},
                                 code));
    TAOHF_TRY_ASSIGN(const auto names, needed_files(files, found.folder, code));
    TAOHF_TRY_ASSIGN(const host::Path target, context.inside(text_of(arguments, "to")));
    TAOHF_TRY(files.make_dirs(target));
    Json digests = Json::object();
    for (const std::string& name : names) {
        TAOHF_TRY(files.copy(found.folder / name, target / name));
        TAOHF_TRY_ASSIGN(digests[text_of(arguments, "to") + "/" + name],
                         files.sha256(target / name));
    }
    return Json{{"name", public_name(text_of(arguments, "model"), found.source)},
                {"source", found.source},
                {"revision", found.revision},
                {"files", digests}};
}

} // namespace taohf::actions::verbs
