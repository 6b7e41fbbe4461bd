#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>
#include <taohf/engine/scope.hpp>
#include <taohf/tao/names.hpp>

#include <algorithm>
#include <charconv>

#include "phase_range.hpp"
#include "port_report.hpp"

namespace taohf::cli {

namespace {

bool is_local(const Context& context, const std::string& model) {
    const auto info = context.host.files.stat(context.host.environment.working_directory() / model);
    return info && info->kind == host::FileKind::directory;
}

std::string absolute(const Context& context, const std::string& path) {
    return (context.host.environment.working_directory() / path).lexically_normal().string();
}

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

/// Paths in flags are the caller's, so they are made absolute before they are recorded.
Json with_absolute_paths(const Context& context, Json flags) {
    if (flags.contains("model") && is_local(context, scalar_text(flags["model"])))
        flags["model"] = without_slash(absolute(context, scalar_text(flags["model"])));
    if (flags.contains("dataset"))
        flags["dataset"] = without_slash(absolute(context, scalar_text(flags["dataset"])));
    return flags;
}

Status check_dataset(const Context& context, const Json& flags) {
    if (!flags.contains("dataset"))
        return {};
    const auto info = context.host.files.stat(scalar_text(flags["dataset"]));
    if (info && info->kind == host::FileKind::directory)
        return {};
    return fail(ErrorCode::input,
                "the dataset folder '" + scalar_text(flags["dataset"]) + "' does not exist",
                "give --dataset an existing folder");
}

/// The model itself: not portable, in need of code of its own, or of another task than the one
/// asked for.
Status check_model(const Context& context, const Json& flags, hub::RemoteCode code) {
    const std::string model = scalar_text(flags.at("model"));
    TAOHF_TRY_ASSIGN(const Json document, inspect_model(context, model, code));
    if (document.value("verdict", "") != "portable")
        return fail(document.value("remote_code", false) ? ErrorCode::policy : ErrorCode::verdict,
                    "the model cannot be ported: " + document.value("reason", ""),
                    "taohf inspect " + model + " --explain");
    const std::string found = document.value("task", "");
    const Json candidates = document.value("task_candidates", Json::array());
    if (flags.contains("task") && flags.at("task") != found &&
        std::ranges::find(candidates, flags.at("task")) == candidates.end())
        return fail(ErrorCode::verdict,
                    "the model's task is " + found + ", not " + scalar_text(flags.at("task")),
                    "leave --task out");
    return {};
}

/// Refuses before anything is written: a bad name, a taken name, no workspace, bad inputs, a model
/// that cannot be ported.
Status check_new_port(Context& context, const std::string& port, const Json& flags) {
    TAOHF_TRY(tao::check_short_name(port));
    TAOHF_TRY(check_dataset(context, flags));
    if (state::StateStore::exists(context.host, context.workspace.root, port))
        return {};
    TAOHF_TRY(tao::check_not_taken(context.host, context.workspace.root, port));
    TAOHF_TRY_ASSIGN(
        const auto inputs,
        engine::gather_inputs(
            context.host, context.workspace, context.templates, flags, Json::object()));
    TAOHF_TRY(engine::make_scope(
        context.host, context.workspace, context.templates, port, inputs.values));
    const bool allowed = inputs.values.value("allow_remote_code", false);
    return check_model(
        context, flags, allowed ? hub::RemoteCode::allowed : hub::RemoteCode::refused);
}

/// The port's name: --name, or --port, which names it everywhere else.
Result<std::string> name_of_port(const Options& options, const std::string& model) {
    if (!options.name.empty() && !options.port.empty() && options.name != options.port)
        return fail(ErrorCode::usage,
                    "--name " + options.name + " and --port " + options.port + " name two ports",
                    "give one of them");
    if (!options.name.empty() || !options.port.empty())
        return options.name.empty() ? options.port : options.name;
    return tao::derive_short_name(model);
}

/// Makes a port the one that commands mean when they name none. Gives back the bytes of taohf.yaml
/// as they were before, if it was changed.
Result<std::optional<std::string>> choose_port(Context& context, const std::string& port) {
    const host::Path file = context.workspace.root / "taohf.yaml";
    if (context.workspace.text("port") == port)
        return std::nullopt;
    context.workspace.config["schema"] = "taohf/workspace/v1";
    context.workspace.config["port"] = port;
    if (!context.host.files.stat(file))
        return std::nullopt;
    TAOHF_TRY_ASSIGN(std::string before, context.host.files.read(file));
    TAOHF_TRY(engine::save_workspace(context.host, context.workspace));
    return std::optional(std::move(before));
}

/// Whether there is anything to go on from, or somebody may want to look at what was stopped.
bool is_begun(const state::PortState& state) {
    for (const auto& phase : state.phases)
        for (const auto& step : phase.steps)
            if (step.outcome != "failure")
                return true;
    return false;
}

Status remove_records(Context& context,
                      const std::string& port,
                      const std::optional<std::string>& config_before) {
    const host::Path records = context.workspace.root / ".taohf";
    TAOHF_TRY(context.host.files.remove(records / port));
    if (const auto rest = context.host.files.list(records); rest && rest->empty())
        TAOHF_TRY(context.host.files.remove(records));
    if (!config_before)
        return {};
    return context.host.files.write_atomic(context.workspace.root / "taohf.yaml", *config_before);
}

/// A new port whose very first step failed leaves nothing behind: no docker, no room.
CommandResult forget(Context& context,
                     const std::string& port,
                     const std::optional<std::string>& config_before,
                     std::unique_ptr<OpenPort> opened,
                     Error error) {
    opened->reporter().run_finished("nothing was begun");
    opened.reset(); // its lock lies in the folder
    const Status removed = remove_records(context, port, config_before);
    error.kept = removed ? "nothing: no step was done"
                         : "records of a port without a step: " + removed.error().message;
    return tl::unexpected<Error>(std::move(error));
}

CommandResult
finish(const Context& context, const std::string& port, OpenPort& opened, Status status) {
    std::string where;
    const bool changed = opened.runner().executed() > 0 || !status || !report_exists(context, port);
    if (changed) {
        TAOHF_TRY_ASSIGN(
            where, write_port_report(context, opened.store().state(), opened.runner().scope()));
    } else {
        where = report_path(context, port);
    }
    opened.reporter().run_finished(summary(opened.store().state(), where));
    if (!status)
        return tl::unexpected<Error>(std::move(status.error()));
    return 0;
}

} // namespace

CommandResult command_run(Context& context) {
    if (context.options.until >= 0)
        if (const auto range = parse_range(context, std::to_string(context.options.until)); !range)
            return fail(ErrorCode::usage, "--until: " + range.error().message, "taohf run --help");
    Json flags = context.options.inputs;
    flags["model"] = context.options.model;
    flags = with_absolute_paths(context, std::move(flags));
    TAOHF_TRY_ASSIGN(const std::string port,
                     name_of_port(context.options, scalar_text(flags["model"])));
    TAOHF_TRY(check_new_port(context, port, flags));
    const bool is_new = !state::StateStore::exists(context.host, context.workspace.root, port);
    TAOHF_TRY_ASSIGN(auto opened, OpenPort::open(context, port, flags));
    TAOHF_TRY_ASSIGN(const auto config_before, choose_port(context, port));
    engine::RunOptions options;
    options.last =
        context.options.until >= 0 ? context.options.until : context.phases.back().number;
    opened->reporter().run_started(port, opened->runner().scope().at("inputs"));
    Status status = opened->runner().run(options, context.stop);
    if (is_new && !status && !is_begun(opened->store().state()))
        return forget(context, port, config_before, std::move(opened), std::move(status.error()));
    return finish(context, port, *opened, std::move(status));
}

CommandResult command_phase(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    TAOHF_TRY_ASSIGN(const auto known,
                     state::StateStore::peek(context.host, context.workspace.root, port));
    if (!known)
        return fail(ErrorCode::state,
                    "there is no port '" + port + "' in this workspace",
                    "taohf run MODEL --name " + port);
    engine::RunOptions options;
    TAOHF_TRY_ASSIGN(const auto range, parse_range(context, context.options.range));
    options.first = range.first;
    options.last = range.last;
    options.from = context.options.from;
    options.force = context.options.force;
    const Json flags = with_absolute_paths(context, context.options.inputs);
    TAOHF_TRY(check_dataset(context, flags));
    TAOHF_TRY_ASSIGN(auto opened, OpenPort::open(context, port, flags));
    opened->reporter().run_started(port, opened->runner().scope().at("inputs"));
    return finish(context, port, *opened, opened->runner().run(options, context.stop));
}

CommandResult command_plan(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    TAOHF_TRY_ASSIGN(const auto known,
                     state::StateStore::peek(context.host, context.workspace.root, port));
    if (!known)
        return fail(ErrorCode::state,
                    "there is no port '" + port + "' in this workspace",
                    "taohf run MODEL --name " + port);
    TAOHF_TRY_ASSIGN(auto opened, OpenPort::open(context, port, Json::object(), Access::look));
    engine::RunOptions options;
    options.last = context.phases.back().number;
    TAOHF_TRY_ASSIGN(const auto plans, opened->runner().plan(options));
    bool changes = false;
    Json rows = Json::array();
    std::string text;
    for (const auto& plan : plans) {
        const char* word = plan.decision == engine::Decision::run
                               ? (plan.certain ? "run" : "may run")
                           : plan.decision == engine::Decision::skipped ? "skip"
                                                                        : "up to date";
        changes = changes || plan.decision == engine::Decision::run;
        rows.push_back({{"phase", plan.phase},
                        {"step", plan.step},
                        {"title", plan.title},
                        {"decision", word},
                        {"reasons", plan.reasons}});
        text += std::to_string(plan.phase) + "  " + word +
                std::string(12 - std::string(word).size(), ' ') + plan.step + "  (" +
                text::join(plan.reasons, "; ") + ")\n";
    }
    if (context.options.json)
        context.print(Json{
            {"schema", "taohf/plan/v1"}, {"port", port}, {"changes", changes}, {"steps", rows}});
    else
        context.print(text);
    return context.options.detailed_exitcode && changes ? static_cast<int>(ErrorCode::changes) : 0;
}

} // namespace taohf::cli
