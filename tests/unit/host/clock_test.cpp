#include <taohf/host/clock.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace taohf::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(UtcText, IsIso8601) {
    EXPECT_EQ(utc_text(std::chrono::system_clock::time_point(std::chrono::seconds(1772366400))),
              "2026-03-01T12:00:00Z");
}

TEST(SystemClock, SleepsAsLongAsAskedFor) {
    const auto start = steady_clock::now();
    make_clock()->sleep_for(milliseconds(30));
    EXPECT_GE(steady_clock::now() - start, milliseconds(30));
}

TEST(SystemClock, TellsThatItSleptToTheEnd) {
    EXPECT_TRUE(make_clock()->sleep_for(milliseconds(1)));
}

TEST(SystemClock, WakesAtAStopRequest) {
    std::stop_source stop;
    const std::jthread stopper([&stop] {
        std::this_thread::sleep_for(milliseconds(20));
        stop.request_stop();
    });
    EXPECT_FALSE(make_clock()->sleep_for(std::chrono::minutes(1), stop.get_token()));
}

} // namespace
} // namespace taohf::host
