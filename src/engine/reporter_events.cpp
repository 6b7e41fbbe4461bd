#include <taohf/engine/reporter.hpp>

#include <cstdio>

namespace taohf::engine {

namespace {

class EventReporter final : public Reporter {
public:
    explicit EventReporter(host::Host& host) : host_(host) {}

    void run_started(const std::string& port, const Json& inputs) override {
        emit("run_started", {{"port", port}, {"inputs", inputs}});
    }

    void phase_started(const phase::PhaseSpec& phase) override {
        phase_ = phase.number;
        emit("phase_started", {{"title", phase.title}});
    }

    void step_started(const phase::StepSpec& step, const std::string& reason) override {
        emit("step_started", {{"step", step.id}, {"title", step.title}, {"reason", reason}});
    }

    void step_output(const std::string& step, std::string_view line) override {
        emit("step_output", {{"step", step}, {"line", std::string(line)}});
    }

    void step_finished(const phase::StepSpec& step, const state::StepRecord& record) override {
        emit("step_finished",
             {{"step", step.id},
              {"outcome", record.outcome},
              {"seconds", record.seconds},
              {"attempts", record.attempts}});
    }

    void step_passed_over(const phase::StepSpec& step, const std::string& reason) override {
        emit("step_passed_over", {{"step", step.id}, {"reason", reason}});
    }

    void gate_judged(const state::GateRecord& gate) override {
        emit("gate_judged", {{"gate", state::to_json(gate)}});
    }

    void phase_finished(const phase::PhaseSpec&, const state::PhaseRecord& record) override {
        emit("phase_finished", {{"conclusion", record.conclusion}, {"reason", record.reason}});
    }

    void run_finished(const std::string& summary) override {
        emit("run_finished", {{"summary", summary}});
    }

private:
    void emit(const char* event, const Json& fields) {
        Json line = {{"schema", "taohf/event/v1"},
                     {"seq", ++sequence_},
                     {"ts", host::utc_text(host_.clock.now())},
                     {"event", event},
                     {"phase", phase_ < 0 ? Json() : Json(phase_)}};
        for (const auto& [name, value] : fields.items())
            line[name] = value;
        const std::string text =
            host_.secrets.mask(line.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }

    host::Host& host_;
    int sequence_ = 0;
    int phase_ = -1;
};

} // namespace

std::unique_ptr<Reporter> make_event_reporter(host::Host& host) {
    return std::make_unique<EventReporter>(host);
}

} // namespace taohf::engine
