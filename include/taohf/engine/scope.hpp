#pragma once

#include <taohf/base/json.hpp>
#include <taohf/engine/workspace.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/record.hpp>

#include <string>
#include <vector>

namespace taohf::engine {

/// What `${...}` and `when:` see: port, inputs, tao, paths, layout, profile, steps.
/// Needs the clones (for layout: auto); REPO error that names `taohf init` without them.
Result<Json> make_scope(host::Host& host,
                        const Workspace& workspace,
                        const lang::Library& templates,
                        const std::string& port,
                        const Json& inputs);

/// scope["steps"][id] = the recorded outputs plus {"outcome": ...}; `{}` for steps without a
/// record.
void add_steps(Json& scope,
               const std::vector<phase::PhaseSpec>& phases,
               const state::PortState& state);
void add_step(Json& scope, const state::StepRecord& record);

} // namespace taohf::engine
