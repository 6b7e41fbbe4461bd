#include <taohf/base/log.hpp>
#include <taohf/cli/app.hpp>
#include <taohf/cli/command.hpp>
#include <taohf/engine/scope.hpp>
#include <taohf/gates/gates.hpp>
#include <taohf/host/signals.hpp>
#include <taohf/tao/names.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>

namespace taohf::cli {

std::span<const Command> commands() {
    static constexpr Command rows[] = {
        {"init", command_init},
        {"run", command_run},
        {"phase", command_phase},
        {"plan", command_plan},
        {"gate check", command_gate_check},
        {"gate list", command_gate_list},
        {"gate show", command_gate_show},
        {"gate approve", command_gate_approve},
        {"status", command_status},
        {"inspect", command_inspect},
        {"logs", command_logs},
        {"report", command_report},
        {"doctor", command_doctor},
        {"shell", command_shell},
        {"clean", command_clean},
        {"schema", command_schema},
        {"completion", command_completion},
        {"use", command_use},
        {"version", command_version},
    };
    return rows;
}

void Context::print(const std::string& text) const {
    const std::string clean = host.secrets.mask(text);
    std::fwrite(clean.data(), 1, clean.size(), stdout);
    if (clean.empty() || clean.back() != '\n')
        std::fputc('\n', stdout);
}

void Context::print(const Json& document) const {
    print(document.dump(2, ' ', false, Json::error_handler_t::replace));
}

Result<std::string> chosen_port(const Context& context) {
    const std::string& given = context.options.port;
    if (const std::string named = given.empty() ? context.workspace.text("port") : given;
        !named.empty()) {
        TAOHF_TRY(tao::check_short_name(named)); // it becomes part of paths that clean removes
        return named;
    }
    TAOHF_TRY_ASSIGN(const auto ports, state::list_ports(context.host, context.workspace.root));
    if (ports.size() == 1)
        return ports.front();
    if (ports.empty())
        return fail(ErrorCode::usage,
                    "'" + context.workspace.root.string() + "' holds no port yet",
                    "taohf run MODEL");
    std::string list;
    for (const std::string& port : ports)
        list += " " + port;
    return fail(
        ErrorCode::usage, "several ports live here:" + list, "taohf use NAME, or --port NAME");
}

namespace {

/// A port keeps its model.
Status check_same_model(const state::PortState& known, const Json& flags) {
    const std::string model = scalar_text(known.inputs.value("model", Json("")));
    if (!flags.contains("model") || model.empty() || model == scalar_text(flags.at("model")))
        return {};
    return fail(ErrorCode::usage,
                "port '" + known.port + "' already carries the model '" + model + "'",
                "choose another --name, or taohf clean --all --port " + known.port);
}

} // namespace

std::unique_ptr<engine::Reporter> make_reporter(const Context& context) {
    const auto& environment = context.host.environment;
    if (context.options.json)
        return engine::make_event_reporter(context.host);
    const bool terminal = environment.is_terminal(2) &&
                          environment.get("TERM").value_or("") != "dumb" && !environment.get("CI");
    if (!terminal)
        return engine::make_plain_reporter(context.host);
    const bool colour = !context.options.no_color && !environment.get("NO_COLOR") &&
                        !environment.get("TAOHF_NO_COLOR");
    return engine::make_terminal_reporter(context.host, colour);
}

OpenPort::OpenPort(Context& context) : engine_(context.host, "docker", context.stop) {}

Result<std::unique_ptr<OpenPort>>
OpenPort::open(Context& context, const std::string& port, const Json& flags, Access access) {
    std::unique_ptr<OpenPort> opened(new OpenPort(context));
    TAOHF_TRY(opened->start(context, port, flags, access));
    return opened;
}

Status
OpenPort::start(Context& context, const std::string& port, const Json& flags, Access access) {
    const auto open = access == Access::write ? state::StateStore::open : state::StateStore::read;
    TAOHF_TRY_ASSIGN(auto store, open(context.host, context.workspace.root, port));
    TAOHF_TRY(check_same_model(store.state(), flags));
    store_ = std::make_unique<state::StateStore>(std::move(store));
    TAOHF_TRY_ASSIGN(
        const engine::Inputs inputs,
        engine::gather_inputs(
            context.host, context.workspace, context.templates, flags, store_->state().inputs));
    for (const auto& [name, origin] : inputs.origins.items())
        if (origin == "flag" || origin == "environment")
            store_->state().inputs[name] = inputs.values.at(name);
    TAOHF_TRY_ASSIGN(Json scope,
                     engine::make_scope(
                         context.host, context.workspace, context.templates, port, inputs.values));
    sessions_ =
        std::make_unique<actions::Sessions>(context.host, engine_, context.workspace.root, port);
    const Json& paths = scope.at("paths");
    sessions_->configure(scope.at("profile"),
                         paths.at("generated") == true ? "" : scalar_text(paths.at("dataset")));
    reporter_ = make_reporter(context);
    actions::Services services{context.host,
                               engine_,
                               *sessions_,
                               context.templates,
                               context.workspace.root,
                               context.workspace.root / ".taohf" / port,
                               port};
    runner_ = std::make_unique<engine::Runner>(
        services, context.phases, *store_, *reporter_, std::move(scope));
    return {};
}

namespace {

Result<lang::Library> open_library(host::Host& host, const std::string& folder, const char* root) {
    if (folder.empty())
        return lang::Library::embedded(root);
    const host::Path path = host.environment.working_directory() / folder;
    const auto info = host.files.stat(path);
    if (!info || info->kind != host::FileKind::directory)
        return fail(ErrorCode::usage,
                    "--" + std::string(root) + ": '" + folder + "' is no folder",
                    "give the folder of your own " + std::string(root) + ", or leave --" + root +
                        " out");
    return lang::Library::from_folder(host.files, path);
}

/// Phase files are checked as a whole before anything is done: shape, verbs, arguments, gates.
Result<std::vector<phase::PhaseSpec>> load_checked(const lang::Library& library) {
    TAOHF_TRY_ASSIGN(auto phases, phase::load_phases(library, actions::verb_names()));
    Diagnostics diagnostics;
    for (const auto& phase : phases) {
        for (const auto& step : phase.steps)
            actions::check_arguments(
                *actions::find_action(step.verb), step.arguments, step.span, diagnostics);
        for (const auto& gate : phase.gates)
            gates::check(gate, diagnostics);
    }
    if (diagnostics.has_errors())
        return tl::unexpected<Error>(diagnostics.to_error());
    return phases;
}

CommandResult dispatch(host::Host& host, const Options& options, std::stop_token stop) {
    TAOHF_TRY_ASSIGN(lang::Library phases_text,
                     open_library(host, options.phases_folder, "phases"));
    TAOHF_TRY_ASSIGN(lang::Library templates,
                     open_library(host, options.templates_folder, "templates"));
    TAOHF_TRY_ASSIGN(auto phases, load_checked(phases_text));
    TAOHF_TRY_ASSIGN(auto workspace, engine::open_workspace(host, templates, options.workspace));
    Context context{host,
                    options,
                    std::move(phases_text),
                    std::move(templates),
                    std::move(phases),
                    std::move(workspace),
                    stop};
    for (const Command& command : commands())
        if (command.name == options.command)
            return command.run(context);
    return fail(ErrorCode::usage,
                "incomplete command '" + options.command + "'",
                "taohf " + options.command + " --help");
}

void add_secrets(SecretMask& secrets, const host::Environment& environment) {
    for (const char* name :
         {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "NGC_KEY", "NGC_API_KEY", "WANDB_API_KEY"})
        if (const auto value = environment.get(name))
            secrets.add(*value);
}

int report_error(const host::Host& host, const Error& error, bool json) {
    std::string text = "taohf: error: " + format_error(error);
    if (json)
        text = Json{{"schema", "taohf/error/v1"},
                    {"code", exit_code(error)},
                    {"class", error_class(error.code)},
                    {"message", error.message},
                    {"context", error.context},
                    {"kept", error.kept},
                    {"next", error.next}}
                   .dump(-1, ' ', false, Json::error_handler_t::replace);
    std::cerr << host.secrets.mask(text) << "\n";
    return exit_code(error);
}

/// Output that got lost is a failure of its own: a full disk must not look like success.
int with_output_written(const host::Host& host, int code, bool json) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return code;
    errno = 0; // what went wrong may lie many writes back: one more tells
    std::fputc('\n', stdout);
    std::fflush(stdout);
    if (errno == EPIPE)
        return 128 + SIGPIPE; // the reader has seen enough
    Error error;
    error.code = ErrorCode::storage;
    error.message = "standard output could not be written to its end";
    error.next = "look for room where it goes, and run the same command again";
    return report_error(host, error, json);
}

} // namespace

int run(const std::vector<std::string>& arguments) {
    const auto files = host::make_file_system();
    const auto processes = host::make_process_runner();
    const auto http = host::make_curl_http();
    const auto clock = host::make_clock();
    const auto environment = host::make_environment();
    SecretMask secrets;
    add_secrets(secrets, *environment);
    log::start(environment->get("TAOHF_LOG").value_or(""));
    host::Host host{*files, *processes, *http, *clock, *environment, secrets};
    host::SignalStop signals;
    bool json = false;
    try {
        auto parsed = parse(arguments);
        if (!parsed)
            return report_error(
                host, parsed.error(), std::ranges::find(arguments, "--json") != arguments.end());
        if (const Answer* answer = std::get_if<Answer>(&*parsed)) {
            std::cout << answer->text << std::flush;
            return with_output_written(host, 0, false);
        }
        const Options& options = std::get<Options>(*parsed);
        json = options.json;
        auto result = dispatch(host, options, signals.token());
        if (result)
            return with_output_written(host, *result, json);
        if (result.error().code == ErrorCode::interrupted && host::SignalStop::received() != 0)
            result.error().signal = host::SignalStop::received();
        return report_error(host, result.error(), json);
    } catch (const std::exception& exception) {
        Error error;
        error.message = std::string("an unexpected failure inside taohf: ") + exception.what();
        error.next = "report it with the output of: TAOHF_LOG=debug taohf ...";
        return report_error(host, error, json);
    }
}

} // namespace taohf::cli
