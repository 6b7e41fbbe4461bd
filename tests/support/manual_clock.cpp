#include "support/manual_clock.hpp"

namespace taohf::test {

ManualClock::ManualClock(std::chrono::seconds since_epoch) : now_(since_epoch) {}

void ManualClock::advance(std::chrono::milliseconds duration) {
    now_ += duration;
    steady_ += duration;
}

bool ManualClock::sleep_for(std::chrono::milliseconds duration, std::stop_token stop) {
    sleeps_.push_back(duration);
    if (stop.stop_requested())
        return false;
    advance(duration);
    return true;
}

} // namespace taohf::test
