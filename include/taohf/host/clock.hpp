#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

namespace taohf::host {

/// Seam 4 of 5: time.
class Clock {
public:
    virtual ~Clock() = default;
    virtual std::chrono::system_clock::time_point now() = 0;
    virtual std::chrono::steady_clock::time_point steady() = 0;
    /// False when stopped early.
    virtual bool sleep_for(std::chrono::milliseconds duration, std::stop_token stop = {}) = 0;
};

std::unique_ptr<Clock> make_clock();

/// "2026-03-01T12:00:00Z"
std::string utc_text(std::chrono::system_clock::time_point time);

} // namespace taohf::host
