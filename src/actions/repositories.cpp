#include <taohf/tao/git.hpp>
#include <taohf/tao/layout.hpp>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

std::vector<std::string> present(const StepContext& context) {
    std::vector<std::string> found;
    for (const char* name : tao::k_repositories)
        if (context.services.host.files.stat(context.services.workspace / name))
            found.emplace_back(name);
    return found;
}

/// Paths that this port has written so far, so that its own changes do not count as the user's.
Result<std::vector<std::string>> own_paths(const StepContext& context,
                                           const std::string& repository) {
    std::vector<std::string> own;
    const host::Path base = context.services.port_folder / "rendered" / repository;
    if (!context.services.host.files.stat(base))
        return own;
    TAOHF_TRY_ASSIGN(const auto files, host::walk(context.services.host.files, base));
    for (const auto& file : files)
        own.push_back(file.string());
    own.emplace_back("setup.py");
    return own;
}

} // namespace

/// A clone's commit may move (the user pulls); its HEAD file and the branch it names tell so
/// without starting git.
Materials repositories_materials(const Json&, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const std::string& name : present(context)) {
        const host::Path git = context.services.workspace / name / ".git";
        auto head = context.services.host.files.read(git / "HEAD");
        std::string digest = head ? *head : "absent";
        if (digest.starts_with("ref: "))
            digest +=
                context.services.host.files.read(git / digest.substr(5, digest.find('\n') - 5))
                    .value_or("");
        materials.push_back({"repository", name, digest});
    }
    return materials;
}

Result<Json> repositories(const Json&, StepContext& context) {
    Json facts = Json::object();
    for (const char* name : tao::k_repositories) {
        const host::Path folder = context.services.workspace / name;
        if (!context.services.host.files.stat(folder)) {
            if (std::string(name) == "tao-dataservices")
                continue;
            return fail(
                ErrorCode::repo, "the workspace has no '" + std::string(name) + "'", "taohf init");
        }
        TAOHF_TRY_ASSIGN(facts[name], tao::repository_facts(context.services.host, folder));
    }
    return facts;
}

Materials branch_materials(const Json&, const StepContext&) {
    return std::vector<state::Material>{};
}

/// All clones or none: a clone that refuses is found before the first one is touched.
Result<Json> branch(const Json& arguments, StepContext& context) {
    const std::string name = text_of(arguments, "name");
    Json branches = Json::object();
    for (const std::string& repository : present(context)) {
        tao::Git git(context.services.host, context.services.workspace / repository);
        TAOHF_TRY_ASSIGN(const auto own, own_paths(context, repository));
        TAOHF_TRY(git.checkout_branch(name, own));
        TAOHF_TRY_ASSIGN(branches[repository], git.branch());
    }
    return Json{{"name", name}, {"branches", branches}};
}

Materials patch_materials(const Json&, const StepContext&) {
    return std::vector<state::Material>{};
}

Result<Json> patch(const Json& arguments, StepContext& context) {
    TAOHF_TRY_ASSIGN(const host::Path target, context.inside(text_of(arguments, "to")));
    TAOHF_TRY(context.services.host.files.make_dirs(target));
    Json sizes = Json::object();
    for (const std::string& repository : present(context)) {
        tao::Git git(context.services.host, context.services.workspace / repository);
        TAOHF_TRY_ASSIGN(const std::string diff, git.diff());
        TAOHF_TRY(context.services.host.files.write_atomic(target / (repository + ".patch"), diff));
        sizes[repository] = diff.size();
    }
    return Json{{"bytes", sizes}};
}

} // namespace taohf::actions::verbs
