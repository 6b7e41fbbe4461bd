#include <taohf/base/text.hpp>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

constexpr double k_gib = 1024.0 * 1024.0 * 1024.0;

/// "git version 2.39.5" -> "2.39.5"
std::string version_in(const std::string& output) {
    for (const std::string& word : text::split(std::string(text::trim(output)), ' '))
        if (!word.empty() && word.front() >= '0' && word.front() <= '9')
            return std::string(text::trim(word));
    return "";
}

Result<std::string> git_version(host::Host& host) {
    host::ProcessSpec spec;
    spec.argv = {"git", "--version"};
    const auto exit = host.processes.run(spec);
    if (!exit || !exit->ok())
        return fail(
            ErrorCode::env, "git is not installed", "install git and run the same command again");
    return version_in(exit->out);
}

Json gpu_facts(host::Host& host, const std::stop_token& stop) {
    host::ProcessSpec spec;
    spec.argv = {"nvidia-smi", "--query-gpu=driver_version,name", "--format=csv,noheader"};
    const auto exit = host.processes.run(spec, {}, stop);
    if (!exit || !exit->ok())
        return nullptr;
    const auto fields = text::split(std::string(text::trim(exit->out)), ',');
    return {{"driver", fields.empty() ? "" : std::string(text::trim(fields[0]))},
            {"name", fields.size() < 2 ? "" : std::string(text::trim(fields[1]))}};
}

} // namespace

/// The host's state is asked again in every process, but only its requirements are materials:
/// a step that ran well once does not run again because a disk filled up meanwhile.
Materials check_host_materials(const Json&, const StepContext&) {
    return std::vector<state::Material>{};
}

Result<Json> check_host(const Json& arguments, StepContext& context) {
    host::Host& host = context.services.host;
    TAOHF_TRY_ASSIGN(const std::string git, git_version(host));
    TAOHF_TRY_ASSIGN(const container::EngineFacts engine, context.services.engine.probe());
    TAOHF_TRY_ASSIGN(const std::uint64_t free, host.files.free_space(context.services.workspace));
    Json facts = {{"git", git},
                  {"docker", engine.version},
                  {"docker_runtimes", engine.runtimes},
                  {"gpu_runtime", engine.has_gpu_runtime},
                  {"gpu", gpu_facts(host, context.stop)},
                  {"free_gib", static_cast<double>(free) / k_gib}};
    if (context.stop.stop_requested()) // a GPU driver that hangs must not look like none
        return fail(ErrorCode::interrupted,
                    "looking at the host was stopped",
                    "the same command goes on from here");
    const std::string minimum = text_of(arguments, "docker");
    if (!minimum.empty() && text::compare_versions(engine.version, minimum) < 0)
        return fail(ErrorCode::env,
                    "docker " + engine.version + " is too old, " + minimum + " is needed",
                    "upgrade docker");
    if (arguments.value("gpu", false) && (!engine.has_gpu_runtime || facts.at("gpu").is_null()))
        return fail(ErrorCode::env,
                    "this host offers no GPU to containers (nvidia-smi or docker's nvidia runtime "
                    "is missing)",
                    "install the NVIDIA driver and container toolkit, or use --profile sandbox");
    const double needed = arguments.value("free_gib", 0.0);
    if (facts.at("free_gib").get<double>() < needed)
        return fail(ErrorCode::storage,
                    "the workspace's file system has " + text::human_bytes(free) + " free, " +
                        std::to_string(static_cast<int>(needed)) + " GiB are needed",
                    "free some space or use -C with a folder on another file system");
    return facts;
}

} // namespace taohf::actions::verbs
