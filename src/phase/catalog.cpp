#include <taohf/base/text.hpp>
#include <taohf/phase/spec.hpp>

#include <algorithm>
#include <future>
#include <map>
#include <set>

namespace taohf::phase {

namespace {

void check_unique(const std::vector<PhaseSpec>& phases, Diagnostics& diagnostics) {
    std::set<std::string> steps;
    std::set<std::string> gates;
    for (const PhaseSpec& phase : phases) {
        for (const StepSpec& step : phase.steps)
            if (!steps.insert(step.id).second)
                diagnostics.error(step.span, "step id '" + step.id + "' stands twice");
        for (const GateSpec& gate : phase.gates)
            if (!gates.insert(gate.id).second)
                diagnostics.error(gate.span, "gate id '" + gate.id + "' stands twice");
    }
}

void check_gate_steps(const PhaseSpec& phase, Diagnostics& diagnostics) {
    std::vector<std::string> ids;
    for (const StepSpec& step : phase.steps)
        ids.push_back(step.id);
    for (const GateSpec& gate : phase.gates) {
        if (std::ranges::find(ids, gate.step) != ids.end())
            continue;
        const auto near = text::nearest(gate.step, ids);
        diagnostics.error(gate.span,
                          "gate " + gate.id + " names step '" + gate.step +
                              "', which this phase does not have",
                          near ? "did you mean '" + *near + "'?" : "");
    }
}

/// A step waits only for steps that stand before it, so that there can be no cycle.
void check_order(const PhaseSpec& phase, Diagnostics& diagnostics) {
    std::vector<std::string> before;
    for (const StepSpec& step : phase.steps) {
        for (const std::string& id : step.after.value_or(std::vector<std::string>{}))
            if (std::ranges::find(before, id) == before.end())
                diagnostics.error(step.span,
                                  "step '" + step.id + "' comes after '" + id +
                                      "', which does not stand before it in this phase");
        before.push_back(step.id);
    }
}

/// Phases run in order of their numbers, so a need that is not smaller is a cycle or a slip.
void check_needs(const std::vector<PhaseSpec>& phases, Diagnostics& diagnostics) {
    std::set<int> known;
    for (const PhaseSpec& phase : phases) {
        for (const int needed : phase.needs)
            if (!known.contains(needed))
                diagnostics.error({phase.file, 1, 1},
                                  "needs phase " + std::to_string(needed) +
                                      ", which does not come before it");
        known.insert(phase.number);
    }
}

/// Reading YAML is most of what a command with nothing to do costs, so that each file has a thread.
std::vector<PhaseSpec> decode_all(const lang::Library& library,
                                  const std::vector<std::string>& verbs,
                                  Diagnostics& diagnostics) {
    struct Decoded {
        std::optional<PhaseSpec> phase;
        Diagnostics findings;
    };

    std::vector<std::future<Decoded>> files;
    for (const std::string& path : library.list())
        if (path.ends_with(".yaml"))
            files.push_back(std::async(std::launch::async, [&library, &verbs, path] {
                Decoded decoded;
                decoded.phase =
                    decode_phase(*library.find(path), library.place(path), verbs, decoded.findings);
                return decoded;
            }));
    std::vector<PhaseSpec> phases;
    for (auto& file : files) {
        Decoded decoded = file.get();
        for (const Diagnostic& finding : decoded.findings.all())
            diagnostics.report(finding);
        if (decoded.phase)
            phases.push_back(std::move(*decoded.phase));
    }
    return phases;
}

} // namespace

Result<std::vector<PhaseSpec>> load_phases(const lang::Library& library,
                                           const std::vector<std::string>& verbs) {
    Diagnostics diagnostics;
    std::vector<PhaseSpec> phases = decode_all(library, verbs, diagnostics);
    std::ranges::sort(phases, {}, &PhaseSpec::number);
    check_unique(phases, diagnostics);
    check_needs(phases, diagnostics);
    for (const PhaseSpec& phase : phases)
        check_gate_steps(phase, diagnostics);
    for (const PhaseSpec& phase : phases)
        check_order(phase, diagnostics);
    if (diagnostics.has_errors())
        return tl::unexpected<Error>(diagnostics.to_error());
    if (phases.empty())
        return fail(ErrorCode::spec, "there are no phase files in " + library.origin());
    return phases;
}

} // namespace taohf::phase
