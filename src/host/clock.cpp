#include <taohf/host/clock.hpp>

#include <condition_variable>
#include <ctime>
#include <mutex>

namespace taohf::host {

namespace {

class SystemClock final : public Clock {
public:
    std::chrono::system_clock::time_point now() override {
        return std::chrono::system_clock::now();
    }

    std::chrono::steady_clock::time_point steady() override {
        return std::chrono::steady_clock::now();
    }

    bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop) override {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any wake;
        return !wake.wait_for(lock, stop, duration, [] { return false; }) && !stop.stop_requested();
    }
};

} // namespace

std::unique_ptr<Clock> make_clock() {
    return std::make_unique<SystemClock>();
}

std::string utc_text(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text, length);
}

} // namespace taohf::host
