#include <taohf/base/text.hpp>

#include "tables.hpp"

namespace taohf::gates {

namespace {

/// An artefact older than what it was made from is stale.
Verdict newer_than(const Json& expected, const Observation& seen, Judge& judge) {
    const Json sources = expected.is_array() ? expected : Json::array({expected});
    std::vector<std::string> names;
    for (const Json& source : sources)
        names.push_back(operand_path(source));
    Verdict verdict{!names.empty(), "not older than " + text::join(names, ", "), "not older"};
    const auto own = seen.path.empty() ? std::nullopt : judge.newest(seen.path);
    if (!own)
        return {false, verdict.expected, "no file whose age could be compared"};
    for (const std::string& source : names) {
        judge.saw(source);
        const auto other = judge.newest(source);
        if (other && *own >= *other)
            continue;
        verdict.passed = false;
        verdict.observed = other ? "older than " + source : "'" + source + "' does not exist";
    }
    return verdict;
}

/// Why a recorded digest does not speak of the file that lies there now; "" when it does.
std::string disagreement(const Json& recorded, const std::string& path, Judge& judge) {
    judge.saw(path);
    if (!judge.locate(path))
        return "'" + path + "' lies outside the workspace";
    const auto now = judge.digest(path);
    if (!now)
        return judge.stat(path) ? "'" + path + "' cannot be read as a file"
                                : "'" + path + "' does not exist";
    if (recorded.is_string() && recorded.get<std::string>() == *now)
        return "";
    const std::string was = recorded.is_string() ? shown(recorded).substr(0, 12) : shown(recorded);
    return "'" + path + "' is another file (" + now->substr(0, 12) +
           ") than the evidence speaks of (" + was + ")";
}

/// The evidence speaks of exactly the file that lies there now.
Verdict sha256_of(const Json& expected, const Observation& seen, Judge& judge) {
    const std::string path = operand_path(expected);
    const std::string why = disagreement(seen.value, path, judge);
    return {why.empty(), "the digest of " + path + " as it is now", why.empty() ? "equal" : why};
}

Verdict sha256_map(const Json&, const Observation& seen, Judge& judge) {
    Verdict verdict{
        seen.value.is_object() && !seen.value.empty(), "digests of the files as they are now", ""};
    if (!verdict.passed)
        return verdict;
    verdict.observed = std::to_string(seen.value.size()) + " files equal";
    for (const auto& [path, recorded] : seen.value.items()) {
        const std::string why = disagreement(recorded, path, judge);
        if (verdict.passed && !why.empty()) {
            verdict.passed = false;
            verdict.observed = why;
        }
    }
    return verdict;
}

Verdict symlink(const Json& expected, const Observation& seen, Judge& judge) {
    const auto file = seen.path.empty() ? std::nullopt : judge.locate(seen.path);
    const auto info = file ? judge.files().stat(*file, false) : std::nullopt;
    const bool is_link = info && info->kind == host::FileKind::symlink;
    const auto words = [](bool link) { return link ? "a symbolic link" : "no symbolic link"; };
    return {info && is_link == (expected == true), words(expected == true), words(is_link)};
}

} // namespace

std::vector<MatcherRow> artefact_matchers() {
    using enum Operand;
    return {
        {"newer_than", "not older than each of these files or folders", paths, newer_than},
        {"sha256_of", "the digest of {file: path} as that file is now", path, sha256_of},
        {"sha256_map",
         "an object {path: digest} that holds for the files as they are now",
         yes,
         sha256_map},
        {"symlink", "whether the path is a symbolic link", flag, symlink},
    };
}

} // namespace taohf::gates
