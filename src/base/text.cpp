#include <taohf/base/text.hpp>

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace taohf::text {

std::string_view trim(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0)
            text += separator;
        text += parts[i];
    }
    return text;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); !from.empty() && at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

namespace {

/// Damerau's: two neighbours that changed places are one slip, not two.
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before;
    std::vector<std::size_t> above;
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        before = std::exchange(above, row);
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            row[j] = std::min({above[j] + 1,
                               row[j - 1] + 1,
                               above[j - 1] + (left[i - 1] == right[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row.back();
}

} // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
    std::optional<std::string> best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : candidates)
        if (const std::size_t distance = edit_distance(lower(word), lower(candidate));
            distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    return best;
}

namespace {

/// Length of the well-formed UTF-8 character at the front, 0 when there is none (RFC 3629).
std::size_t character_length(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || bytes.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
    return overlong || outside ? 0 : length;
}

} // namespace

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t length = character_length(bytes);
        if (length == 0)
            return false;
        bytes.remove_prefix(length);
    }
    return true;
}

namespace {

/// Length of the escape sequence at the front, which begins with ESC: CSI up to its final letter,
/// OSC (titles, links) up to BEL or ESC \, otherwise intermediate bytes and one final byte.
std::size_t escape_length(std::string_view bytes) {
    if (bytes.size() < 2)
        return bytes.size();
    std::size_t at = 2;
    if (bytes[1] == '[') {
        while (at < bytes.size() && (bytes[at] < '@' || bytes[at] > '~'))
            ++at;
    } else if (bytes[1] == ']') {
        while (at < bytes.size() && bytes[at] != '\x07' && bytes[at] != '\x1B' && bytes[at] != '\n')
            ++at;
        if (at < bytes.size() && bytes[at] != '\x07')
            return at; // ESC \ is a sequence of its own; a line end is kept
    } else {
        at = 1;
        while (at < bytes.size() && bytes[at] >= ' ' && bytes[at] <= '/') // ESC ( B
            ++at;
    }
    return std::min(at + 1, bytes.size());
}

bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1)
        return (first < 0x20 && first != '\t' && first != '\n') || first == 0x7F;
    return character.size() == 2 && first == 0xC2 &&
           static_cast<unsigned char>(character[1]) < 0xA0;
}

} // namespace

std::string printable(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        if (bytes[0] == '\x1B') {
            bytes.remove_prefix(escape_length(bytes));
            continue;
        }
        const std::size_t length = character_length(bytes);
        if (length > 0 && !is_control(bytes.substr(0, length)))
            out.append(bytes.substr(0, length));
        bytes.remove_prefix(std::max<std::size_t>(1, length));
    }
    return out;
}

std::string human_bytes(unsigned long long bytes) {
    static constexpr const char* units[] = {"B", "KB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(units)) {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string human_seconds(double seconds) {
    if (seconds < 10)
        return fmt::format("{:.1f} s", seconds);
    if (seconds < 60)
        return fmt::format("{:.0f} s", seconds);
    const auto whole = static_cast<long long>(seconds);
    if (whole < 3600)
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

int compare_versions(std::string_view left, std::string_view right) {
    const auto numbers = [](std::string_view version) {
        std::vector<long> result;
        for (const std::string& part : split(version, '.')) {
            long number = 0;
            std::from_chars(part.data(), part.data() + part.size(), number);
            result.push_back(number);
        }
        return result;
    };
    auto a = numbers(left);
    auto b = numbers(right);
    a.resize(std::max(a.size(), b.size()));
    b.resize(a.size());
    return a < b ? -1 : a > b ? 1 : 0;
}

bool is_python_keyword(std::string_view name) {
    // Of Python 3.12.
    static constexpr std::string_view k_keywords[] = {
        "False",  "None",    "True",  "and",      "as",     "assert", "async",  "await",
        "break",  "case",    "class", "continue", "def",    "del",    "elif",   "else",
        "except", "finally", "for",   "from",     "global", "if",     "import", "in",
        "is",     "lambda",  "match", "nonlocal", "not",    "or",     "pass",   "raise",
        "return", "try",     "while", "with",     "yield"};
    return std::ranges::find(k_keywords, name) != std::end(k_keywords);
}

bool is_python_identifier(std::string_view name) {
    const auto fits = [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9');
    };
    return !name.empty() && (name.front() < '0' || name.front() > '9') &&
           std::ranges::all_of(name, fits) && !is_python_keyword(name);
}

bool matches(std::string_view text, const std::string& pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 compiled(pattern, options);
    return compiled.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

} // namespace taohf::text
