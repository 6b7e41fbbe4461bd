#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::text {

std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string lower(std::string_view text);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// The candidate with the smallest edit distance, if it is near enough to be a likely slip.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// True for well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view bytes);

/// Removes control characters and ANSI escapes, so that output of strangers can be printed.
std::string printable(std::string_view bytes);

/// "1.2 GB", "640 KB", "12 s", "3 min 04 s" for people.
std::string human_bytes(unsigned long long bytes);
std::string human_seconds(double seconds);

/// Compares dotted numbers component by component, missing ones count as 0: -1, 0, 1.
int compare_versions(std::string_view left, std::string_view right);

/// A name that Python code may use: ASCII, and no keyword, hard or soft.
bool is_python_identifier(std::string_view name);
bool is_python_keyword(std::string_view name);

/// RE2 search (linear time). An invalid pattern matches nothing.
bool matches(std::string_view text, const std::string& pattern);

} // namespace taohf::text
