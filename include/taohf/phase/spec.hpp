#pragma once

#include <taohf/base/diagnostics.hpp>
#include <taohf/base/json.hpp>
#include <taohf/lang/condition.hpp>
#include <taohf/lang/library.hpp>

#include <optional>
#include <string>
#include <vector>

namespace taohf::phase {

/// One numbered step of a phase. It does exactly one verb; texts are interpolated when it runs.
struct StepSpec {
    std::string id; ///< unique over all phases, kebab-case: "export-onnx"
    std::string title;
    std::string verb; ///< the one verb key present: "run", "render", ...
    Json arguments;   ///< that key's value
    Span span;
    std::optional<lang::Condition> when;
    /// Steps of the phase, before this one in the file, that must have ended; absent: all before
    /// it.
    std::optional<std::vector<std::string>> after;
    std::vector<std::string> inputs;  ///< workspace paths whose content the step depends on
    std::vector<std::string> creates; ///< workspace paths that must exist afterwards
    std::string timeout = "1h";       ///< "90s", "10m", "12h"
    int attempts = 1;
};

/// A named condition over evidence. `assertion` holds one subject key and matcher keys.
struct GateSpec {
    std::string id;    ///< "G6.7"
    std::string title; ///< what a person wants to know: "ONNX graph is valid and complete"
    std::string step;  ///< the step that owns the evidence
    std::string severity = "error"; ///< or "warn"
    std::optional<lang::Condition> when;
    Json
        assertion; ///< {"json": "...", "pointer": "/x", "at_most": 2e-5} or {"all": [ {...}, ... ]}
    Span span;
};

struct PhaseSpec {
    int number = 0;
    std::string id; ///< the file's name after its number
    std::string title;
    std::string summary;
    std::vector<int> needs;
    std::string when_not; ///< words for a phase that is skipped because of `when`
    std::optional<lang::Condition> when;
    std::vector<StepSpec> steps;
    std::vector<GateSpec> gates;
    std::string file; ///< what messages call it
};

/// The modifiers a step may carry besides its verb; every other key must be a known verb.
/// Decodes `N-id.yaml`; all mistakes are reported with line and column.
std::optional<PhaseSpec> decode_phase(const std::string& text,
                                      const std::string& file,
                                      const std::vector<std::string>& verbs,
                                      Diagnostics& diagnostics);

/// All phase files of a library in order of their numbers, checked together: unique step and gate
/// ids, needs exist and form no cycle, gates name existing steps. SPEC error with every finding.
Result<std::vector<PhaseSpec>> load_phases(const lang::Library& library,
                                           const std::vector<std::string>& verbs);

/// "90s", "10m", "12h" or plain seconds.
Result<long long> parse_seconds(const std::string& text);

} // namespace taohf::phase
