#pragma once

#include <taohf/host/clock.hpp>

#include <vector>

namespace taohf::test {

/// Time moves only when the test or a sleep moves it; a sleep returns at once.
class ManualClock final : public host::Clock {
public:
    /// 2026-03-01T12:00:00Z unless told otherwise.
    explicit ManualClock(std::chrono::seconds since_epoch = std::chrono::seconds(1772366400));

    void advance(std::chrono::milliseconds duration);

    /// Every sleep that was asked for, in order.
    const std::vector<std::chrono::milliseconds>& sleeps() const { return sleeps_; }

    std::chrono::system_clock::time_point now() override { return now_; }

    std::chrono::steady_clock::time_point steady() override { return steady_; }

    bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) override;

private:
    std::chrono::system_clock::time_point now_;
    std::chrono::steady_clock::time_point steady_;
    std::vector<std::chrono::milliseconds> sleeps_;
};

} // namespace taohf::test
