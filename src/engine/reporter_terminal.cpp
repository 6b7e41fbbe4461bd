#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <taohf/base/text.hpp>
#include <taohf/engine/reporter.hpp>

namespace taohf::engine {

namespace {

constexpr std::chrono::milliseconds k_redraw{120};

/// Cuts at a character boundary so that the line never wraps.
std::string fit(const std::string& line, int width) {
    std::string out;
    int columns = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool starts = (static_cast<unsigned char>(line[i]) & 0xC0) != 0x80;
        if (starts && ++columns >= width)
            break;
        out += line[i];
    }
    return out;
}

/// "45%" or "12/40" in what the step prints, or "".
std::string progress_in(std::string_view line) {
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] != '%')
            continue;
        std::size_t begin = i;
        while (begin > 0 && (line[begin - 1] >= '0' && line[begin - 1] <= '9'))
            --begin;
        if (begin < i && i - begin <= 3)
            return std::string(line.substr(begin, i - begin + 1));
    }
    return "";
}

class TerminalReporter final : public Reporter {
  public:
    TerminalReporter(host::Host& host, bool colour) : host_(host), colour_(colour) {}
    ~TerminalReporter() override { clear(); }

    void run_started(const std::string& port, const Json& inputs) override {
        say(fmt::format("{} {}", bold("taohf " + port), inputs.contains("model") ? scalar_text(inputs.at("model")) : ""));
    }

    void phase_started(const phase::PhaseSpec& phase) override {
        passed_ = 0;
        red_ = 0;
        up_to_date_ = 0;
        ran_ = 0;
        say(fmt::format("\n{} {}", bold(fmt::format("{}", phase.number)), bold(phase.title)));
    }

    void step_started(const phase::StepSpec& step, const std::string& reason) override {
        title_ = step.title;
        last_ = reason;
        progress_.clear();
        started_ = host_.clock.steady();
        draw(true);
    }

    void step_output(std::string_view line) override {
        const auto trimmed = text::trim(line);
        if (!trimmed.empty())
            last_ = trimmed;
        if (const std::string found = progress_in(line); !found.empty())
            progress_ = found;
        draw(false);
    }

    void step_finished(const phase::StepSpec& step, const state::StepRecord& record) override {
        title_.clear();
        ++ran_;
        const bool good = record.outcome == "success";
        say(fmt::format("  {} {:<52} {:>9}", good ? paint("✓", 32) : paint("✗", 31), step.title, text::human_seconds(record.seconds)));
    }

    void step_passed_over(const phase::StepSpec&, const std::string& reason) override {
        if (reason == "up to date")
            ++up_to_date_;
    }

    void gate_judged(const state::GateRecord& gate) override {
        gate.passed ? ++passed_ : ++red_;
        if (!gate.passed)
            say(fmt::format("  {} {} {}\n      expected {}\n      observed {}",
                            paint(gate.severity == "error" ? "■ red" : "■ warning", 31), gate.id, gate.title, gate.expected, gate.observed));
    }

    void phase_finished(const phase::PhaseSpec&, const state::PhaseRecord& record) override {
        std::string line;
        if (record.conclusion == "skipped")
            line = "skipped: " + record.reason;
        else
            line = fmt::format("{} gates passed", passed_) + (red_ > 0 ? fmt::format(", {} red", red_) : "") +
                   (up_to_date_ > 0 ? fmt::format(", {} steps up to date", up_to_date_) : "");
        say("  " + paint(line, red_ > 0 ? 31 : 2));
    }

    void run_finished(const std::string& summary) override { say("\n" + summary); }

  private:
    std::string bold(const std::string& text) const { return paint(text, 1); }

    std::string paint(const std::string& text, int code) const {
        return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    }

    void clear() {
        if (drawn_)
            std::fputs("\r\x1b[K", stderr);
        drawn_ = false;
    }

    void say(const std::string& line) {
        clear();
        std::fputs((host_.secrets.mask(line) + "\n").c_str(), stderr);
    }

    void draw(bool now) {
        const auto time = host_.clock.steady();
        if (!now && drawn_ && time - last_draw_ < k_redraw)
            return;
        last_draw_ = time;
        clear();
        const double seconds = std::chrono::duration<double>(time - started_).count();
        const std::string line =
            fmt::format("  ▸ {} {}{} · {}", title_, text::human_seconds(seconds), progress_.empty() ? "" : " " + progress_, last_);
        std::fputs(fit(line, std::max(20, host_.environment.terminal_width())).c_str(), stderr);
        std::fflush(stderr);
        drawn_ = true;
    }

    host::Host& host_;
    bool colour_;
    bool drawn_ = false;
    int passed_ = 0;
    int red_ = 0;
    int ran_ = 0;
    int up_to_date_ = 0;
    std::string title_;
    std::string last_;
    std::string progress_;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point last_draw_;
};

} // namespace

std::unique_ptr<Reporter> make_terminal_reporter(host::Host& host, bool colour) {
    return std::make_unique<TerminalReporter>(host, colour);
}

} // namespace taohf::engine
