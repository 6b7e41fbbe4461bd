#pragma once

#include <taohf/base/json.hpp>

#include <string>

namespace taohf::render {

/// None, True, 0.5, "text", [..], {..}; UTF-8 kept; NaN and infinities are an error.
Result<std::string> python_literal(const Json& value);

/// A flow-style YAML scalar or collection that every YAML 1.1 and 1.2 reader takes the same way.
Result<std::string> yaml_literal(const Json& value);

} // namespace taohf::render
