#include <taohf/base/text.hpp>
#include <taohf/render/template.hpp>

namespace taohf::render {

namespace {

constexpr std::size_t k_max_depth = 32;

Error at(const std::string& name, int line, int column, std::string message) {
    Error error;
    error.code = ErrorCode::spec;
    error.span = Span{name, line, column};
    error.message = std::move(message);
    return error;
}

bool allowed(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == ' ' ||
           c == '|';
}

Result<Tag> parse_tag(std::string_view inside, const std::string& name, int line, int column) {
    Tag tag;
    tag.line = line;
    tag.column = column;
    std::string_view body = text::trim(inside);
    if (!body.empty() && (body.front() == '#' || body.front() == '^' || body.front() == '/')) {
        tag.sigil = body.front();
        body = text::trim(body.substr(1));
    }
    for (const char c : body)
        if (!allowed(c))
            return tl::unexpected<Error>(
                at(name,
                   line,
                   column,
                   "character '" + std::string(1, c) + "' is not allowed in a tag"));
    const auto bar = body.find('|');
    tag.name = text::trim(body.substr(0, bar));
    if (bar != std::string_view::npos)
        tag.form = text::trim(body.substr(bar + 1));
    const bool known_form =
        tag.form.empty() || tag.form == "py" || tag.form == "yaml" || tag.form == "json";
    if (tag.name.empty() || tag.name.find(' ') != std::string::npos || !known_form ||
        (tag.sigil != ' ' && !tag.form.empty()))
        return tl::unexpected<Error>(at(
            name,
            line,
            column,
            "'" + std::string(inside) +
                "' is no tag: <% name %>, <% name | py %>, <%# name %>, <%^ name %>, <%/ name %>"));
    return tag;
}

} // namespace

Result<std::vector<Tag>> scan_tags(std::string_view text, const std::string& name) {
    std::vector<Tag> tags;
    std::vector<Tag> open;
    int line = 1;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') {
            ++line;
            line_start = i + 1;
        }
        if (!text.substr(i).starts_with("<%"))
            continue;
        const int column = static_cast<int>(i - line_start) + 1;
        const auto end = text.find("%>", i);
        if (end == std::string_view::npos ||
            text.substr(i, end - i).find('\n') != std::string_view::npos)
            return tl::unexpected<Error>(
                at(name, line, column, "a tag that does not end on its line"));
        TAOHF_TRY_ASSIGN(Tag tag, parse_tag(text.substr(i + 2, end - i - 2), name, line, column));
        if (tag.sigil == '#' || tag.sigil == '^') {
            if (open.size() >= k_max_depth)
                return tl::unexpected<Error>(
                    at(name, line, column, "sections nested deeper than 32"));
            open.push_back(tag);
        } else if (tag.sigil == '/') {
            if (open.empty() || open.back().name != tag.name)
                return tl::unexpected<Error>(
                    at(name, line, column, "'" + tag.name + "' ends a section that is not open"));
            open.pop_back();
        }
        tags.push_back(std::move(tag));
        i = end + 1;
    }
    if (!open.empty())
        return tl::unexpected<Error>(at(name,
                                        open.back().line,
                                        open.back().column,
                                        "section '" + open.back().name + "' is never closed"));
    return tags;
}

} // namespace taohf::render
