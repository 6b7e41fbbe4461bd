#include <taohf/base/text.hpp>
#include <taohf/lang/interpolate.hpp>

#include "tables.hpp"

namespace taohf::gates {

namespace {

void turn_red(state::GateRecord& record, std::string expected, std::string observed) {
    record.passed = false;
    record.expected = std::move(expected);
    record.observed = std::move(observed);
}

void add_words(std::string& text, const std::string& more) {
    text += (text.empty() ? "" : "; ") + more;
}

std::string observed_words(const Verdict& verdict, const Observation& seen) {
    if (!seen.problem.empty())
        return shown(seen.problem);
    if (!verdict.observed.empty())
        return verdict.observed;
    return seen.words.empty() ? shown(seen.value) : seen.words;
}

/// Only `exists` may be content with something that could not be read.
Verdict
verdict_of(const MatcherRow& row, const Json& operand, const Observation& seen, Judge& judge) {
    Verdict verdict = row.test(operand, seen, judge);
    if (!seen.problem.empty() && std::string_view(row.name) != "exists")
        verdict.passed = false;
    return verdict;
}

/// Judges one {subject, matchers...} mapping into the record; the first red matcher speaks.
void judge_one(const Json& assertion, Judge& judge, state::GateRecord& record) {
    const SubjectRow* subject = nullptr;
    for (const SubjectRow& row : subject_rows())
        if (assertion.is_object() && assertion.contains(row.name))
            subject = &row;
    if (subject == nullptr)
        return turn_red(record, "an assertion with a subject", shown(assertion));
    const Observation seen = subject->observe(assertion.at(subject->name), assertion, judge);
    int matchers = 0;
    for (const MatcherRow& row : matcher_rows()) {
        if (!assertion.contains(row.name))
            continue;
        ++matchers;
        const Verdict verdict = verdict_of(row, assertion.at(row.name), seen, judge);
        const std::string observed = observed_words(verdict, seen);
        if (!record.passed)
            continue;
        if (!verdict.passed) {
            turn_red(record, verdict.expected, observed);
            continue;
        }
        add_words(record.expected, verdict.expected);
        add_words(record.observed, observed);
    }
    if (matchers == 0 && record.passed)
        turn_red(record, "an assertion with a matcher", shown(assertion));
}

/// Paths of every `${...}` in a value.
void collect_paths(const Json& value, std::vector<std::string>& paths) {
    if (value.is_string())
        if (const auto used = lang::paths_used(value.get<std::string>()))
            paths.insert(paths.end(), used->begin(), used->end());
    if (value.is_structured())
        for (const Json& item : value)
            collect_paths(item, paths);
}

/// Why a value of a step is missing, in words about the step; `otherwise` when no step is to blame.
std::string
missing_because(const std::vector<std::string>& paths, const Json& scope, std::string otherwise) {
    for (const std::string& path : paths) {
        const auto parts = text::split(path, '.');
        if (parts.size() < 2 || parts[0] != "steps" || find_path(scope, path) != nullptr)
            continue;
        const Json* step = find_path(scope, "steps." + parts[1]);
        if (step == nullptr)
            return "step " + parts[1] + " has not run";
        const std::string outcome = step->value("outcome", "success");
        if (outcome != "success")
            return "step " + parts[1] + " has not succeeded (" + outcome + ")";
    }
    return otherwise;
}

state::GateRecord record_for(const phase::GateSpec& gate, int phase) {
    state::GateRecord record;
    record.id = gate.id;
    record.phase = phase;
    record.step = gate.step;
    record.title = gate.title;
    record.severity = gate.severity;
    record.passed = true;
    return record;
}

state::GateRecord
judge_with(const phase::GateSpec& gate, int phase, const GateContext& context, Readings& readings) {
    state::GateRecord record = record_for(gate, phase);
    const auto assertion = lang::interpolate_all(gate.assertion, context.scope);
    if (!assertion) {
        std::vector<std::string> paths;
        collect_paths(gate.assertion, paths);
        turn_red(record,
                 "values of step " + gate.step,
                 missing_because(paths, context.scope, assertion.error().message));
        return record;
    }
    Judge judge(context, readings);
    if (!assertion->is_object() || !assertion->contains("all"))
        judge_one(*assertion, judge, record);
    else if (assertion->at("all").empty())
        turn_red(record, "at least one assertion", "none");
    else
        for (const Json& part : assertion->at("all"))
            judge_one(part, judge, record);
    record.emulated = judge.emulated();
    record.evidence.assign(judge.evidence().begin(), judge.evidence().end());
    return record;
}

} // namespace

state::GateRecord judge(const phase::GateSpec& gate, int phase, const GateContext& context) {
    Readings readings;
    return judge_with(gate, phase, context, readings);
}

std::vector<state::GateRecord> judge_all(const phase::PhaseSpec& phase,
                                         const GateContext& context) {
    std::vector<state::GateRecord> records;
    Readings readings;
    for (const phase::GateSpec& gate : phase.gates) {
        const Result<bool> wanted =
            gate.when ? lang::evaluate(*gate.when, context.scope) : Result<bool>(true);
        if (!wanted) {
            records.push_back(record_for(gate, phase.number));
            turn_red(records.back(),
                     "when " + lang::to_text(*gate.when),
                     missing_because({gate.when->path}, context.scope, wanted.error().message));
        } else if (*wanted) {
            records.push_back(judge_with(gate, phase.number, context, readings));
        }
    }
    return records;
}

} // namespace taohf::gates
