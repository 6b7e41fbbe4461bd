#pragma once

#include <taohf/base/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace taohf::lang {

/// `when:` holds one comparison: `path == literal`, `path != literal` or `path in [a, b]`.
/// Literals: true, false, null, a number, 'text' or a bare word. Comparing different types is an
/// error (null may be compared with anything).
struct Condition {
    std::string path;
    enum class Operator { equal, not_equal, in } op = Operator::equal;
    std::vector<Json> literals; ///< one, or the list of `in`
};

Result<Condition> parse_condition(std::string_view text);
Result<bool> evaluate(const Condition& condition, const Json& scope);
std::string to_text(const Condition& condition);
/// The same for people: texts without quotes.
std::string plain_text(const Condition& condition);

} // namespace taohf::lang
