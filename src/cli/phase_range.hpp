#pragma once

#include <taohf/cli/command.hpp>

#include <string>

namespace taohf::cli {

struct PhaseRange {
    int first = 0;
    int last = 0;
};

/// "3" or "3..5" within the phases that exist; "" = all. USAGE error otherwise.
Result<PhaseRange> parse_range(const Context& context, const std::string& text);

} // namespace taohf::cli
