#include "support/fake_environment.hpp"

namespace taohf::test {

std::optional<std::string> FakeEnvironment::get(const std::string& name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
}

bool FakeEnvironment::is_terminal(int descriptor) const {
    return has_terminal && descriptor >= 0 && descriptor <= 2;
}

} // namespace taohf::test
