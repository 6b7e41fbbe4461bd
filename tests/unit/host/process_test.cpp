#include <taohf/host/process.hpp>

#include <gtest/gtest.h>

#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/hub/real_host.hpp"

namespace taohf::host {
namespace {

using std::chrono::milliseconds;

ProcessSpec shell(const std::string& script) {
    ProcessSpec spec;
    spec.argv = {"sh", "-c", script};
    spec.grace = milliseconds(300);
    return spec;
}

class Process : public testing::Test {
protected:
    std::unique_ptr<ProcessRunner> runner = make_process_runner();

    ProcessExit run(const ProcessSpec& spec, std::stop_token stop = {}) {
        const LineSink sink = [this](std::string_view line, bool is_error) {
            lines.push_back((is_error ? "err: " : "out: ") + std::string(line));
        };
        return runner->run(spec, sink, stop).value();
    }

    ProcessExit run(const std::string& script) { return run(shell(script)); }

    std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

TEST_F(Process, TellsTheExitCode) {
    EXPECT_EQ(run("exit 7").code, 7);
}

TEST_F(Process, TellsTheSignalThatEndedIt) {
    const ProcessExit exit = run("kill -9 $$");
    EXPECT_EQ(std::pair(exit.end, exit.code), std::pair(ProcessEnd::signalled, SIGKILL));
}

TEST_F(Process, KeepsTheStreamsApart) {
    const ProcessExit exit = run("echo one; echo two >&2");
    EXPECT_EQ(std::pair(exit.out, exit.err), std::pair(std::string("one\n"), std::string("two\n")));
}

TEST_F(Process, IsAnErrorOfClassEnvWhenTheProgramIsMissing) {
    ProcessSpec spec;
    spec.argv = {"no-such-program-here"};
    EXPECT_EQ(runner->run(spec).error().code, ErrorCode::env);
}

TEST_F(Process, NamesTheFolderThatIsMissing) {
    ProcessSpec spec = shell("true");
    spec.working_directory = "/no/such/folder";
    EXPECT_EQ(runner->run(spec).error().message,
              "cannot start 'sh' in '/no/such/folder': no such folder");
}

TEST_F(Process, RunsInTheFolderAskedFor) {
    ProcessSpec spec = shell("pwd");
    spec.working_directory = "/usr";
    EXPECT_EQ(run(spec).out, "/usr\n");
}

TEST_F(Process, PassesArgumentsUntouched) {
    ProcessSpec spec;
    spec.argv = {"printf", "%s|", "a b", "$HOME", "*", ""};
    EXPECT_EQ(run(spec).out, "a b|$HOME|*||");
}

TEST_F(Process, AddsToTheEnvironment) {
    ProcessSpec spec = shell("echo $TAOHF_TEST:${PATH:+path}");
    spec.environment = {{"TAOHF_TEST", "x"}};
    EXPECT_EQ(run(spec).out, "x:path\n");
}

TEST_F(Process, ReplacesAVariableInsteadOfDoublingIt) {
    ProcessSpec spec = shell("env | grep -c ^HOME=");
    spec.environment = {{"HOME", "/elsewhere"}};
    EXPECT_EQ(run(spec).out, "1\n");
}

TEST_F(Process, GetsItsInputAndItsEnd) {
    ProcessSpec spec = shell("wc -c");
    spec.input = std::string(1'000'000, 'x');
    EXPECT_EQ(std::stoi(run(spec).out), 1'000'000);
}

TEST_F(Process, GetsAnEmptyInputByDefault) {
    EXPECT_EQ(run("cat").out, "");
}

TEST_F(Process, MayLeaveItsInputUnread) {
    ProcessSpec spec = shell("exit 3");
    spec.input = std::string(1'000'000, 'x');
    EXPECT_EQ(run(spec).code, 3);
}

TEST_F(Process, TellsEachLine) {
    run("printf 'one\\ntwo\\n'; printf three >&2");
    EXPECT_EQ(lines, (Lines{"out: one", "out: two", "err: three"}));
}

TEST_F(Process, SplitsLinesAtCarriageReturns) {
    run("printf '10%%\\r20%%\\r\\nend\\n\\n'");
    EXPECT_EQ(lines, (Lines{"out: 10%", "out: 20%", "out: end", "out: "}));
}

TEST_F(Process, TellsALineBeforeTheProcessEnds) {
    std::stop_source stop;
    const LineSink stop_at_line = [&](std::string_view, bool) { stop.request_stop(); };
    const auto exit = runner->run(shell("echo ready; sleep 60"), stop_at_line, stop.get_token());
    EXPECT_EQ(exit->end, ProcessEnd::cancelled);
}

TEST_F(Process, CutsALongLineAt64KiB) {
    run("head -c 200000 /dev/zero | tr '\\0' x");
    EXPECT_EQ(lines.at(0).size(), std::string("out: ").size() + 65536);
}

TEST_F(Process, KeepsTheLastBytes) {
    ProcessSpec spec = shell("seq 1 100000");
    spec.keep = 12;
    EXPECT_EQ(run(spec).out, "9999\n100000\n");
}

TEST_F(Process, HoldsLittleMemoryHoweverMuchIsPrinted) {
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    ProcessSpec spec = shell("head -c 200000000 /dev/zero");
    EXPECT_TRUE(runner->run(spec)->ok());
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 16 * 1024); // KiB
}

TEST_F(Process, IsEndedAtItsTimeout) {
    ProcessSpec spec = shell("sleep 60");
    spec.timeout = milliseconds(100);
    EXPECT_EQ(run(spec).end, ProcessEnd::timed_out);
}

TEST_F(Process, IsEndedSoonAfterItsTimeout) {
    ProcessSpec spec = shell("sleep 60");
    spec.timeout = milliseconds(100);
    EXPECT_LT(run(spec).duration, milliseconds(2000));
}

TEST_F(Process, IsAskedBeforeItIsKilled) {
    ProcessSpec spec = shell("trap 'echo saved; exit 0' TERM; while :; do sleep 0.05; done");
    spec.timeout = milliseconds(200);
    EXPECT_EQ(run(spec).out, "saved\n");
}

TEST_F(Process, IsKilledWhenItDoesNotListen) {
    ProcessSpec spec = shell("trap '' TERM; while :; do sleep 0.05; done");
    spec.timeout = milliseconds(100);
    EXPECT_EQ(run(spec).code, SIGKILL);
}

TEST_F(Process, IsEndedByAStopRequest) {
    std::stop_source stop;
    const std::jthread stopper([&stop] {
        std::this_thread::sleep_for(milliseconds(100));
        stop.request_stop();
    });
    EXPECT_EQ(run(shell("sleep 60"), stop.get_token()).end, ProcessEnd::cancelled);
}

TEST_F(Process, IsEndedByAStopRequestMadeBefore) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(run(shell("sleep 60"), stop.get_token()).end, ProcessEnd::cancelled);
}

/// True once no process with the number runs any more; a zombie of another parent counts as ended.
bool is_gone(pid_t process) {
    for (int i = 0; i < 100; ++i) {
        std::ifstream file("/proc/" + std::to_string(process) + "/stat");
        std::string number;
        std::string name;
        std::string state;
        if (!(file >> number >> name >> state) || state == "Z")
            return true;
        std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
}

TEST_F(Process, TakesItsChildrenAlong) {
    ProcessSpec spec = shell("sleep 60 & echo $!; wait");
    spec.timeout = milliseconds(200);
    EXPECT_TRUE(is_gone(std::stoi(run(spec).out)));
}

TEST_F(Process, TakesChildrenAlongThatDoNotListen) {
    ProcessSpec spec =
        shell("sh -c 'trap \"\" TERM; while :; do sleep 0.05; done' & echo $!; wait");
    spec.timeout = milliseconds(300);
    EXPECT_TRUE(is_gone(std::stoi(run(spec).out)));
}

TEST_F(Process, LetsItsChildrenEndWithinTheGrace) {
    ProcessSpec spec =
        shell("sh -c 'trap \"echo saved; exit\" TERM; while :; do sleep 0.05; done' & wait");
    spec.timeout = milliseconds(300);
    spec.grace = milliseconds(5000);
    EXPECT_EQ(run(spec).out, "saved\n");
}

TEST_F(Process, IsNotWaitedForBeyondItsEndByABackgroundChild) {
    const ProcessExit exit = run("sleep 5 & echo started");
    EXPECT_LT(exit.duration, milliseconds(2000));
}

TEST_F(Process, LeavesNoZombie) {
    run("true");
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(Process, LeadsAGroupOfItsOwn) {
    const int group = std::stoi(run("ps -o pgid= -p $$ || cut -d' ' -f5 /proc/$$/stat").out);
    EXPECT_NE(group, ::getpgrp());
}

TEST_F(Process, InheritsNoForeignDescriptor) {
    const int foreign = ::open("/dev/null", O_RDONLY); // without O_CLOEXEC
    EXPECT_EQ(run("test -e /proc/self/fd/" + std::to_string(foreign)).code, 1);
    ::close(foreign);
}

TEST_F(Process, HandlesSignalsByDefault) {
    EXPECT_EQ(run("kill -PIPE $$").code, SIGPIPE);
}

TEST_F(Process, StartsWithoutBlockedSignals) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    const std::string out = run("grep SigBlk /proc/self/status").out;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(out, "SigBlk:\t0000000000000000\n");
}

TEST_F(Process, LeavesNoDescriptorOpen) {
    const auto count = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    };
    run("true");
    const auto before = count();
    run("echo x; exit 1");
    EXPECT_EQ(count(), before);
}

TEST_F(Process, OnTheTerminalWritesToOurStreams) {
    testing::internal::CaptureStdout();
    ProcessSpec spec = shell("echo direct");
    spec.inherit_terminal = true;
    const std::string captured = run(spec).out;
    EXPECT_EQ(std::pair(testing::internal::GetCapturedStdout(), captured),
              std::pair(std::string("direct\n"), std::string()));
}

TEST_F(Process, WithoutArgvIsABug) {
    EXPECT_EQ(runner->run({}).error().code, ErrorCode::bug);
}

} // namespace
} // namespace taohf::host
