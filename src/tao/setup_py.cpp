#include <taohf/base/text.hpp>
#include <taohf/tao/setup_py.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "python_tokens.hpp"

namespace taohf::tao {

namespace {

/// One element of the list: a string token, or several that Python joins.
struct Entry {
    std::string text; ///< normalised `name=module:function`
    std::size_t begin = 0;
    std::size_t end = 0;
    std::optional<std::size_t> comma; ///< position of the comma behind it
    char quote = '\'';
};

struct ScriptList {
    std::size_t open = 0;  ///< position of '['
    std::size_t close = 0; ///< position of ']'
    std::vector<Entry> entries;
};

/// `a = b.c:d` and `a=b.c:d` are the same entry.
std::string normalised(std::string_view entry) {
    std::string text;
    for (const char c : entry)
        if (c != ' ' && c != '\t')
            text += c;
    return text;
}

std::string name_of(const std::string& entry) {
    return entry.substr(0, entry.find('='));
}

bool is_symbol(const Token& token, char symbol) {
    return token.kind == TokenKind::symbol && token.value.size() == 1 && token.value[0] == symbol;
}

int depth_change(const Token& token) {
    if (token.kind != TokenKind::symbol)
        return 0;
    if (std::string_view("([{").find(token.value[0]) != std::string_view::npos)
        return 1;
    return std::string_view(")]}").find(token.value[0]) != std::string_view::npos ? -1 : 0;
}

tl::unexpected<Error> no_list(const std::string& file) {
    return fail(ErrorCode::repo,
                fmt::format("{} has no literal list of console_scripts inside setup()", file),
                "add the console command by hand, in the form 'name=package.module:main'");
}

/// Index of the '[' of `"console_scripts": [` inside the call of setup().
std::optional<std::size_t> find_list(const std::vector<Token>& tokens) {
    int depth = 0;
    int inside = 0; ///< depth at which the setup() call was opened, 0: not inside
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (inside == 0 && token.kind == TokenKind::name && token.value == "setup" &&
            i + 1 < tokens.size() && is_symbol(tokens[i + 1], '('))
            inside = depth + 1;
        if (inside != 0 && depth >= inside && token.kind == TokenKind::string &&
            token.value == "console_scripts" && i + 2 < tokens.size() &&
            is_symbol(tokens[i + 1], ':') && is_symbol(tokens[i + 2], '['))
            return i + 2;
        depth += depth_change(token);
        if (inside != 0 && depth < inside && depth_change(token) < 0)
            inside = 0;
    }
    return std::nullopt;
}

Result<ScriptList> parse_list(const std::string& source, const std::string& file) {
    TAOHF_TRY_ASSIGN(auto tokens, python_tokens(source, file));
    std::erase_if(tokens, [](const Token& token) { return token.kind == TokenKind::comment; });
    const auto open = find_list(tokens);
    if (!open)
        return no_list(file);
    ScriptList list;
    list.open = tokens[*open].begin;
    int depth = 1;
    bool joined = false; // the token continues the string before it
    for (std::size_t i = *open + 1; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        depth += depth_change(token);
        if (depth == 0) {
            list.close = token.begin;
            return list;
        }
        if (depth > 1 || depth_change(token) != 0) {
            joined = false;
        } else if (token.kind == TokenKind::string) {
            if (joined) {
                list.entries.back().text += normalised(token.value);
                list.entries.back().end = token.end;
            } else {
                list.entries.push_back(
                    {normalised(token.value), token.begin, token.end, std::nullopt, token.quote});
            }
            joined = true;
        } else {
            if (joined && is_symbol(token, ','))
                list.entries.back().comma = token.begin;
            joined = false;
        }
    }
    return no_list(file);
}

std::size_t line_begin(const std::string& source, std::size_t at) {
    const auto newline = at == 0 ? std::string::npos : source.rfind('\n', at - 1);
    return newline == std::string::npos ? 0 : newline + 1;
}

/// Position of the line end ("\n" or "\r\n") at or behind `at`.
std::size_t line_end(const std::string& source, std::size_t at) {
    auto end = std::min(source.find('\n', at), source.size());
    if (end > at && source[end - 1] == '\r')
        --end;
    return end;
}

bool blank(std::string_view piece) {
    return text::trim(piece).empty();
}

/// Whitespace before the entry when it is the first thing on its line.
std::optional<std::string> indentation(const std::string& source, const Entry& entry) {
    const auto begin = line_begin(source, entry.begin);
    std::string before = source.substr(begin, entry.begin - begin);
    return blank(before) ? std::optional(before) : std::nullopt;
}

std::string
insert_after(const std::string& source, const ScriptList& list, const std::string& entry) {
    std::string edited = source;
    if (list.entries.empty())
        return edited.insert(list.open + 1, "'" + entry + "'");
    const Entry& last = list.entries.back();
    const std::string quoted = last.quote + entry + last.quote;
    const auto indent = indentation(source, last);
    const std::string comma = last.comma ? "," : "";
    if (!indent) // the list stands on one line
        return edited.insert(last.comma ? *last.comma + 1 : last.end,
                             last.comma ? " " + quoted + "," : ", " + quoted);
    const std::size_t behind = last.comma ? *last.comma + 1 : last.end;
    // Behind a comment on the last entry's line, but before a bracket that closes on it.
    const std::size_t at = std::min(line_end(source, behind), list.close) == list.close
                               ? behind
                               : line_end(source, behind);
    const std::string newline = source.find("\r\n") != std::string::npos ? "\r\n" : "\n";
    edited.insert(at, newline + *indent + quoted + comma);
    if (!last.comma)
        edited.insert(last.end, ",");
    return edited;
}

std::string remove_entry(const std::string& source, const ScriptList& list, std::size_t index) {
    const Entry& entry = list.entries[index];
    std::size_t begin = entry.begin;
    std::size_t end = entry.comma ? *entry.comma + 1 : entry.end;
    const std::size_t row = line_begin(source, begin);
    const bool first_on_line = blank(std::string_view(source).substr(row, begin - row));
    const auto tail = line_end(source, end);
    if (first_on_line && blank(std::string_view(source).substr(end, tail - end))) {
        begin = row; // the whole line goes, with its newline
        end = std::min(source.find('\n', tail), source.size() - 1) + 1;
    } else if (first_on_line && row > 0) {
        begin = line_end(source, line_begin(source, row - 1)); // the bracket stays on the line
    } else {
        while (begin > list.open + 1 && source[begin - 1] == ' ')
            --begin;
    }
    std::string edited = source;
    edited.erase(begin, end - begin);
    // The last entry had no comma: neither has the one that is last now.
    if (!entry.comma && index + 1 == list.entries.size() && index > 0)
        if (const auto comma = list.entries[index - 1].comma)
            edited.erase(*comma, 1);
    return edited;
}

} // namespace

Result<std::vector<std::string>> console_scripts(const std::string& setup_py,
                                                 const std::string& file) {
    TAOHF_TRY_ASSIGN(const ScriptList list, parse_list(setup_py, file));
    std::vector<std::string> scripts;
    for (const auto& entry : list.entries)
        scripts.push_back(entry.text);
    return scripts;
}

Result<std::string>
add_console_script(const std::string& setup_py, const std::string& file, const std::string& entry) {
    TAOHF_TRY_ASSIGN(const ScriptList list, parse_list(setup_py, file));
    const std::string wanted = normalised(entry);
    for (const auto& existing : list.entries) {
        if (existing.text == wanted)
            return setup_py;
        if (name_of(existing.text) == name_of(wanted))
            return fail(ErrorCode::repo,
                        fmt::format("{} already has the console command {}",
                                    file,
                                    text::printable(existing.text)),
                        "choose another short name");
    }
    return insert_after(setup_py, list, wanted);
}

Result<std::string> remove_console_script(const std::string& setup_py,
                                          const std::string& file,
                                          const std::string& entry) {
    TAOHF_TRY_ASSIGN(const ScriptList list, parse_list(setup_py, file));
    const std::string wanted = normalised(entry);
    for (std::size_t i = 0; i < list.entries.size(); ++i)
        if (list.entries[i].text == wanted)
            return remove_entry(setup_py, list, i);
    return setup_py;
}

} // namespace taohf::tao
