#include <taohf/base/text.hpp>
#include <taohf/container/engine.hpp>

#include <algorithm>

#include "command.hpp"
#include "docker_error.hpp"

namespace taohf::container {

namespace {

/// A layer of a large image takes a while on slow storage drivers.
constexpr std::chrono::minutes k_commit_limit{20};

constexpr const char* k_labels_format = "{{json .Config.Labels}}";

std::string text_member(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

EngineFacts read_facts(const Json& info) {
    EngineFacts facts;
    facts.version = text_member(info, "ServerVersion");
    facts.data_root = text_member(info, "DockerRootDir");
    if (const auto runtimes = info.find("Runtimes");
        runtimes != info.end() && runtimes->is_object())
        for (const auto& [name, ignored] : runtimes->items())
            facts.runtimes.push_back(name);
    const auto devices = info.find("DiscoveredDevices"); // CDI, Docker 28.2 and later
    facts.has_gpu_runtime =
        std::any_of(facts.runtimes.begin(),
                    facts.runtimes.end(),
                    [](const std::string& name) { return name.starts_with("nvidia"); }) ||
        (devices != info.end() && devices->dump().find("nvidia.com/gpu") != std::string::npos);
    return facts;
}

/// Containers that this workspace made may be replaced, those of others never.
bool is_ours(const Json& labels, const ContainerSpec& spec) {
    return std::all_of(spec.labels.begin(), spec.labels.end(), [&](const auto& label) {
        if (label.first != "taohf" && label.first != "taohf.workspace")
            return true;
        return labels.is_object() && text_member(labels, label.first.c_str()) == label.second;
    });
}

Json parse_labels(const std::string& output) {
    auto labels = parse_json(text::trim(output), "labels");
    return labels && labels->is_object() ? std::move(*labels) : Json::object();
}

} // namespace

Engine::Engine(host::Host& host, std::string program, std::stop_token stop)
    : host_(host), program_(std::move(program)), stop_(std::move(stop)) {}

Result<EngineFacts> Engine::probe() {
    TAOHF_TRY_ASSIGN(
        host::ProcessExit exit,
        ask(host_, program_, {"info", "--format", "{{json .}}"}, k_answer_limit, {}, stop_));
    auto info = parse_json(text::trim(exit.out), program_ + " info");
    // Some versions exit with 0 and tell the daemon's absence inside the JSON only.
    if (info && info->is_object() && info->contains("ServerErrors"))
        exit.err += "\n" + info->at("ServerErrors").dump();
    if (!exit.ok() || is_daemon_gone(exit.err))
        return tl::unexpected<Error>(docker_error(program_, "asking docker about itself", exit));
    if (!info || !info->is_object())
        return fail(
            ErrorCode::env, "'" + program_ + " info' did not answer with JSON", program_ + " info");
    return read_facts(*info);
}

Result<Json> Engine::image_labels(const std::string& tag) {
    TAOHF_TRY_ASSIGN(const host::ProcessExit exit,
                     ask(host_,
                         program_,
                         {"image", "inspect", "--format", k_labels_format, tag},
                         k_answer_limit,
                         {},
                         stop_));
    if (!exit.ok())
        return tl::unexpected<Error>(
            docker_error(program_, "reading the labels of " + tag, exit, tag));
    return parse_labels(exit.out);
}

Status Engine::free_name(const ContainerSpec& spec) {
    TAOHF_TRY_ASSIGN(
        const host::ProcessExit exit,
        ask(host_, program_, {"container", "inspect", "--format", k_labels_format, spec.name}));
    if (exit.ok() && !is_ours(parse_labels(exit.out), spec))
        return fail(ErrorCode::env,
                    "the name '" + spec.name +
                        "' is taken by a container that this workspace did not make",
                    program_ + " rename " + spec.name + " " + spec.name + "-other");
    return remove(spec.name);
}

Result<std::string> Engine::create(const ContainerSpec& spec) {
    ContainerSpec adjusted = spec;
    const Variables secrets =
        take_secrets(host_.secrets, adjusted.environment, adjusted.inherited_environment);
    std::vector<std::string> arguments = create_argv(adjusted);
    arguments.erase(arguments.begin());
    TAOHF_TRY_ASSIGN(host::ProcessExit exit,
                     ask(host_, program_, arguments, k_change_limit, secrets, stop_));
    if (!exit.ok() && is_name_taken(exit.err)) {
        TAOHF_TRY(free_name(spec));
        TAOHF_TRY_ASSIGN(exit, ask(host_, program_, arguments, k_change_limit, secrets, stop_));
    }
    if (exit.end == host::ProcessEnd::cancelled)
        (void)free_name(spec); // the daemon may have made it before it was told to stop
    if (!exit.ok())
        return tl::unexpected<Error>(
            docker_error(program_, "creating the container " + spec.name, exit, spec.image));
    // Warnings go to standard error, but older versions mix them in; the id is the last line.
    return telling_line(exit.out);
}

Result<std::string> Engine::start_session(const ContainerSpec& spec) {
    TAOHF_TRY_ASSIGN(const std::string id, create(spec));
    auto exit = ask(host_, program_, {"start", id}, k_change_limit, {}, stop_);
    if (!exit || !exit->ok()) {
        (void)remove(id);
        if (!exit)
            return tl::unexpected<Error>(exit.error());
        return tl::unexpected<Error>(
            docker_error(program_, "starting the container " + spec.name, *exit, spec.image));
    }
    if (is_running(id))
        return id;
    auto logs = ask(host_, program_, {"logs", "--tail", "5", id});
    (void)remove(id);
    return fail(ErrorCode::env,
                "the container " + spec.name + " of the image " + spec.image + " ended at once" +
                    (logs ? ": " + telling_line(logs->err.empty() ? logs->out : logs->err) : ""),
                program_ + " run --rm " + spec.image + " " + shell_line(spec.argv));
}

bool Engine::is_running(const std::string& id) {
    const auto exit =
        ask(host_, program_, {"container", "inspect", "--format", "{{.State.Running}}", id});
    return exit && exit->ok() && text::trim(exit->out) == "true";
}

Status Engine::remove(const std::string& id) {
    TAOHF_TRY_ASSIGN(const host::ProcessExit exit,
                     ask(host_, program_, {"rm", "--force", "--volumes", id}, k_change_limit));
    if (exit.ok() || is_no_such_container(exit.err) ||
        exit.err.find("is already in progress") != std::string::npos)
        return {};
    return tl::unexpected<Error>(docker_error(program_, "removing the container " + id, exit));
}

Result<int> Engine::reap(const std::string& label) {
    TAOHF_TRY_ASSIGN(const host::ProcessExit exit,
                     ask(host_,
                         program_,
                         {"ps", "--all", "--quiet", "--no-trunc", "--filter", "label=" + label},
                         k_answer_limit,
                         {},
                         stop_));
    if (!exit.ok())
        return tl::unexpected<Error>(
            docker_error(program_, "looking for containers of " + label, exit));
    int removed = 0;
    for (const std::string& line : text::split(exit.out, '\n')) {
        const std::string id(text::trim(line));
        if (id.empty())
            continue;
        TAOHF_TRY(remove(id));
        ++removed;
    }
    return removed;
}

Status Engine::commit(const std::string& container,
                      const std::string& tag,
                      const std::vector<std::string>& changes) {
    std::vector<std::string> arguments = {"commit", "--pause=false"};
    for (const std::string& change : changes) {
        arguments.emplace_back("--change");
        arguments.push_back(change);
    }
    arguments.push_back(container);
    arguments.push_back(tag);
    TAOHF_TRY_ASSIGN(const host::ProcessExit exit,
                     ask(host_, program_, arguments, k_commit_limit, {}, stop_));
    if (exit.ok())
        return {};
    return tl::unexpected<Error>(docker_error(program_, "making the image " + tag, exit));
}

} // namespace taohf::container
