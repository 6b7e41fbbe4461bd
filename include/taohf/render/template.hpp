#pragma once

#include <taohf/base/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace taohf::render {

/// One tag of a template: `<% name | form %>`, `<%# name %>`, `<%^ name %>`, `<%/ name %>`.
struct Tag {
    char sigil = ' '; ///< ' ', '#', '^' or '/'
    std::string name;
    std::string form; ///< "", "py", "yaml", "json"
    int line = 0;
    int column = 0;
};

/// The tags in order; refuses what mustache lets pass (unclosed tags, foreign characters, sections
/// deeper than 32, delimiter changes, partials), with line and column.
Result<std::vector<Tag>> scan_tags(std::string_view text, const std::string& name);

/// Renders strictly: a missing name is an error with its line; without a form only text is allowed
/// (numbers, booleans and lists need `| py`, `| yaml` or `| json`). Values are never re-expanded.
/// Sections take booleans or lists.
Result<std::string>
render_template(std::string_view text, const std::string& name, const Json& context);

} // namespace taohf::render
