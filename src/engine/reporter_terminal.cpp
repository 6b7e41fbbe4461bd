#include <taohf/base/text.hpp>
#include <taohf/engine/reporter.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <vector>

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
        say(fmt::format("{} {}",
                        bold("taohf " + port),
                        inputs.contains("model") ? scalar_text(inputs.at("model")) : ""));
    }

    void phase_started(const phase::PhaseSpec& phase) override {
        passed_ = 0;
        red_ = 0;
        up_to_date_ = 0;
        say(fmt::format("\n{} {}", bold(fmt::format("{}", phase.number)), bold(phase.title)));
    }

    void step_started(const phase::StepSpec& step, const std::string& reason) override {
        moving_.push_back({step.id, step.title, reason, "", host_.clock.steady()});
        draw(true);
    }

    void step_output(const std::string& step, std::string_view line) override {
        const auto moving = std::ranges::find(moving_, step, &Moving::step);
        if (moving == moving_.end())
            return;
        const auto trimmed = text::trim(line);
        if (!trimmed.empty())
            moving->last = trimmed;
        if (const std::string found = progress_in(line); !found.empty())
            moving->progress = found;
        draw(false);
    }

    void step_finished(const phase::StepSpec& step, const state::StepRecord& record) override {
        std::erase_if(moving_, [&](const Moving& moving) { return moving.step == step.id; });
        const bool good = record.outcome == "success";
        say(fmt::format("  {} {:<52} {:>9}",
                        good ? paint("✓", 32) : paint("✗", 31),
                        step.title,
                        text::human_seconds(record.seconds)));
        draw(true);
    }

    void step_passed_over(const phase::StepSpec&, const std::string& reason) override {
        if (reason == "up to date")
            ++up_to_date_;
    }

    void gate_judged(const state::GateRecord& gate) override {
        gate.passed ? ++passed_ : ++red_;
        if (!gate.passed)
            say(fmt::format("  {} {} {}\n      expected {}\n      observed {}",
                            paint(gate.severity == "error" ? "■ red" : "■ warning", 31),
                            gate.id,
                            gate.title,
                            gate.expected,
                            gate.observed));
    }

    void phase_finished(const phase::PhaseSpec&, const state::PhaseRecord& record) override {
        std::string line;
        if (record.conclusion == "skipped")
            line = "skipped: " + record.reason;
        else
            line = fmt::format("{} gates passed", passed_) +
                   (red_ > 0 ? fmt::format(", {} red", red_) : "") +
                   (up_to_date_ > 0 ? fmt::format(", {} steps up to date", up_to_date_) : "");
        say("  " + paint(line, red_ > 0 ? 31 : 2));
    }

    void run_finished(const std::string& summary) override { say("\n" + summary); }

private:
    std::string bold(const std::string& text) const { return paint(text, 1); }

    std::string paint(const std::string& text, int code) const {
        return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    }

    /// The cursor stands at the end of the last drawn line.
    void clear() {
        for (int line = 0; line < drawn_; ++line)
            std::fputs(line == 0 ? "\r\x1b[K" : "\x1b[1A\r\x1b[K", stderr);
        drawn_ = 0;
    }

    void say(const std::string& line) {
        clear();
        std::fputs((host_.secrets.mask(line) + "\n").c_str(), stderr);
    }

    void draw(bool now) {
        const auto time = host_.clock.steady();
        if (!now && drawn_ > 0 && time - last_draw_ < k_redraw)
            return;
        last_draw_ = time;
        clear();
        for (const Moving& moving : moving_) {
            const double seconds = std::chrono::duration<double>(time - moving.started).count();
            const std::string line =
                fmt::format("{}  ▸ {} {}{} · {}",
                            drawn_ > 0 ? "\n" : "",
                            moving.title,
                            text::human_seconds(seconds),
                            moving.progress.empty() ? "" : " " + moving.progress,
                            moving.last);
            std::fputs(fit(line, std::max(20, host_.environment.terminal_width())).c_str(), stderr);
            ++drawn_;
        }
        std::fflush(stderr);
    }

    struct Moving {
        std::string step;
        std::string title;
        std::string last;     ///< the last line that it said
        std::string progress; ///< "45%", or ""
        std::chrono::steady_clock::time_point started;
    };

    host::Host& host_;
    bool colour_;
    int drawn_ = 0; ///< lines that move at the moment
    std::vector<Moving> moving_;
    int passed_ = 0;
    int red_ = 0;
    int up_to_date_ = 0;
    std::chrono::steady_clock::time_point last_draw_;
};

} // namespace

std::unique_ptr<Reporter> make_terminal_reporter(host::Host& host, bool colour) {
    return std::make_unique<TerminalReporter>(host, colour);
}

} // namespace taohf::engine
