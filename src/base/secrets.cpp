#include <taohf/base/secrets.hpp>
#include <taohf/base/text.hpp>

#include <algorithm>

namespace taohf {

void SecretMask::add(std::string value) {
    if (value.size() < 6)
        return;
    // Longest first: a secret that begins with another one must not leave its tail behind.
    const auto longer = [](const std::string& left, const std::string& right) {
        return left.size() > right.size();
    };
    const std::lock_guard guard(mutex_);
    if (std::ranges::find(values_, value) != values_.end())
        return;
    values_.insert(std::upper_bound(values_.begin(), values_.end(), value, longer),
                   std::move(value));
}

std::string SecretMask::mask(std::string_view text) const {
    std::string result(text);
    const std::lock_guard guard(mutex_);
    for (const std::string& value : values_)
        result = text::replace_all(std::move(result), value, "***");
    return result;
}

} // namespace taohf
