#include <taohf/tao/git.hpp>
#include <taohf/tao/layout.hpp>
#include <taohf/tao/setup_py.hpp>

#include <fmt/format.h>

namespace taohf::tao {

namespace {

constexpr std::string_view k_core_import = "nvidia_tao_core.config";

bool is_folder(host::FileSystem& files, const host::Path& path) {
    const auto info = files.stat(path);
    return info && info->kind == host::FileKind::directory;
}

bool is_file(host::FileSystem& files, const host::Path& path) {
    const auto info = files.stat(path);
    return info && info->kind == host::FileKind::regular;
}

tl::unexpected<Error> unusable(const host::Path& repository, const std::string& why) {
    return fail(ErrorCode::repo,
                fmt::format("{} is no usable TAO repository: {}", repository.string(), why),
                "use tao-pytorch and tao-deploy 6.25.7 to 6.26.3 (core layout) or 7.0.0 and later");
}

/// True when a Python file of the folder imports its schema from nvidia_tao_core.
Result<bool> imports_core(host::FileSystem& files, const host::Path& folder) {
    TAOHF_TRY_ASSIGN(const auto names, files.list(folder));
    for (const auto& name : names) {
        if (!name.ends_with(".py"))
            continue;
        TAOHF_TRY_ASSIGN(const std::string source, files.read(folder / name));
        if (source.find(k_core_import) != std::string::npos)
            return true;
    }
    return false;
}

/// The common config file decides, the imports of one model's scripts confirm.
Result<std::string> agreed_layout(host::FileSystem& files,
                                  const host::Path& repository,
                                  const host::Path& package,
                                  const std::string& model) {
    const host::Path scripts = package / "cv" / model / "scripts";
    if (!is_folder(files, scripts))
        return unusable(repository, fmt::format("{} is missing", scripts.string()));
    const bool inlined = is_file(files, package / "config" / "common" / "common_config.py");
    TAOHF_TRY_ASSIGN(const bool core, imports_core(files, scripts));
    if (inlined == core)
        return unusable(repository,
                        fmt::format("config/common/common_config.py {}, but the scripts of {} "
                                    "{} nvidia_tao_core.config",
                                    inlined ? "exists" : "is absent",
                                    model,
                                    core ? "import" : "do not import"));
    return inlined ? "inlined" : "core";
}

} // namespace

Result<std::string> detect_layout(host::FileSystem& files, const host::Path& repository) {
    if (const auto pytorch = repository / "nvidia_tao_pytorch"; is_folder(files, pytorch)) {
        if (!is_folder(files, pytorch / "cv" / "backbone_v2"))
            return unusable(repository, "the release has no cv/backbone_v2");
        return agreed_layout(files, repository, pytorch, "classification_pyt");
    }
    if (const auto deploy = repository / "nvidia_tao_deploy"; is_folder(files, deploy))
        return agreed_layout(files, repository, deploy, "dino");
    if (const auto core = repository / "nvidia_tao_core"; is_folder(files, core)) {
        if (!is_file(files, core / "config" / "common" / "common_config.py"))
            return unusable(repository, "nvidia_tao_core/config/common is missing");
        return "core"; // tao-core has one layout; only others import from it or not
    }
    if (const auto services = repository / "nvidia_tao_ds"; is_folder(files, services))
        return is_folder(files, services / "config") ? "inlined" : "core";
    return unusable(repository,
                    "none of nvidia_tao_core, nvidia_tao_pytorch, nvidia_tao_deploy, "
                    "nvidia_tao_ds is in it");
}

Result<Json> repository_facts(host::Host& host, const host::Path& repository) {
    Git git(host, repository);
    TAOHF_TRY_ASSIGN(const std::string commit, git.head());
    TAOHF_TRY_ASSIGN(const std::string branch, git.branch());
    TAOHF_TRY_ASSIGN(const auto changes, git.changes());
    TAOHF_TRY_ASSIGN(const std::string layout, detect_layout(host.files, repository));
    std::vector<std::string> scripts;
    if (const auto setup = repository / "setup.py"; is_file(host.files, setup)) {
        TAOHF_TRY_ASSIGN(const std::string source, host.files.read(setup));
        if (source.find("console_scripts") != std::string::npos) {
            TAOHF_TRY_ASSIGN(scripts, console_scripts(source, setup.string()));
        }
    }
    Json facts = Json::object();
    facts["path"] = repository.string();
    facts["commit"] = commit;
    facts["branch"] = branch;
    facts["clean"] = changes.empty();
    facts["layout"] = layout;
    facts["console_scripts"] = scripts;
    return facts;
}

} // namespace taohf::tao
