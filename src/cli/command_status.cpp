#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>

#include <algorithm>
#include <map>

namespace taohf::cli {

namespace {

/// Why each step would run again now, or that it would not.
Result<std::map<std::string, std::string>> reasons(Context& context, const std::string& port) {
    TAOHF_TRY_ASSIGN(auto opened, OpenPort::open(context, port, Json::object(), Access::look));
    engine::RunOptions options;
    options.last = context.phases.back().number;
    TAOHF_TRY_ASSIGN(const auto plans, opened->runner().plan(options));
    std::map<std::string, std::string> why;
    for (const auto& plan : plans)
        why[plan.step] = text::join(plan.reasons, "; ");
    return why;
}

Json step_row(const phase::StepSpec& spec,
              const state::StepRecord* record,
              const std::map<std::string, std::string>& why) {
    const auto reason = why.find(spec.id);
    return {{"id", spec.id},
            {"title", spec.title},
            {"outcome", record == nullptr ? "pending" : record->outcome},
            {"attempts", record == nullptr ? 0 : record->attempts},
            {"seconds", record == nullptr ? 0.0 : record->seconds},
            {"reason",
             reason != why.end() ? reason->second
             : record == nullptr ? "never ran"
                                 : record->reason}};
}

/// The reason of the last run stays out: behind "success" it reads as if it were one of today.
std::string as_text(const Json& document, bool with_reasons) {
    std::string text = "port " + document.at("port").get<std::string>() + "\n";
    for (const Json& phase : document.at("phases")) {
        text += "\n" + std::to_string(phase.at("phase").get<int>()) + " " +
                phase.at("title").get<std::string>() + ": " +
                phase.at("conclusion").get<std::string>() + "\n";
        for (const Json& step : phase.at("steps")) {
            const std::string id = step.at("id").get<std::string>();
            text += "    " + id + std::string(id.size() < 26 ? 26 - id.size() : 1, ' ') +
                    step.at("outcome").get<std::string>() + "  " +
                    text::human_seconds(step.at("seconds").get<double>()) +
                    (with_reasons ? "  " + step.at("reason").get<std::string>() : "") + "\n";
        }
    }
    return text;
}

} // namespace

CommandResult command_status(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    TAOHF_TRY_ASSIGN(auto known,
                     state::StateStore::peek(context.host, context.workspace.root, port));
    if (!known)
        return fail(ErrorCode::state,
                    "there is no port '" + port + "' in this workspace",
                    "taohf run MODEL --name " + port);
    std::map<std::string, std::string> why;
    if (context.options.why) {
        TAOHF_TRY_ASSIGN(why, reasons(context, port));
    }
    Json phases = Json::array();
    for (const auto& spec : context.phases) {
        const auto& record = known->phase(spec.number);
        Json steps = Json::array();
        for (const auto& step : spec.steps)
            steps.push_back(step_row(step, known->find_step(step.id), why));
        phases.push_back({{"phase", spec.number},
                          {"title", spec.title},
                          {"conclusion", record.conclusion},
                          {"reason", record.reason},
                          {"steps", steps}});
    }
    const Json document = {{"schema", "taohf/status/v1"},
                           {"port", port},
                           {"serial", known->serial},
                           {"phases", phases}};
    if (context.options.json)
        context.print(document);
    else
        context.print(as_text(document, context.options.why));
    return 0;
}

CommandResult command_use(Context& context) {
    TAOHF_TRY_ASSIGN(const auto ports, state::list_ports(context.host, context.workspace.root));
    if (std::find(ports.begin(), ports.end(), context.options.name) == ports.end())
        return fail(ErrorCode::usage,
                    "there is no port '" + context.options.name +
                        "'; ports are: " + text::join(ports, " "));
    context.workspace.config["schema"] = "taohf/workspace/v1";
    context.workspace.config["port"] = context.options.name;
    TAOHF_TRY(engine::save_workspace(context.host, context.workspace));
    context.print("current port: " + context.options.name);
    return 0;
}

} // namespace taohf::cli
