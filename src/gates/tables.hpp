#pragma once

#include <string>
#include <vector>

#include "judge.hpp"

namespace taohf::gates {

/// What a subject saw. With `problem` set there was nothing to judge, and only `exists` may pass.
struct Observation {
    Json value;
    std::string problem; ///< "'results/x.json' does not exist"
    bool absent = false; ///< the problem is that there is no such thing; all else could be read
    std::string path;    ///< workspace path the value came from, "" for scope values
    std::string words;   ///< how a person reads the value; "" = shown(value)
};

struct Verdict {
    bool passed = false;
    std::string expected;
    std::string observed; ///< "" = what the subject saw
};

struct SubjectRow {
    const char* name;
    const char* summary;
    bool takes_pointer;
    Observation (*observe)(const Json& subject, const Json& assertion, Judge& judge);
};

/// What may stand behind a matcher's key in a phase file.
enum class Operand { any, number, range, list, pattern, flag, yes, count, path, paths };

struct MatcherRow {
    const char* name;
    const char* summary;
    Operand operand;
    Verdict (*test)(const Json& expected, const Observation& seen, Judge& judge);
};

const std::vector<SubjectRow>& subject_rows();
const std::vector<MatcherRow>& matcher_rows();

/// Rows of matcher_rows() that look at a value.
std::vector<MatcherRow> value_matchers();
/// Rows of matcher_rows() that look at files beside the value.
std::vector<MatcherRow> artefact_matchers();

const SubjectRow* find_subject(const std::string& name);
const MatcherRow* find_matcher(const std::string& name);

/// A short text of any value for people; always valid UTF-8 without control characters.
std::string shown(const Json& value);

/// Path of a subject or operand: "a/b" or {file: a/b}; "" for what names no file.
std::string operand_path(const Json& operand);

} // namespace taohf::gates
