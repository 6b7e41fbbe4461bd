#pragma once

#include <taohf/base/json.hpp>

#include <string>

namespace taohf::cli {

/// An inspection as one screen: what it is, whether it can be ported, what it takes.
std::string inspection_screen(const Json& document);
/// The evidence behind each decision, and where each setting of the preprocessing comes from.
std::string inspection_evidence(const Json& document);
/// One line for each tensor: dtype, shape, name.
std::string inspection_tensors(const Json& document);

/// What differs between two inspections: {same, changes: [{field, left, right}], tensors: {added,
/// removed, changed}}.
Json compare_inspections(const Json& left, const Json& right);
std::string comparison_screen(const Json& comparison);

} // namespace taohf::cli
