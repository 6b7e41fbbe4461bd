#pragma once

#include <taohf/host/host.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/record.hpp>

#include <functional>
#include <string>
#include <vector>

namespace taohf::gates {

/// What an assertion may read: the workspace's files and the port's scope. Starts no container.
struct GateContext {
    host::FileSystem& files;
    host::Path workspace;
    const Json&
        scope; ///< for interpolation: port, task, inspection, steps, inputs, layout, paths ...
    /// Digest of a file or folder as state records hold it, "absent" for nothing; empty = read
    /// regular files, and folders cannot be judged.
    std::function<std::string(const host::Path&)> digest = {};
};

/// Judges one gate. Never fails: what cannot be read is an observation, and the gate is red.
state::GateRecord judge(const phase::GateSpec& gate, int phase, const GateContext& context);

/// All gates of a phase whose `when` holds.
std::vector<state::GateRecord> judge_all(const phase::PhaseSpec& phase, const GateContext& context);

/// A phase file's assertions are checked when it is loaded: known subject, known matchers, types.
void check(const phase::GateSpec& gate, Diagnostics& diagnostics);

/// Names for documentation and `taohf schema`.
struct Row {
    std::string name;
    std::string summary;
};

std::vector<Row> subjects();
std::vector<Row> matchers();

} // namespace taohf::gates
