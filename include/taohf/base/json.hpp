#pragma once

#include <taohf/base/error.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace taohf {

/// Insertion order is kept, so that what we write reads as it was meant.
using Json = nlohmann::ordered_json;

/// Strict parse of untrusted text: depth limit 64, duplicate keys refused, size limit, UTF-8.
/// `name` is the file or URL for messages.
Result<Json> parse_json(std::string_view text, const std::string& name);

/// The value at an RFC 6901 pointer, or nullptr. Never throws.
const Json* find_pointer(const Json& document, const std::string& pointer);

/// The value at a dotted path ("port.name"), or nullptr.
const Json* find_path(const Json& document, std::string_view dotted);

/// Text of a scalar as a person writes it: strings bare, others as JSON.
std::string scalar_text(const Json& value);

} // namespace taohf
