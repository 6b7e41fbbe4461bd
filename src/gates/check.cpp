#include <taohf/base/text.hpp>

#include <re2/re2.h>

#include "tables.hpp"

namespace taohf::gates {

namespace {

/// A ${...} gets its value, and so its type, only when the gate is judged.
bool is_open(const Json& operand) {
    return operand.is_string() &&
           operand.get_ref<const std::string&>().find("${") != std::string::npos;
}

bool is_number(const Json& operand) {
    return operand.is_number() || is_open(operand);
}

bool is_path(const Json& operand) {
    return operand.is_string() && !operand.get_ref<const std::string&>().empty();
}

bool is_pattern(const Json& operand) {
    return operand.is_string() &&
           (is_open(operand) || RE2(operand.get<std::string>(), RE2::Quiet).ok());
}

bool is_path_list(const Json& operand) {
    if (!operand.is_array())
        return is_path(operand);
    bool all = !operand.empty();
    for (const Json& item : operand)
        all = all && is_path(item);
    return all;
}

/// "" when the operand fits, otherwise what should stand there.
std::string wanted_instead(Operand kind, const Json& operand) {
    const auto unless = [](bool fits, const char* wanted) { return fits ? "" : wanted; };
    switch (kind) {
    case Operand::any:
        return "";
    case Operand::number:
        return unless(is_number(operand), "a number");
    case Operand::range:
        return unless(operand.is_array() && operand.size() == 2 && is_number(operand[0]) &&
                          is_number(operand[1]),
                      "[least, greatest]");
    case Operand::list:
        return unless(is_open(operand) || (operand.is_array() && !operand.empty()), "a list");
    case Operand::pattern:
        return unless(is_pattern(operand), "a valid regular expression");
    case Operand::flag:
        return unless(operand.is_boolean(), "true or false");
    case Operand::yes:
        return unless(operand == true, "true");
    case Operand::count:
        return unless(operand.is_number_unsigned() || is_open(operand) ||
                          (operand.is_number_integer() && operand >= 0),
                      "a whole number from 0");
    case Operand::path:
        return unless(is_path(operand) || (operand.is_object() && operand.size() == 1 &&
                                           operand.contains("file") && is_path(operand.at("file"))),
                      "{file: path}");
    case Operand::paths:
        return unless(is_path_list(operand), "a path or a list of paths");
    }
    return "";
}

/// Reports with the gate's name and place.
class Findings final {
public:
    Findings(const phase::GateSpec& gate, Diagnostics& diagnostics)
        : gate_(gate), diagnostics_(diagnostics) {}

    void add(const std::string& text, std::string hint = {}) {
        diagnostics_.error(gate_.span, "gate " + gate_.id + ": " + text, std::move(hint));
    }

private:
    const phase::GateSpec& gate_;
    Diagnostics& diagnostics_;
};

void unknown_key(const std::string& key, Findings& findings) {
    std::vector<std::string> known = {"pointer", "all"};
    for (const SubjectRow& row : subject_rows())
        known.emplace_back(row.name);
    for (const MatcherRow& row : matcher_rows())
        known.emplace_back(row.name);
    const auto near = text::nearest(key, known);
    findings.add("there is no subject or matcher '" + key + "'",
                 near ? "did you mean '" + *near + "'?" : "");
}

void check_pointer(const Json& pointer, const SubjectRow* subject, Findings& findings) {
    if (subject != nullptr && !subject->takes_pointer)
        findings.add("'" + std::string(subject->name) + "' takes no pointer");
    if (!pointer.is_string() || !(is_open(pointer) || pointer.get<std::string>().starts_with('/')))
        findings.add("a pointer begins with '/'");
}

void check_one(const Json& assertion, Findings& findings) {
    if (!assertion.is_object())
        return findings.add("an assertion is a mapping");
    const SubjectRow* subject = nullptr;
    int subjects = 0;
    int matchers = 0;
    for (const auto& [key, operand] : assertion.items()) {
        if (const SubjectRow* row = find_subject(key)) {
            subject = row;
            ++subjects;
            if (key == "changed_since" ? !is_path_list(operand)
                                       : key != "value" && !is_path(operand))
                findings.add("'" + key + "' needs " +
                             (key == "changed_since" ? "ids of steps" : "a path"));
        } else if (const MatcherRow* matcher = find_matcher(key)) {
            ++matchers;
            if (const std::string wanted = wanted_instead(matcher->operand, operand);
                !wanted.empty())
                findings.add("'" + key + "' needs " + wanted);
        } else if (key != "pointer") {
            unknown_key(key, findings);
        }
    }
    if (subjects != 1)
        findings.add("an assertion has exactly one subject");
    if (matchers == 0)
        findings.add("an assertion without a matcher proves nothing");
    if (assertion.contains("pointer"))
        check_pointer(assertion.at("pointer"), subject, findings);
}

} // namespace

void check(const phase::GateSpec& gate, Diagnostics& diagnostics) {
    Findings findings(gate, diagnostics);
    if (!gate.assertion.is_object() || !gate.assertion.contains("all"))
        return check_one(gate.assertion, findings);
    const Json& parts = gate.assertion.at("all");
    if (gate.assertion.size() != 1)
        findings.add("'all' stands alone");
    if (!parts.is_array() || parts.empty())
        return findings.add("'all' is a list of assertions");
    for (const Json& part : parts)
        check_one(part, findings);
}

} // namespace taohf::gates
