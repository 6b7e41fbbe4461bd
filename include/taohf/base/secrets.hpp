#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace taohf {

/// Values that must never be printed or written; each is replaced by "***". For any thread.
class SecretMask final {
public:
    /// Values shorter than 6 characters are ignored (they would blank ordinary words).
    void add(std::string value);
    std::string mask(std::string_view text) const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> values_;
};

} // namespace taohf
