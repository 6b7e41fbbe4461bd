#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include "tables.hpp"

namespace taohf::gates {

namespace {

constexpr std::size_t k_shown_bytes = 200;

/// Cuts between characters, never inside one.
std::string shortened(const std::string& text) {
    if (text.size() <= k_shown_bytes)
        return text;
    std::size_t end = k_shown_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end) + "... (" + std::to_string(text.size()) + " bytes)";
}

std::vector<MatcherRow> all_matchers() {
    std::vector<MatcherRow> rows = value_matchers();
    for (const MatcherRow& row : artefact_matchers())
        rows.push_back(row);
    return rows;
}

template <class Rows>
auto find_row(const Rows& rows, const std::string& name) -> decltype(&rows[0]) {
    for (const auto& row : rows)
        if (row.name == name)
            return &row;
    return nullptr;
}

template <class Rows> std::vector<Row> documented(const Rows& rows) {
    std::vector<Row> out;
    for (const auto& row : rows)
        out.push_back({row.name, row.summary});
    return out;
}

} // namespace

std::string shown(const Json& value) {
    if (value.is_number_float())
        return fmt::format("{:.6g}", value.get<double>());
    if (value == "")
        return "\"\""; // or the message would end in nothing
    return shortened(text::printable(scalar_text(value)));
}

std::string operand_path(const Json& operand) {
    if (operand.is_object() && operand.contains("file"))
        return operand_path(operand.at("file"));
    return operand.is_string() ? operand.get<std::string>() : "";
}

const std::vector<MatcherRow>& matcher_rows() {
    static const std::vector<MatcherRow> rows = all_matchers();
    return rows;
}

const SubjectRow* find_subject(const std::string& name) {
    return find_row(subject_rows(), name);
}

const MatcherRow* find_matcher(const std::string& name) {
    return find_row(matcher_rows(), name);
}

std::vector<Row> subjects() {
    return documented(subject_rows());
}

std::vector<Row> matchers() {
    return documented(matcher_rows());
}

} // namespace taohf::gates
