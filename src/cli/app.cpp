#include <taohf/base/text.hpp>
#include <taohf/cli/app.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

namespace taohf::cli {

namespace {

/// One CLI11 tree over one Options record.
class Parser final {
public:
    Parser();
    CLI::App app{"Ports HuggingFace vision models into the NVIDIA TAO Toolkit: rendered, run, "
                 "gated, proved.",
                 "taohf"};
    Options options;

    /// Names of the chosen (sub)command, "gate check".
    std::string chosen() const;
    Status collect_inputs();

private:
    CLI::App* command(CLI::App& parent, const char* name, const char* summary, const char* example);
    void common();
    void running();
    void looking();
    void gates();
    void keeping();
    void input(CLI::App* command,
               const std::string& flag,
               const std::string& name,
               const std::string& help);
    void run_inputs(CLI::App* command);

    std::map<std::string, std::string> named_inputs_;
    std::vector<std::string> set_;
};

Parser::Parser() {
    app.require_subcommand(1);
    app.fallthrough();
    app.set_help_all_flag("--help-all", "Help of every command");
    common();
    running();
    looking();
    gates();
    keeping();
}

CLI::App*
Parser::command(CLI::App& parent, const char* name, const char* summary, const char* example) {
    CLI::App* made = parent.add_subcommand(name, summary);
    made->footer(std::string("Example:\n  ") + example);
    return made;
}

void Parser::common() {
    app.add_option("-C",
                   options.workspace,
                   "Workspace folder (default: here, or the nearest parent with taohf.yaml)");
    app.add_option("--port", options.port, "Which port of the workspace");
    app.add_flag("--json", options.json, "JSON for scripts, with a 'schema' field");
    app.add_flag("--no-color", options.no_color, "No colour on the terminal");
    app.add_option("--phases",
                   options.phases_folder,
                   "Use phase files from this folder instead of the built-in ones");
    app.add_option("--templates",
                   options.templates_folder,
                   "Use templates from this folder instead of the built-in ones");
}

void Parser::input(CLI::App* command,
                   const std::string& flag,
                   const std::string& name,
                   const std::string& help) {
    command->add_option(flag, named_inputs_[name], help);
}

void Parser::run_inputs(CLI::App* command) {
    input(command,
          "--task",
          "task",
          "Task, when the model's own is not wanted: image-classification, ...");
    input(command, "--dataset", "dataset", "Dataset folder in the layout of the task's TAO loader");
    input(command,
          "--strategy",
          "strategy",
          "native, timm or wrap (default: the first that is proved)");
    input(command, "--profile", "profile", "Where containers come from: tao or sandbox");
    input(command, "--layout", "layout", "auto, core or inlined");
    command->add_option(
        "--set", set_, "Any other input, NAME=VALUE (taohf schema inputs lists them)");
    command->add_flag("--yes", options.yes, "Never ask");
}

void Parser::running() {
    CLI::App* init = command(app,
                             "init",
                             "Make or complete a workspace: clones, images, taohf.yaml",
                             "taohf -C ws init --profile sandbox --layout inlined");
    init->add_option("--profile", options.profile, "tao or sandbox")
        ->check(CLI::IsMember({"tao", "sandbox"}));
    init->add_option("--layout", options.layout, "core (6.26.3) or inlined (7.3.0)")
        ->check(CLI::IsMember({"auto", "core", "inlined"}));
    init->add_option("--tao-version", options.tao_version, "Any published TAO version");
    init->add_option("--tao-core", options.clones[0], "Use this checkout of tao-core");
    init->add_option("--tao-pytorch", options.clones[1], "Use this checkout of tao-pytorch");
    init->add_option("--tao-deploy", options.clones[2], "Use this checkout of tao-deploy");
    init->add_option(
        "--tao-dataservices", options.clones[3], "Use this checkout of tao-dataservices");

    CLI::App* run = command(app,
                            "run",
                            "Port a model: every phase, continuously, from where the evidence ends",
                            "taohf run google/vit-base-patch16-224 --dataset ./pets");
    run->add_option("model", options.model, "HuggingFace id, hub URL or snapshot folder")
        ->required();
    run->add_option("--name", options.name, "Short name of the port (default: from the model)");
    run->add_option("--until", options.until, "Last phase to run")->check(CLI::NonNegativeNumber);
    run_inputs(run);

    CLI::App* phase = command(app,
                              "phase",
                              "Run one phase, or N..M, of the current port",
                              "taohf phase 3..4 --from train");
    phase->add_option("range", options.range, "N or N..M")->required();
    phase->add_option("--from", options.from, "Run this step and all later ones again");
    phase->add_flag("--force", options.force, "Run every step of the range again");
    run_inputs(phase);

    CLI::App* plan =
        command(app, "plan", "What would run now, and why; changes nothing", "taohf plan --json");
    plan->add_flag(
        "--detailed-exitcode", options.detailed_exitcode, "Exit 3 when something would run");
}

void Parser::looking() {
    CLI::App* status = command(app, "status", "Where the port stands", "taohf status --why");
    status->add_flag("--why", options.why, "Why each step would run again, or not");

    CLI::App* inspect =
        command(app,
                "inspect",
                "What a model is and whether it can be ported, without executing it",
                "taohf inspect microsoft/resnet-50 --json");
    inspect->add_option("models", options.models, "HuggingFace ids or snapshot folders");
    inspect->add_option("--from", options.list_file, "A file with one model a line");
    inspect->add_flag("--explain", options.explain, "The evidence behind each decision");
    inspect->add_flag("--keys", options.keys, "The tensor table");
    inspect->add_flag("--allow-remote-code",
                      options.allow_remote_code,
                      "Judge a model whose class is its repository's own; nothing of it is run");
    inspect->add_option("--against", options.against, "What differs from this revision or folder");

    CLI::App* logs = command(
        app, "logs", "Log of a step (default: the last one that ran)", "taohf logs train -f");
    logs->add_option("step", options.id, "Step");
    logs->add_flag("-f,--follow", options.follow, "Go on as it grows, until the step ends");

    command(app, "report", "Write the report anew and say where it lies", "taohf report --json");
    command(app, "doctor", "Check this host for what a port needs", "taohf doctor");
    CLI::App* schema = command(
        app, "schema", "Describe inputs, verbs, gates and documents", "taohf schema inputs");
    schema->add_option("topic", options.topic, "inputs, verbs, matchers or phase")
        ->check(CLI::IsMember({"inputs", "verbs", "matchers", "phase"}));
    CLI::App* completion = command(
        app, "completion", "Completion script for a shell", "source <(taohf completion bash)");
    completion->add_option("shell", options.topic, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command(app, "version", "Version of taohf", "taohf version");
}

void Parser::gates() {
    CLI::App* gate =
        command(app, "gate", "Judge, list, show and approve gates", "taohf gate check --json");
    gate->require_subcommand(1);
    CLI::App* check = command(*gate,
                              "check",
                              "Judge the gates from the evidence on disk; starts no container",
                              "taohf gate check 6");
    check->add_option("range", options.range, "Phase N or N..M");
    command(*gate, "list", "Every gate and what it asks", "taohf gate list");
    command(*gate,
            "show",
            "One gate: what it asks, what was observed, from which files",
            "taohf gate show G6.11")
        ->add_option("id", options.id, "Gate")
        ->required();
    CLI::App* approve = command(*gate,
                                "approve",
                                "Let a red gate pass on your word; it stays recorded as red",
                                "taohf gate approve G6.4 --reason 'known style finding'");
    approve->add_option("id", options.id, "Gate")->required();
    approve->add_option("--reason", options.reason, "Why")->required();
}

void Parser::keeping() {
    CLI::App* shell =
        command(app, "shell", "A shell in one of the port's containers", "taohf shell pytorch");
    shell->add_option("context", options.context, "inspect, pytorch or deploy")
        ->default_val("pytorch");
    CLI::App* clean =
        command(app,
                "clean",
                "Remove the port's containers, and with --all its results and records",
                "taohf clean --all --yes");
    clean->add_flag(
        "--all", options.all, "Also results, records and rendered files that you did not edit");
    clean->add_flag("--yes", options.yes, "Do not ask");
    command(app, "use", "Make a port the current one", "taohf use vit_digits")
        ->add_option("name", options.name, "Port")
        ->required();
}

std::string Parser::chosen() const {
    std::string name;
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
        at = at->get_subcommands().front();
        name += (name.empty() ? "" : " ") + at->get_name();
    }
    return name;
}

Status Parser::collect_inputs() {
    for (const auto& [name, value] : named_inputs_)
        if (!value.empty())
            options.inputs[name] = value;
    for (const std::string& pair : set_) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorCode::usage, "--set takes NAME=VALUE, not '" + pair + "'");
        options.inputs[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return {};
}

const CLI::App* deepest(const CLI::App& app) {
    const CLI::App* at = &app;
    while (!at->get_subcommands().empty())
        at = at->get_subcommands().front();
    return at;
}

/// "taohf gate" of `taohf gate check`; "" of `taohf` itself.
std::string path_above(const CLI::App& app) {
    std::string path;
    for (const CLI::App* up = deepest(app)->get_parent(); up != nullptr; up = up->get_parent())
        path = up->get_name() + (path.empty() ? "" : " ") + path;
    return path;
}

std::string usage_hint(const CLI::App& app) {
    const std::string above = path_above(app);
    return above + (above.empty() ? "" : " ") + deepest(app)->get_name() + " --help";
}

/// The first word that nothing on the command line takes, a flag before others; empty for other
/// mistakes.
std::string unknown_word(const CLI::App& app) {
    const auto words = app.remaining(true);
    const auto flag =
        std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
    return flag != words.end() ? flag->substr(0, flag->find('='))
           : words.empty()     ? ""
                               : words.front();
}

/// What could stand where `word` stands: flags of the command and those above it, or its
/// subcommands.
std::vector<std::string> known_words(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    for (const CLI::App* at = deepest(app); at != nullptr && word.starts_with('-');
         at = at->get_parent())
        for (const CLI::Option* option : at->get_options())
            for (const std::string& name : option->get_lnames())
                known.push_back("--" + name);
    if (!word.starts_with('-'))
        for (const CLI::App* sub :
             deepest(app)->get_subcommands([](const CLI::App*) { return true; }))
            known.push_back(sub->get_name());
    return known;
}

tl::unexpected<Error> usage_error(const CLI::App& app, const std::string& message) {
    const std::string word = unknown_word(app);
    if (word.empty())
        return fail(ErrorCode::usage, message, usage_hint(app));
    const auto near = text::nearest(word, known_words(app, word));
    return fail(ErrorCode::usage,
                "'" + deepest(app)->get_name() + "' knows no '" + word + "'",
                near ? "did you mean '" + *near + "'?" : usage_hint(app));
}

} // namespace

Result<std::variant<Options, Answer>> parse(const std::vector<std::string>& arguments) {
    Parser parser;
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        if (arguments == std::vector<std::string>{"--version"})
            reversed = {"version"};
        parser.app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        return Answer{deepest(parser.app)->help(path_above(parser.app))};
    } catch (const CLI::CallForAllHelp&) {
        return Answer{parser.app.help("", CLI::AppFormatMode::All)};
    } catch (const CLI::ParseError& error) {
        return usage_error(parser.app, error.what());
    }
    TAOHF_TRY(parser.collect_inputs());
    parser.options.command = parser.chosen();
    return parser.options;
}

std::string completion(const std::string& shell) {
    Parser parser;
    std::vector<std::string> words;
    for (const CLI::App* sub : parser.app.get_subcommands([](CLI::App*) { return true; }))
        words.push_back(sub->get_name());
    const std::string list = text::join(words, " ");
    if (shell == "fish")
        return "complete -c taohf -n __fish_use_subcommand -f -a '" + list + "'\n";
    std::string script = shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
    script += "_taohf() {\n    local current=${COMP_WORDS[COMP_CWORD]} word=${COMP_WORDS[1]}\n"
              "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '" +
              list + "' -- \"$current\"))\n        return\n    fi\n    case $word in\n";
    for (const CLI::App* sub : parser.app.get_subcommands([](CLI::App*) { return true; })) {
        std::vector<std::string> flags;
        for (const CLI::Option* option : sub->get_options())
            for (const std::string& name : option->get_lnames())
                flags.push_back("--" + name);
        for (const CLI::App* inner : sub->get_subcommands([](const CLI::App*) { return true; }))
            flags.push_back(inner->get_name());
        script += "    " + sub->get_name() + ") COMPREPLY=($(compgen -f -W '" +
                  text::join(flags, " ") + "' -- \"$current\")) ;;\n";
    }
    return script + "    esac\n}\ncomplete -F _taohf taohf\n";
}

} // namespace taohf::cli
