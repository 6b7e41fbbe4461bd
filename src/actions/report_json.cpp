#include "report_parts.hpp"

namespace taohf::actions::report {

namespace {

Json phase_json(const Source& source, const phase::PhaseSpec& phase) {
    const state::PhaseRecord* record = record_of(source, phase.number);
    Json steps = Json::array();
    Json gates = Json::array();
    for (const phase::StepSpec& step : phase.steps)
        if (const state::StepRecord* ran = source.state.find_step(step.id))
            steps.push_back({{"id", step.id},
                             {"title", step.title},
                             {"outcome", ran->outcome},
                             {"seconds", ran->seconds},
                             {"attempts", ran->attempts},
                             {"log", ran->log}});
    if (record != nullptr)
        for (const state::GateRecord& gate : record->gates) {
            gates.push_back(state::to_json(gate));
            gates.back()["standing"] = standing(gate, source.state);
        }
    return {{"phase", phase.number},
            {"title", phase.title},
            {"conclusion", record == nullptr ? "not run" : record->conclusion},
            {"reason", record == nullptr ? "" : record->reason},
            {"steps", std::move(steps)},
            {"gates", std::move(gates)}};
}

} // namespace

Json report_json(const Source& source, const Evidence& evidence) {
    const Counts counts = count(source);
    const Verdict answer = verdict(source);
    Json document = {{"schema", "taohf/report/v1"},
                     {"port", source.state.port},
                     {"generated", source.generated}};
    document["verdict"] = {
        {"word", answer.word}, {"title", answer.title}, {"detail", answer.detail}};
    document["gates"] = {{"passed", counts.passed},
                         {"red", counts.red},
                         {"warnings", counts.warnings},
                         {"approved", counts.approved},
                         {"emulated", counts.emulated},
                         {"not_judged", counts.not_judged}};
    document["emulated"] = counts.emulated > 0 || runs_in_sandbox(source);
    const Json* inputs = find_path(source.scope, "inputs");
    document["inputs"] = inputs == nullptr ? source.state.inputs : *inputs;
    document["phases"] = Json::array();
    for (const phase::PhaseSpec& phase : source.phases)
        document["phases"].push_back(phase_json(source, phase));
    document["approvals"] = Json::object();
    for (const auto& [gate, approval] : source.state.approvals)
        document["approvals"][gate] = {
            {"by", approval.by}, {"reason", approval.reason}, {"time", approval.time}};
    document["evidence"] = Json::object();
    document["absent"] = Json::object();
    for (const auto& [name, found] : evidence)
        if (!found.note.empty())
            document["absent"][name] = found.note;
        else if (name == "accuracy" || name == "training_curve" || name == "samples")
            document["evidence"][name] = found.value;
    document["commands"] = commands(source);
    return document;
}

} // namespace taohf::actions::report
