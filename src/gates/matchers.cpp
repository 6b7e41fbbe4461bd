#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tables.hpp"

namespace taohf::gates {

namespace {

bool finite_number(const Json& value) {
    return value.is_number() && std::isfinite(value.get<double>());
}

/// Equal as JSON: the order of an object's keys does not count.
bool same(const Json& left, const Json& right) {
    return nlohmann::json(left) == nlohmann::json(right);
}

bool among(const Json& list, const Json& value) {
    return std::ranges::any_of(list, [&](const Json& item) { return same(item, value); });
}

/// Holds for every scalar inside a value; an empty list or object proves nothing.
template <class Test> bool every_scalar(const Json& value, const Test& test) {
    if (!value.is_structured())
        return test(value);
    const auto inner = [&](const Json& item) { return every_scalar(item, test); };
    return !value.empty() && std::ranges::all_of(value, inner);
}

/// Bytes of a file or text, entries of a list, object or folder; nullopt for what has no length.
std::optional<std::uint64_t> length_of(const Observation& seen) {
    if (seen.value.is_string())
        return seen.value.get_ref<const std::string&>().size();
    if (seen.value.is_object() && seen.value.contains("exists") && seen.value.contains("size"))
        return seen.value.at("size").get<std::uint64_t>();
    if (seen.value.is_structured())
        return seen.value.size();
    return std::nullopt;
}

std::string length_words(const Observation& seen) {
    if (seen.value.is_array() && !seen.words.empty())
        return seen.words;
    const auto length = length_of(seen);
    return length ? "length " + std::to_string(*length) : "no length: " + shown(seen.value);
}

Verdict equals(const Json& expected, const Observation& seen, Judge&) {
    return {same(seen.value, expected), shown(expected), ""};
}

Verdict not_equals(const Json& expected, const Observation& seen, Judge&) {
    const bool comparable =
        !seen.value.is_null() && (!seen.value.is_number() || finite_number(seen.value));
    return {comparable && !same(seen.value, expected), "not " + shown(expected), ""};
}

Verdict at_least(const Json& expected, const Observation& seen, Judge&) {
    const bool passed = finite_number(seen.value) && finite_number(expected) &&
                        seen.value.get<double>() >= expected.get<double>();
    return {passed, "at least " + shown(expected), ""};
}

Verdict at_most(const Json& expected, const Observation& seen, Judge&) {
    const bool passed = finite_number(seen.value) && finite_number(expected) &&
                        seen.value.get<double>() <= expected.get<double>();
    return {passed, "at most " + shown(expected), ""};
}

Verdict between(const Json& expected, const Observation& seen, Judge& judge) {
    if (!expected.is_array() || expected.size() != 2)
        return {false, "between two numbers", ""};
    const bool passed =
        at_least(expected[0], seen, judge).passed && at_most(expected[1], seen, judge).passed;
    return {passed, "between " + shown(expected[0]) + " and " + shown(expected[1]), ""};
}

Verdict one_of(const Json& expected, const Observation& seen, Judge&) {
    return {expected.is_array() && among(expected, seen.value), "one of " + shown(expected), ""};
}

Verdict matches(const Json& expected, const Observation& seen, Judge&) {
    const bool passed = seen.value.is_string() &&
                        text::matches(seen.value.get<std::string>(), scalar_text(expected));
    return {passed, "text that matches " + shown(expected), ""};
}

/// nullopt for a value that cannot contain anything: a number, a boolean, null.
std::optional<bool> holds(const Json& value, const Json& part) {
    if (value.is_string())
        return value.get_ref<const std::string&>().find(scalar_text(part)) != std::string::npos;
    if (value.is_array())
        return among(value, part);
    if (value.is_object())
        return value.contains(scalar_text(part));
    return std::nullopt;
}

Verdict contains(const Json& expected, const Observation& seen, Judge&) {
    return {holds(seen.value, expected).value_or(false), "contains " + shown(expected), ""};
}

Verdict excludes(const Json& expected, const Observation& seen, Judge&) {
    const bool inside = holds(seen.value, expected).value_or(true);
    return {!inside, "does not contain " + shown(expected), ""};
}

Verdict exists(const Json& expected, const Observation& seen, Judge&) {
    const bool nothing = seen.absent || (seen.problem.empty() && seen.value.is_null());
    if (expected == true)
        return {!nothing && seen.problem.empty(), "exists", ""};
    return {nothing, "does not exist", ""};
}

Verdict non_empty(const Json& expected, const Observation& seen, Judge&) {
    const auto length = length_of(seen);
    const bool wanted = expected == true;
    return {length && (*length > 0) == wanted, wanted ? "not empty" : "empty", ""};
}

/// The first entries of a list: what a list is too long for is what has to be mended.
std::string entry_words(const Observation& seen) {
    const bool told = !seen.value.is_array() || seen.value.empty() || !seen.words.empty();
    return told ? "" : ": " + shown(seen.value);
}

Verdict length(const Json& expected, const Observation& seen, Judge&) {
    const auto found = length_of(seen);
    const bool passed = found && finite_number(expected) && same(Json(*found), expected);
    return {passed,
            "length " + shown(expected),
            length_words(seen) + (passed ? "" : entry_words(seen))};
}

Verdict length_at_least(const Json& expected, const Observation& seen, Judge&) {
    const auto found = length_of(seen);
    const bool passed =
        found && finite_number(expected) && static_cast<double>(*found) >= expected.get<double>();
    return {passed, "length at least " + shown(expected), length_words(seen)};
}

Verdict all_finite(const Json&, const Observation& seen, Judge&) {
    return {every_scalar(seen.value, finite_number), "finite numbers only", ""};
}

/// The number furthest on the wrong side says more than the whole list.
std::string extreme(const Json& value, bool greatest) {
    std::optional<double> found;
    const bool numbers = every_scalar(value, [&](const Json& item) {
        if (!finite_number(item))
            return false;
        const double number = item.get<double>();
        if (!found || (greatest ? number > *found : number < *found))
            found = number;
        return true;
    });
    return numbers && found ? (greatest ? "greatest " : "least ") + shown(Json(*found)) : "";
}

Verdict all_at_most(const Json& expected, const Observation& seen, Judge&) {
    const auto test = [&](const Json& value) {
        return finite_number(value) && value.get<double>() <= expected.get<double>();
    };
    return {finite_number(expected) && every_scalar(seen.value, test),
            "every number at most " + shown(expected),
            extreme(seen.value, true)};
}

Verdict all_at_least(const Json& expected, const Observation& seen, Judge&) {
    const auto test = [&](const Json& value) {
        return finite_number(value) && value.get<double>() >= expected.get<double>();
    };
    return {finite_number(expected) && every_scalar(seen.value, test),
            "every number at least " + shown(expected),
            extreme(seen.value, false)};
}

} // namespace

std::vector<MatcherRow> value_matchers() {
    using enum Operand;
    return {
        {"equals", "the same value; the order of keys does not count", any, equals},
        {"not_equals", "another value, and there is one", any, not_equals},
        {"at_least", "a finite number not below the bound", number, at_least},
        {"at_most", "a finite number not above the bound; NaN never passes", number, at_most},
        {"between", "a finite number in [least, greatest]", range, between},
        {"one_of", "one of a list", list, one_of},
        {"matches", "text in which a regular expression finds something", pattern, matches},
        {"contains", "a text's part, a list's item, an object's key", any, contains},
        {"excludes", "the opposite of contains, for something that exists", any, excludes},
        {"exists", "there is a value other than null, or with false: none", flag, exists},
        {"non_empty", "a file with bytes, a text or list with content", flag, non_empty},
        {"length", "bytes of a file or text, entries of a list, object or folder", count, length},
        {"length_at_least", "the least length", count, length_at_least},
        {"all_finite", "only finite numbers, at any depth, and at least one", yes, all_finite},
        {"all_at_most", "only finite numbers, none above the bound", number, all_at_most},
        {"all_at_least", "only finite numbers, none below the bound", number, all_at_least},
    };
}

} // namespace taohf::gates
