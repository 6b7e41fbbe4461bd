#include <taohf/actions/digests.hpp>
#include <taohf/cli/command.hpp>
#include <taohf/engine/scope.hpp>
#include <taohf/gates/gates.hpp>

#include <algorithm>

#include "phase_range.hpp"

namespace taohf::cli {

namespace {

struct Judged {
    std::string port;
    bool passed = true;
    std::vector<state::GateRecord> gates;
    state::PortState state;
};

/// From the evidence on disk alone: no lock, no container, nothing written.
Result<Judged> judge_port(const Context& context, const PhaseRange& range) {
    Judged judged;
    TAOHF_TRY_ASSIGN(judged.port, chosen_port(context));
    TAOHF_TRY_ASSIGN(auto known,
                     state::StateStore::peek(context.host, context.workspace.root, judged.port));
    if (!known)
        return fail(ErrorCode::state,
                    "there is no port '" + judged.port + "' in this workspace",
                    "taohf run MODEL --name " + judged.port);
    judged.state = std::move(*known);
    TAOHF_TRY_ASSIGN(const auto inputs,
                     engine::gather_inputs(context.host,
                                           context.workspace,
                                           context.templates,
                                           Json::object(),
                                           judged.state.inputs));
    TAOHF_TRY_ASSIGN(
        Json scope,
        engine::make_scope(
            context.host, context.workspace, context.templates, judged.port, inputs.values));
    engine::add_steps(scope, context.phases, judged.state);
    actions::DigestCache digests(context.host.files,
                                 context.workspace.root / ".taohf" / judged.port / "digests");
    const auto digest = [&](const host::Path& path) {
        return digests.digest(path).value_or("unreadable");
    };
    for (const auto& phase : context.phases) {
        if (phase.number < range.first || phase.number > range.last)
            continue;
        if (judged.state.phase(phase.number).conclusion == "skipped")
            continue;
        for (auto& gate :
             gates::judge_all(phase, {context.host.files, context.workspace.root, scope, digest})) {
            const bool approved = judged.state.approvals.contains(gate.id);
            judged.passed = judged.passed && (gate.passed || gate.severity != "error" || approved);
            judged.gates.push_back(std::move(gate));
        }
    }
    return judged;
}

std::string gate_line(const state::GateRecord& gate, const state::PortState& state) {
    const char* verdict = gate.passed                         ? "passed"
                          : state.approvals.contains(gate.id) ? "red (approved)"
                          : gate.severity == "error"          ? "RED"
                                                              : "red (warning)";
    std::string line = gate.id + std::string(gate.id.size() < 7 ? 7 - gate.id.size() : 1, ' ') +
                       verdict + (gate.emulated ? " (emulated)" : "") + ": " + gate.title;
    if (!gate.passed)
        line += "\n         expected " + gate.expected + "\n         observed " + gate.observed;
    return line + "\n";
}

} // namespace

CommandResult command_gate_check(Context& context) {
    TAOHF_TRY_ASSIGN(const PhaseRange range, parse_range(context, context.options.range));
    TAOHF_TRY_ASSIGN(const Judged judged, judge_port(context, range));
    if (context.options.json) {
        Json rows = Json::array();
        for (const auto& gate : judged.gates)
            rows.push_back(state::to_json(gate));
        context.print(Json{{"schema", "taohf/gates/v1"},
                           {"port", judged.port},
                           {"passed", judged.passed},
                           {"gates", rows}});
    } else {
        std::string text;
        for (const auto& gate : judged.gates)
            text += gate_line(gate, judged.state);
        context.print(text + (judged.passed ? "all gates passed" : "not all gates passed"));
    }
    return judged.passed ? 0 : static_cast<int>(ErrorCode::verdict);
}

CommandResult command_gate_list(Context& context) {
    Json rows = Json::array();
    std::string text;
    for (const auto& phase : context.phases)
        for (const auto& gate : phase.gates) {
            rows.push_back({{"id", gate.id},
                            {"phase", phase.number},
                            {"step", gate.step},
                            {"severity", gate.severity},
                            {"title", gate.title}});
            text += gate.id + std::string(gate.id.size() < 7 ? 7 - gate.id.size() : 1, ' ') +
                    gate.title + "  [" + gate.step + "]\n";
        }
    if (context.options.json)
        context.print(Json{{"schema", "taohf/gate-list/v1"}, {"gates", rows}});
    else
        context.print(text);
    return 0;
}

CommandResult command_gate_show(Context& context) {
    TAOHF_TRY_ASSIGN(const PhaseRange all, parse_range(context, ""));
    TAOHF_TRY_ASSIGN(const Judged judged, judge_port(context, all));
    const auto found = std::ranges::find(judged.gates, context.options.id, &state::GateRecord::id);
    if (found == judged.gates.end())
        return fail(
            ErrorCode::usage, "there is no gate '" + context.options.id + "'", "taohf gate list");
    if (context.options.json) {
        context.print(Json{{"schema", "taohf/gate/v1"}, {"gate", state::to_json(*found)}});
        return found->passed ? 0 : static_cast<int>(ErrorCode::verdict);
    }
    std::string text = gate_line(*found, judged.state);
    text += "phase     " + std::to_string(found->phase) + "\nstep      " + found->step +
            "\nexpected  " + found->expected + "\nobserved  " + found->observed + "\n";
    for (const std::string& path : found->evidence)
        text += "evidence  " + path + "\n";
    context.print(text);
    return found->passed ? 0 : static_cast<int>(ErrorCode::verdict);
}

CommandResult command_gate_approve(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    const bool known = std::ranges::any_of(context.phases, [&](const phase::PhaseSpec& phase) {
        return std::ranges::find(phase.gates, context.options.id, &phase::GateSpec::id) !=
               phase.gates.end();
    });
    if (!known)
        return fail(
            ErrorCode::usage, "there is no gate '" + context.options.id + "'", "taohf gate list");
    TAOHF_TRY_ASSIGN(const auto state,
                     state::StateStore::peek(context.host, context.workspace.root, port));
    if (!state)
        return fail(ErrorCode::state,
                    "there is no port '" + port + "' in this workspace",
                    "taohf run MODEL --name " + port);
    TAOHF_TRY_ASSIGN(auto store,
                     state::StateStore::open(context.host, context.workspace.root, port));
    store.state().approvals[context.options.id] = {context.host.environment.user_name(),
                                                   context.options.reason,
                                                   host::utc_text(context.host.clock.now())};
    TAOHF_TRY(store.journal("gate_approved",
                            {{"gate", context.options.id}, {"reason", context.options.reason}}));
    TAOHF_TRY(store.save());
    context.print("gate " + context.options.id + " approved; it stays recorded as what it is");
    return 0;
}

} // namespace taohf::cli
