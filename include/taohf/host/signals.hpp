#pragma once

#include <stop_token>

namespace taohf::host {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request; a second SIGINT ends the process at once.
/// One per process, in main.
class SignalStop final {
public:
    SignalStop();
    ~SignalStop();
    SignalStop(const SignalStop&) = delete;
    SignalStop& operator=(const SignalStop&) = delete;

    std::stop_token token() const;
    /// The first signal that arrived, 0 when none did.
    static int received();
};

} // namespace taohf::host
