#pragma once

#include <taohf/host/process.hpp>

#include <deque>
#include <string>
#include <vector>

namespace taohf::test {

/// What to answer when every word stands somewhere in the argv joined by spaces.
struct ProcessRule {
    std::vector<std::string> words;
    host::ProcessExit exit;
    bool is_once = false;
    bool is_used_up = false;
    /// Instead of `exit`, for answers that depend on the call or that leave files behind.
    std::function<Result<host::ProcessExit>(const host::ProcessSpec&)> handler;

    ProcessRule& prints(std::string out);
    ProcessRule& complains(std::string err);
    ProcessRule& exits(int code);
    ProcessRule& ends(host::ProcessEnd end);
    ProcessRule& once();
    ProcessRule& runs(std::function<Result<host::ProcessExit>(const host::ProcessSpec&)> function);
};

/// Answers by the first rule that fits; a call without a rule is an error of class BUG.
class FakeProcessRunner final : public host::ProcessRunner {
public:
    /// `when({"docker", "inspect"}).prints("[]")`; the reference stays valid.
    ProcessRule& when(std::vector<std::string> words);
    /// The program cannot be started: class ENV, as when it is not installed.
    void without(const std::string& program);

    const std::vector<host::ProcessSpec>& calls() const { return calls_; }

    /// Calls whose argv has all the words.
    int count(const std::vector<std::string>& words) const;

    Result<host::ProcessExit>
    run(const host::ProcessSpec& spec, const host::LineSink& sink, std::stop_token stop) override;

private:
    std::deque<ProcessRule> rules_;
    std::vector<std::string> missing_;
    std::vector<host::ProcessSpec> calls_;
};

} // namespace taohf::test
