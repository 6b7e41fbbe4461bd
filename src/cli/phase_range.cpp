#include "phase_range.hpp"

#include <algorithm>
#include <charconv>

namespace taohf::cli {

namespace {

bool number(std::string_view text, int& out) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool exists(const Context& context, int phase) {
    return std::ranges::find(context.phases, phase, &phase::PhaseSpec::number) !=
           context.phases.end();
}

} // namespace

Result<PhaseRange> parse_range(const Context& context, const std::string& text) {
    if (text.empty())
        return PhaseRange{context.phases.front().number, context.phases.back().number};
    PhaseRange range;
    const auto dots = text.find("..");
    const std::string first = text.substr(0, dots);
    const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
    if (!number(first, range.first) || !number(last, range.last) || range.first > range.last)
        return fail(ErrorCode::usage, "'" + text + "' is no phase and no range N..M");
    for (const int phase : {range.first, range.last})
        if (!exists(context, phase))
            return fail(ErrorCode::usage,
                        "there is no phase " + std::to_string(phase) + "; phases are " +
                            std::to_string(context.phases.front().number) + ".." +
                            std::to_string(context.phases.back().number));
    return range;
}

} // namespace taohf::cli
