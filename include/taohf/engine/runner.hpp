#pragma once

#include <taohf/actions/action.hpp>
#include <taohf/engine/planner.hpp>
#include <taohf/engine/reporter.hpp>
#include <taohf/engine/workspace.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/store.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace taohf::engine {

struct Performed;

struct RunOptions {
    int first = 0;
    int last = 6;
    bool force = false; ///< run every step of the range
    std::string from;   ///< run this step and all later ones of the range
};

/// Goes through the phases of one port: plans each step from the evidence, runs what is needed,
/// judges the gates, records everything. Holds the port's lock while it lives.
class Runner final {
public:
    Runner(actions::Services services,
           const std::vector<phase::PhaseSpec>& phases,
           state::StateStore& store,
           Reporter& reporter,
           Json scope);

    /// The first failure ends the run; its class is the error's code (VERDICT for a red gate).
    Status run(const RunOptions& options, std::stop_token stop);

    /// What run() would do, without doing it.
    Result<std::vector<StepPlan>> plan(const RunOptions& options);

    /// Steps that were executed by run().
    int executed() const { return executed_; }

    /// Judges the gates of a phase from the evidence on disk and records them.
    Result<std::vector<state::GateRecord>> judge(const phase::PhaseSpec& phase);

    const Json& scope() const { return scope_; }

private:
    /// The reporter, for one sentence: the threads of running steps speak too.
    struct Voice {
        std::unique_lock<std::mutex> lock;
        Reporter* reporter;

        Reporter* operator->() const { return reporter; }
    };

    Voice voice() { return {std::unique_lock(speech_), &reporter_}; }

    Status
    run_phase(const phase::PhaseSpec& phase, const RunOptions& options, std::stop_token stop);
    Status
    run_steps(const phase::PhaseSpec& phase, const RunOptions& options, std::stop_token stop);
    Result<std::optional<Measured>> prepare(const phase::PhaseSpec& phase,
                                            const phase::StepSpec& step,
                                            const RunOptions& options,
                                            std::stop_token stop);
    Status
    begin(const phase::PhaseSpec& phase, const phase::StepSpec& step, const std::string& reason);
    std::function<Performed()>
    work(const phase::StepSpec& step, const Measured& measured, std::stop_token stop);
    Result<Json> attempt(const phase::StepSpec& step,
                         const Measured& measured,
                         const Json& scope,
                         const Json& previous,
                         const std::string& log_name,
                         std::stop_token stop);
    Status finish(const phase::PhaseSpec& phase,
                  const phase::StepSpec& step,
                  const Measured& measured,
                  Performed performed);
    Status take_over(const phase::StepSpec& step,
                     const Measured& measured,
                     Json outputs,
                     state::StepRecord& record);
    Status conclude(const phase::PhaseSpec& phase, const Status& steps);
    Status check_needs(const phase::PhaseSpec& phase, int first);
    std::optional<std::size_t> place_in_run(const std::string& id) const;
    bool forced(const phase::StepSpec& step, const RunOptions& options) const;
    StepPlan predict(const phase::PhaseSpec& phase,
                     const phase::StepSpec& step,
                     const RunOptions& options,
                     const std::set<std::string>& will_run);

    actions::Services services_;
    const std::vector<phase::PhaseSpec>& phases_;
    state::StateStore& store_;
    Reporter& reporter_;
    Json scope_;
    actions::DigestCache digests_;
    std::size_t places_ = 1; ///< steps that may run side by side
    std::mutex speech_;
    int executed_ = 0;
};

} // namespace taohf::engine
