#include <taohf/base/text.hpp>
#include <taohf/engine/reporter.hpp>

#include <fmt/format.h>

#include <cstdio>

namespace taohf::engine {

namespace {

class PlainReporter final : public Reporter {
public:
    explicit PlainReporter(host::Host& host) : host_(host) {}

    void run_started(const std::string& port, const Json& inputs) override {
        say(fmt::format("port {}: {} ({} profile)",
                        port,
                        inputs.value("model", Json()).is_null() ? ""
                                                                : scalar_text(inputs.at("model")),
                        scalar_text(inputs.value("profile", Json("?")))));
    }

    void phase_started(const phase::PhaseSpec& phase) override {
        say(fmt::format("phase {}: {}", phase.number, phase.title));
    }

    void step_started(const phase::StepSpec& step, const std::string& reason) override {
        say(fmt::format("  {} ... ({})", step.id, reason));
    }

    void step_output(const std::string&, std::string_view) override {}

    void step_finished(const phase::StepSpec& step, const state::StepRecord& record) override {
        say(fmt::format(
            "  {} {} in {}", step.id, record.outcome, text::human_seconds(record.seconds)));
    }

    void step_passed_over(const phase::StepSpec& step, const std::string& reason) override {
        say(fmt::format("  {} - {}", step.id, reason));
    }

    void gate_judged(const state::GateRecord& gate) override {
        if (gate.passed)
            say(fmt::format(
                "  {} passed{}: {}", gate.id, gate.emulated ? " (emulated)" : "", gate.title));
        else
            say(fmt::format("  {} RED: {}; expected {}, observed {}",
                            gate.id,
                            gate.title,
                            gate.expected,
                            gate.observed));
    }

    void phase_finished(const phase::PhaseSpec& phase, const state::PhaseRecord& record) override {
        say(fmt::format("phase {}: {}{}",
                        phase.number,
                        record.conclusion,
                        record.reason.empty() ? "" : ", " + record.reason));
    }

    void run_finished(const std::string& summary) override { say(summary); }

private:
    void say(const std::string& line) {
        const std::string clean = host_.secrets.mask(line) + "\n";
        std::fwrite(clean.data(), 1, clean.size(), stderr);
    }

    host::Host& host_;
};

class SilentReporter final : public Reporter {
    void run_started(const std::string&, const Json&) override {}

    void phase_started(const phase::PhaseSpec&) override {}

    void step_started(const phase::StepSpec&, const std::string&) override {}

    void step_output(const std::string&, std::string_view) override {}

    void step_finished(const phase::StepSpec&, const state::StepRecord&) override {}

    void step_passed_over(const phase::StepSpec&, const std::string&) override {}

    void gate_judged(const state::GateRecord&) override {}

    void phase_finished(const phase::PhaseSpec&, const state::PhaseRecord&) override {}

    void run_finished(const std::string&) override {}
};

} // namespace

std::unique_ptr<Reporter> make_plain_reporter(host::Host& host) {
    return std::make_unique<PlainReporter>(host);
}

std::unique_ptr<Reporter> make_silent_reporter() {
    return std::make_unique<SilentReporter>();
}

} // namespace taohf::engine
