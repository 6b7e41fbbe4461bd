#include <taohf/host/signals.hpp>

#include <gtest/gtest.h>

#include <thread>

#include <signal.h>
#include <unistd.h>

namespace taohf::host {
namespace {

bool stops_soon(const std::stop_token& token) {
    for (int i = 0; i < 200 && !token.stop_requested(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return token.stop_requested();
}

TEST(Signals, DoNotStopBeforeTheyArrive) {
    const SignalStop signals;
    EXPECT_FALSE(signals.token().stop_requested());
}

class StopSignal : public testing::TestWithParam<int> {};

TEST_P(StopSignal, RequestsAStop) {
    const SignalStop signals;
    ::raise(GetParam());
    EXPECT_TRUE(stops_soon(signals.token()));
}

TEST_P(StopSignal, IsRemembered) {
    const SignalStop signals;
    ::raise(GetParam());
    EXPECT_EQ(SignalStop::received(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Numbers, StopSignal, testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST(Signals, RememberTheFirstOne) {
    const SignalStop signals;
    ::raise(SIGTERM);
    ::raise(SIGHUP);
    EXPECT_EQ(SignalStop::received(), SIGTERM);
}

TEST(Signals, EndTheProcessAtTheSecondInterrupt) {
    EXPECT_EXIT(
        {
            const SignalStop signals;
            ::raise(SIGINT);
            ::raise(SIGINT);
            ::_exit(0);
        },
        testing::ExitedWithCode(130),
        "");
}

TEST(Signals, LeaveAnIgnoredHangUpIgnored) {
    const auto before = ::signal(SIGHUP, SIG_IGN);
    {
        const SignalStop signals;
        ::raise(SIGHUP);
        EXPECT_EQ(SignalStop::received(), 0);
    }
    ::signal(SIGHUP, before);
}

TEST(Signals, HaveTheirOldMeaningAfterwards) {
    const auto before = ::signal(SIGTERM, SIG_DFL);
    { const SignalStop signals; }
    EXPECT_EQ(::signal(SIGTERM, before), SIG_DFL);
}

} // namespace
} // namespace taohf::host
