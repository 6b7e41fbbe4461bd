#pragma once

#include <taohf/base/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace taohf::lang {

/// Replaces ${dotted.path} by values of `scope`; `$${` is a literal `${`. A text that is one whole
/// ${...} keeps the value's type, otherwise scalars become text. A missing name is a SPEC error
/// naming the nearest known one; objects and lists inside a longer text are errors.
Result<Json> interpolate(std::string_view text, const Json& scope);

/// Every string inside `value`, recursively.
Result<Json> interpolate_all(const Json& value, const Json& scope);

/// The result must be text (or a scalar written as text).
Result<std::string> interpolate_text(std::string_view text, const Json& scope);

/// The dotted paths a text uses; a SPEC error when its syntax is wrong.
Result<std::vector<std::string>> paths_used(std::string_view text);

} // namespace taohf::lang
