#include <fmt/format.h>

#include <algorithm>

#include "report_parts.hpp"

namespace taohf::actions::report {

const state::PhaseRecord* record_of(const Source& source, int number) {
    const auto& records = source.state.phases;
    const auto found = std::ranges::find(records, number, &state::PhaseRecord::phase);
    return found == records.end() ? nullptr : &*found;
}

std::string standing(const state::GateRecord& gate, const state::PortState& state) {
    if (gate.passed)
        return "passed";
    if (state.approvals.contains(gate.id))
        return "approved";
    return gate.severity == "warn" ? "warning" : "red";
}

bool runs_in_sandbox(const Source& source) {
    const Json* flag = find_path(source.scope, "profile.emulated");
    return flag != nullptr && *flag == true;
}

Counts count(const Source& source) {
    Counts counts;
    for (const state::PhaseRecord& phase : source.state.phases)
        for (const state::GateRecord& gate : phase.gates) {
            const std::string stands = standing(gate, source.state);
            counts.passed += stands == "passed" ? 1 : 0;
            counts.red += stands == "red" ? 1 : 0;
            counts.warnings += stands == "warning" ? 1 : 0;
            counts.approved += stands == "approved" ? 1 : 0;
            counts.emulated += gate.emulated ? 1 : 0;
        }
    for (const phase::PhaseSpec& phase : source.phases) {
        const state::PhaseRecord* record = record_of(source, phase.number);
        if (record == nullptr || (record->gates.empty() && record->conclusion != "skipped"))
            counts.not_judged += static_cast<int>(phase.gates.size());
    }
    return counts;
}

namespace {

std::string gates_text(int number) {
    return number == 1 ? "1 gate" : fmt::format("{} gates", number);
}

/// The first phase that did not come to its end, or nullptr.
const phase::PhaseSpec* first_open(const Source& source) {
    for (const phase::PhaseSpec& phase : source.phases) {
        const state::PhaseRecord* record = record_of(source, phase.number);
        if (record == nullptr ||
            (record->conclusion != "success" && record->conclusion != "skipped"))
            return &phase;
    }
    return nullptr;
}

/// What keeps a green answer from meaning all that one could read into it.
std::string reservations(const Source& source, const Counts& counts) {
    std::string text;
    if (counts.approved > 0)
        text += fmt::format(" {} red, let pass by a person.", gates_text(counts.approved));
    if (counts.warnings > 0)
        text += fmt::format(" {} red with severity warning.", gates_text(counts.warnings));
    if (counts.emulated > 0)
        text += fmt::format(
            " {} on an emulated engine: that part proves the Python side, not TensorRT.",
            gates_text(counts.emulated) + (counts.emulated == 1 ? " rests" : " rest"));
    else if (runs_in_sandbox(source))
        text += " The run used the CPU sandbox, not NVIDIA's images.";
    return text;
}

} // namespace

Verdict verdict(const Source& source) {
    const Counts counts = count(source);
    const std::string rest = reservations(source, counts);
    const phase::PhaseSpec* open = first_open(source);
    const state::PhaseRecord* record = open == nullptr ? nullptr : record_of(source, open->number);
    const std::string conclusion = record == nullptr ? "not run" : record->conclusion;
    const std::string passed = gates_text(counts.passed) + " passed.";
    if (counts.red > 0)
        return {"red",
                gates_text(counts.red) + (counts.red == 1 ? " is red" : " are red"),
                passed + rest};
    if (open != nullptr && (conclusion == "failure" || conclusion == "interrupted"))
        return {"stopped",
                fmt::format("Stopped in phase {}: {}", open->number, open->title),
                (record->reason.empty() ? conclusion : record->reason) + ". " + passed + rest};
    if (open != nullptr)
        return {"unfinished",
                fmt::format("Unfinished: phase {} has not passed", open->number),
                fmt::format("{} {} not judged yet.", passed, gates_text(counts.not_judged)) + rest};
    if (counts.passed == 0)
        return {"unfinished", "Nothing was judged", "There is no gate in this port's record."};
    const bool emulated = counts.emulated > 0 || runs_in_sandbox(source);
    return {"proved",
            emulated ? "Ported and proved, in the sandbox" : "Ported and proved",
            passed + rest};
}

} // namespace taohf::actions::report
