#include "report_text.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <cmath>

namespace taohf::actions::report {

std::string escape_markup(std::string_view text) {
    std::string out;
    for (const char c : text::printable(text)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string escape_markdown(std::string_view text) {
    std::string out;
    for (const char c : text::printable(text)) {
        if (c == '\n' || c == '\t')
            out += ' ';
        else if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (std::string_view("\\`*_[]|~$!#").find(c) != std::string_view::npos)
            (out += '\\') += c;
        else
            out += c;
    }
    return out;
}

Json escaped(const Json& value, Escape escape) {
    if (value.is_string())
        return escape(value.get_ref<const std::string&>());
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& item : value)
            list.push_back(escaped(item, escape));
        return list;
    }
    if (value.is_object()) {
        Json object = Json::object();
        for (const auto& [key, item] : value.items())
            object[key] = escaped(item, escape);
        return object;
    }
    return value;
}

std::string link_to(const std::string& workspace_path) {
    if (workspace_path.empty() || workspace_path.front() == '/' || workspace_path.starts_with(".."))
        return "";
    std::string out = "../../../"; // .taohf/<port>/report/
    for (const char c : workspace_path) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || std::string_view("-._~/").find(c) != std::string_view::npos)
            out += c;
        else
            out += fmt::format("%{:02X}", byte);
    }
    return out;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group =
                group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out += i + k <= bytes.size() ? alphabet[group >> (18 - 6 * k) & 63u] : '=';
    }
    return out;
}

std::string shell_word(const std::string& text) {
    constexpr std::string_view plain = "-_./:@=+,%";
    bool quote = text.empty();
    for (const char c : text)
        quote = quote || !(std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                           plain.find(c) != std::string_view::npos);
    return quote ? "'" + text::replace_all(text, "'", "'\\''") + "'" : text;
}

std::string number_words(const Json& value) {
    if (value.is_null())
        return "–";
    if (!value.is_number())
        return scalar_text(value);
    const double number = value.get<double>();
    if (value.is_number_integer())
        return grouped(value.get<long long>());
    const double size = std::abs(number);
    return size == 0 || (size >= 1e-3 && size < 1e5) ? fmt::format("{:.4f}", number)
                                                     : fmt::format("{:.3g}", number);
}

std::string grouped(long long number) {
    std::string digits = std::to_string(number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

} // namespace taohf::actions::report
