#pragma once

#include <taohf/actions/action.hpp>
#include <taohf/actions/digests.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/record.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace taohf::engine {

enum class Decision { run, up_to_date, skipped };

/// What would happen to one step, and why.
struct StepPlan {
    int phase = 0;
    std::string step;
    std::string title;
    Decision decision = Decision::run;
    std::vector<std::string> reasons; ///< "never ran", "template common/x.tmpl changed", ...
    bool certain = true;              ///< false when it depends on a step that will run first
};

/// A step with its texts interpolated and everything it depends on measured.
struct Measured {
    Json arguments;
    std::vector<std::string> inputs;
    std::vector<std::string> creates;
    std::vector<state::Material> given; ///< arguments, revision of the verb, inputs
    std::vector<state::Material> own;   ///< what the verb itself measures: templates, images ...

    std::vector<state::Material> materials() const;
};

/// Interpolates and digests; changes nothing, starts no container.
Result<Measured> measure(const phase::StepSpec& step,
                         const actions::Action& action,
                         const actions::StepContext& context,
                         actions::DigestCache& digests);

/// Pure: why this step has to run now; empty = its record still holds.
std::vector<std::string> reasons_to_run(const state::StepRecord* record,
                                        const std::vector<state::Material>& materials,
                                        const std::vector<std::string>& broken_outputs);

/// Promised outputs that are gone or (for verbs with fresh outputs) changed since.
Result<std::vector<std::string>> broken_outputs(const state::StepRecord& record,
                                                const actions::Action& action,
                                                const host::Path& workspace,
                                                actions::DigestCache& digests);

} // namespace taohf::engine
