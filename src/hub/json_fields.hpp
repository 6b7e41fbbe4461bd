#pragma once

#include <taohf/base/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace taohf::hub {

/// Typed looks into untrusted JSON: a field of another type counts as absent.
const Json* field(const Json& object, const std::string& key);
std::string text_field(const Json& object, const std::string& key);
std::optional<std::int64_t> integer_field(const Json& object, const std::string& key);
std::optional<double> number_field(const Json& object, const std::string& key);
std::optional<bool> boolean_field(const Json& object, const std::string& key);
std::vector<double> numbers_field(const Json& object, const std::string& key);

/// A side length is an integer, `[h, w]` or `{height, width}`: always (height, width).
std::optional<std::pair<std::int64_t, std::int64_t>> side_lengths(const Json& value);

} // namespace taohf::hub
