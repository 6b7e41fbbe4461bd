#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/host.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/record.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace taohf::engine {

/// The product's speech during a run. Called by one thread at a time; never throws.
class Reporter {
public:
    virtual ~Reporter() = default;
    virtual void run_started(const std::string& port, const Json& inputs) = 0;
    virtual void phase_started(const phase::PhaseSpec& phase) = 0;
    virtual void step_started(const phase::StepSpec& step, const std::string& reason) = 0;
    virtual void step_output(const std::string& step, std::string_view line) = 0;
    virtual void step_finished(const phase::StepSpec& step, const state::StepRecord& record) = 0;
    /// Not run: up to date, or its `when` does not hold.
    virtual void step_passed_over(const phase::StepSpec& step, const std::string& reason) = 0;
    virtual void gate_judged(const state::GateRecord& gate) = 0;
    virtual void phase_finished(const phase::PhaseSpec& phase,
                                const state::PhaseRecord& record) = 0;
    virtual void run_finished(const std::string& summary) = 0;
};

/// One line for each change, no control characters: pipes, files, CI.
std::unique_ptr<Reporter> make_plain_reporter(host::Host& host);
/// One moving line for each running step: elapsed time and its last output line.
std::unique_ptr<Reporter> make_terminal_reporter(host::Host& host, bool colour);
/// NDJSON events on standard output, schema taohf/event/v1.
std::unique_ptr<Reporter> make_event_reporter(host::Host& host);
/// Says nothing.
std::unique_ptr<Reporter> make_silent_reporter();

} // namespace taohf::engine
