#pragma once

#include <taohf/base/json.hpp>

#include <string>
#include <string_view>

namespace taohf::actions::report {

using Escape = std::string (*)(std::string_view text);

/// For element content and quoted attributes, of HTML and of XML 1.0.
std::string escape_markup(std::string_view text);
/// For running text and table cells of Markdown; line ends become spaces.
std::string escape_markdown(std::string_view text);
/// Every string inside a value.
Json escaped(const Json& value, Escape escape);

/// A relative link to a workspace path from the report's folder; "" for a path outside.
std::string link_to(const std::string& workspace_path);
std::string base64(std::string_view bytes);
/// As a POSIX shell reads one word.
std::string shell_word(const std::string& text);

/// A number of a metric or loss, short but telling; other values as text.
std::string number_words(const Json& value);
/// "3,211,392"
std::string grouped(long long number);

} // namespace taohf::actions::report
