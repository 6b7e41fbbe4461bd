#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>
#include <taohf/tao/git.hpp>
#include <taohf/tao/layout.hpp>

#include <iostream>

namespace taohf::cli {

namespace {

constexpr const char* k_recipe = "sandbox/";

std::string version_for(const std::string& layout) {
    return layout == "core" ? "6.26.3" : "7.3.0";
}

void say(const std::string& line) {
    std::cerr << line << "\n";
}

/// The scripts of the sandbox as files, for the programs that read them.
Result<host::Path> write_recipe(const Context& context) {
    const host::Path folder = context.workspace.root / ".taohf" / "init";
    for (const std::string& path : context.templates.list(k_recipe)) {
        const host::Path target = folder / path;
        const std::string& text = *context.templates.find(path);
        TAOHF_TRY(context.host.files.make_dirs(target.parent_path()));
        const bool same =
            context.host.files.stat(target) && context.host.files.read(target).value_or("") == text;
        if (!same)
            TAOHF_TRY(
                context.host.files.write_atomic(target, text, path.ends_with(".sh") ? 0755 : 0644));
    }
    return folder / k_recipe;
}

Status
run_program(const Context& context, const std::vector<std::string>& argv, const std::string& what) {
    host::ProcessSpec spec;
    spec.argv = argv;
    const auto sink = [](std::string_view line, bool) { say("  " + text::printable(line)); };
    TAOHF_TRY_ASSIGN(const auto exit, context.host.processes.run(spec, sink, context.stop));
    if (exit.end == host::ProcessEnd::cancelled)
        return fail(ErrorCode::interrupted, what + " was interrupted", "the same command goes on");
    if (exit.ok())
        return {};
    return fail(ErrorCode::env,
                what + " failed: " +
                    std::string(text::trim(
                        exit.err.substr(exit.err.size() > 600 ? exit.err.size() - 600 : 0))),
                "look into " + (context.workspace.root / ".taohf" / "init" / "log").string());
}

Status build_images(const Context& context, const host::Path& recipe, const std::string& version) {
    const host::Path log = context.workspace.root / ".taohf" / "init" / "log";
    TAOHF_TRY(context.host.files.make_dirs(log));
    return run_program(
        context,
        {"bash", (recipe / "build.sh").string(), "--tao-version", version, "--log", log.string()},
        "making the sandbox's images");
}

Status link_clone(const Context& context, const std::string& repository, const std::string& given) {
    const host::Path source =
        (context.host.environment.working_directory() / given).lexically_normal();
    if (!context.host.files.stat(source / "setup.py") && !context.host.files.stat(source / ".git"))
        return fail(ErrorCode::repo,
                    "'" + source.string() + "' is no checkout of " + repository,
                    "give the folder that holds setup.py");
    const host::Path target = context.workspace.root / repository;
    if (context.host.files.stat(target))
        return fail(ErrorCode::repo,
                    "the workspace already has '" + repository + "'",
                    "use a fresh workspace folder");
    say("  " + repository + " -> " + source.string());
    return run_program(
        context, {"ln", "-s", source.string(), target.string()}, "linking " + repository);
}

std::vector<std::string> missing_clones(const Context& context) {
    std::vector<std::string> missing;
    for (const char* repository : tao::k_repositories)
        if (!context.host.files.stat(context.workspace.root / repository / ".git"))
            missing.emplace_back(repository);
    return missing;
}

/// NVIDIA's published packages, unpacked inside a container of the inspection image.
Status make_clones(const Context& context, const host::Path& recipe, const std::string& version) {
    const auto missing = missing_clones(context);
    if (missing.empty())
        return {};
    const host::Path out = context.workspace.root / ".taohf" / "init" / ("repositories-" + version);
    TAOHF_TRY(context.host.files.make_dirs(out));
    const auto& environment = context.host.environment;
    std::vector<std::string> argv = {"docker",
                                     "run",
                                     "--rm",
                                     "--label",
                                     "taohf=1",
                                     "--network",
                                     "host",
                                     "--user",
                                     std::to_string(environment.user_id()) + ":" +
                                         std::to_string(environment.group_id()),
                                     "-e",
                                     "HOME=/tmp",
                                     "-v",
                                     recipe.string() + ":/recipe:ro",
                                     "-v",
                                     out.string() + ":/out"};
    for (const char* name : {"PIP_INDEX_URL",
                             "PIP_EXTRA_INDEX_URL",
                             "PIP_TRUSTED_HOST",
                             "http_proxy",
                             "https_proxy",
                             "HTTPS_PROXY",
                             "no_proxy"})
        if (environment.get(name))
            argv.insert(argv.end(), {"-e", name}); // the value stays out of argv
    argv.insert(argv.end(),
                {"taohf-sandbox/inspect:trixie",
                 "python3",
                 "/recipe/make_repos.py",
                 "--tao-version",
                 version,
                 "--out",
                 "/out"});
    TAOHF_TRY(run_program(context, argv, "downloading NVIDIA's published packages"));
    for (const std::string& repository : missing) {
        if (!context.host.files.stat(out / repository))
            return fail(ErrorCode::repo,
                        "the published packages of TAO " + version + " gave no " + repository,
                        "taohf init --tao-version 7.3.0");
        // Committed before it moves: a clone in the workspace is a whole one.
        tao::Git git(context.host, out / repository);
        TAOHF_TRY(git.initialise("TAO " + version + " as published"));
        TAOHF_TRY(context.host.files.rename(out / repository, context.workspace.root / repository));
    }
    return {};
}

Status check_layout(const Context& context, const std::string& wanted) {
    TAOHF_TRY_ASSIGN(
        const std::string found,
        tao::detect_layout(context.host.files, context.workspace.root / "tao-pytorch"));
    if (wanted != "auto" && !wanted.empty() && found != wanted)
        return fail(ErrorCode::repo,
                    "the clones have layout '" + found + "', not '" + wanted + "'",
                    "use a workspace folder of its own for each layout");
    return {};
}

/// The version of the clones that are already there wins over a default, never over a flag.
Result<std::string> choose_version(const Context& context, const std::string& layout) {
    const std::string recorded = context.workspace.text("tao_version");
    const std::string& asked = context.options.tao_version;
    if (!asked.empty() && !recorded.empty() && asked != recorded)
        return fail(ErrorCode::usage,
                    "this workspace holds TAO " + recorded + ", not " + asked,
                    "use another folder with -C");
    if (!asked.empty())
        return asked;
    return recorded.empty() ? version_for(layout) : recorded;
}

} // namespace

CommandResult command_init(Context& context) {
    auto& config = context.workspace.config;
    const std::string profile = context.options.profile.empty()
                                    ? context.workspace.text("profile", "sandbox")
                                    : context.options.profile;
    const std::string layout = context.options.layout.empty()
                                   ? context.workspace.text("layout", "auto")
                                   : context.options.layout;
    TAOHF_TRY_ASSIGN(const std::string version, choose_version(context, layout));
    TAOHF_TRY(context.host.files.make_dirs(context.workspace.root / ".taohf"));
    say("workspace " + context.workspace.root.string() + ": TAO " + version + ", profile " +
        profile);
    config["schema"] = "taohf/workspace/v1";
    config["profile"] = profile;
    config["tao_version"] = version;
    for (std::size_t i = 0; i < std::size(tao::k_repositories); ++i)
        if (!context.options.clones[i].empty())
            TAOHF_TRY(link_clone(context, tao::k_repositories[i], context.options.clones[i]));
    if (profile == "sandbox") {
        TAOHF_TRY_ASSIGN(const host::Path recipe, write_recipe(context));
        TAOHF_TRY(build_images(context, recipe, version));
        TAOHF_TRY(make_clones(context, recipe, version));
    } else if (const auto missing = missing_clones(context); !missing.empty()) {
        return fail(
            ErrorCode::needs_input,
            "the workspace lacks " + text::join(missing, ", "),
            "git clone them into the workspace, or give --tao-pytorch DIR and its brothers");
    }
    TAOHF_TRY(check_layout(context, layout));
    config["layout"] = layout;
    TAOHF_TRY(engine::save_workspace(context.host, context.workspace));
    say("ready: taohf -C " + context.workspace.root.string() + " run MODEL");
    return 0;
}

} // namespace taohf::cli
