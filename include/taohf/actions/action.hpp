#pragma once

#include <taohf/actions/sessions.hpp>
#include <taohf/base/diagnostics.hpp>
#include <taohf/container/engine.hpp>
#include <taohf/host/host.hpp>
#include <taohf/lang/library.hpp>
#include <taohf/state/record.hpp>

#include <chrono>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::actions {

/// What every verb may use. Owns nothing; lives as long as one run.
struct Services {
    host::Host& host;
    container::Engine& engine;
    Sessions& sessions;
    const lang::Library& templates;
    host::Path workspace;
    host::Path port_folder; ///< <workspace>/.taohf/<port>: never visible inside a container
    std::string port;
};

/// One execution of one step.
struct StepContext {
    Services& services;
    const Json& scope;            ///< see docs/phases.md
    const Json& previous_outputs; ///< of the step's last success, or an empty object
    std::string step;
    const host::LineSink& line;
    std::stop_token stop;
    std::chrono::milliseconds timeout;

    /// Absolute path of a workspace path; POLICY error when it would leave the workspace.
    Result<host::Path> inside(const std::string& relative) const;
};

/// A verb: what C++ knows how to do. Rows of one table (registry.cpp).
struct Action {
    std::string_view name;
    std::string_view summary;
    std::vector<std::string> required; ///< argument keys; checked when the phase file is loaded
    std::vector<std::string> optional;
    bool fresh_outputs; ///< `creates` is removed before each attempt, and must be intact to skip
    /// Templates, images ... that the arguments alone do not show. Must be quick and change
    /// nothing.
    Result<std::vector<state::Material>> (*materials)(const Json& arguments,
                                                      const StepContext& context);
    /// Returns what later steps see as steps.<id>.<name>.
    Result<Json> (*execute)(const Json& arguments, StepContext& context);
    /// Raised when a success would leave other values than before: ports of an older taohf then run
    /// such steps again.
    int revision = 1;
};

std::span<const Action> registry();
const Action* find_action(std::string_view name);
std::vector<std::string> verb_names();

/// Argument keys of a step against the verb's table; SPEC diagnostics with the nearest key.
void check_arguments(const Action& action,
                     const Json& arguments,
                     const Span& span,
                     Diagnostics& diagnostics);

} // namespace taohf::actions
