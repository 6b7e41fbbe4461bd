#include "support/fake_process_runner.hpp"

#include <taohf/base/text.hpp>

#include <algorithm>

namespace taohf::test {

namespace {

bool has_all(const std::string& line, const std::vector<std::string>& words) {
    return std::ranges::all_of(
        words, [&line](const std::string& word) { return line.find(word) != std::string::npos; });
}

void feed(const host::LineSink& sink, std::string_view text, bool is_error) {
    if (!sink || text.empty())
        return;
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    for (const std::string& line : text::split(text, '\n'))
        sink(line, is_error);
}

} // namespace

ProcessRule& ProcessRule::prints(std::string out) {
    exit.out = std::move(out);
    return *this;
}

ProcessRule& ProcessRule::complains(std::string err) {
    exit.err = std::move(err);
    return *this;
}

ProcessRule& ProcessRule::exits(int code) {
    exit.code = code;
    return *this;
}

ProcessRule& ProcessRule::ends(host::ProcessEnd end) {
    exit.end = end;
    return *this;
}

ProcessRule& ProcessRule::once() {
    is_once = true;
    return *this;
}

ProcessRule&
ProcessRule::runs(std::function<Result<host::ProcessExit>(const host::ProcessSpec&)> function) {
    handler = std::move(function);
    return *this;
}

ProcessRule& FakeProcessRunner::when(std::vector<std::string> words) {
    ProcessRule& rule = rules_.emplace_back();
    rule.words = std::move(words);
    return rule;
}

void FakeProcessRunner::without(const std::string& program) {
    missing_.push_back(program);
}

int FakeProcessRunner::count(const std::vector<std::string>& words) const {
    const auto fits = [&words](const host::ProcessSpec& call) {
        return has_all(text::join(call.argv, " "), words);
    };
    return static_cast<int>(std::ranges::count_if(calls_, fits));
}

Result<host::ProcessExit> FakeProcessRunner::run(const host::ProcessSpec& spec,
                                                 const host::LineSink& sink,
                                                 std::stop_token stop) {
    calls_.push_back(spec);
    if (spec.argv.empty())
        return fail(ErrorCode::bug, "a process without argv");
    if (std::ranges::find(missing_, spec.argv[0]) != missing_.end())
        return fail(ErrorCode::env,
                    "cannot start '" + spec.argv[0] + "': No such file or directory",
                    "install " + spec.argv[0]);
    const std::string line = text::join(spec.argv, " ");
    const auto rule = std::ranges::find_if(rules_, [&line](const ProcessRule& row) {
        return !row.is_used_up && has_all(line, row.words);
    });
    if (rule == rules_.end())
        return fail(ErrorCode::bug, "no rule of the fake process runner fits: " + line);
    const ProcessRule found = *rule;
    rule->is_used_up = found.is_once;
    if (stop.stop_requested()) {
        host::ProcessExit exit;
        exit.end = host::ProcessEnd::cancelled;
        return exit;
    }
    TAOHF_TRY_ASSIGN(host::ProcessExit exit,
                     found.handler ? found.handler(spec) : Result<host::ProcessExit>(found.exit));
    feed(sink, exit.out, false);
    feed(sink, exit.err, true);
    return exit;
}

} // namespace taohf::test
