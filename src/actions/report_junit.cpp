#include <fmt/format.h>

#include "report_parts.hpp"
#include "report_text.hpp"

namespace taohf::actions::report {

namespace {

struct Tally {
    int tests = 0;
    int failures = 0;
    int skipped = 0;
};

/// An attribute keeps its line ends only when they are written as references.
std::string attribute(std::string_view text) {
    std::string out;
    for (const char c : escape_markup(text))
        if (c == '\n')
            out += "&#10;";
        else
            out += c;
    return out;
}

std::string
opened(const Source& source, int phase, const std::string& id, const std::string& title) {
    return fmt::format("    <testcase classname=\"taohf.{}.phase{}\" name=\"{}\"",
                       attribute(source.state.port),
                       phase,
                       attribute(id + " " + title));
}

std::string finding(const state::GateRecord& gate) {
    return "expected: " + gate.expected + "\nobserved: " + gate.observed;
}

std::string testcase(const Source& source, const state::GateRecord& gate, Tally& tally) {
    const std::string stands = standing(gate, source.state);
    std::string out = opened(source, gate.phase, gate.id, gate.title) + ">\n";
    ++tally.tests;
    if (stands == "red") {
        ++tally.failures;
        out += fmt::format("      <failure type=\"gate\" message=\"{}\">{}</failure>\n",
                           attribute("observed " + gate.observed),
                           escape_markup(finding(gate)));
    } else if (stands != "passed") {
        ++tally.skipped;
        const std::string why = stands == "warning"
                                    ? "red, severity warning"
                                    : "red, let pass by " + source.state.approvals.at(gate.id).by +
                                          ": " + source.state.approvals.at(gate.id).reason;
        out +=
            fmt::format("      <skipped message=\"{}\"/>\n", attribute(why + "\n" + finding(gate)));
    }
    std::string notes = gate.emulated ? "rests on an emulated engine\n" : "";
    for (const std::string& path : gate.evidence)
        notes += "evidence: " + path + "\n";
    if (!notes.empty())
        out += "      <system-out>" + escape_markup(notes) + "</system-out>\n";
    return out + "    </testcase>\n";
}

std::string unjudged(const Source& source, int phase, const phase::GateSpec& gate, Tally& tally) {
    ++tally.tests;
    ++tally.skipped;
    return opened(source, phase, gate.id, gate.title) +
           "><skipped message=\"not judged\"/></testcase>\n";
}

std::string suite(const Source& source, const phase::PhaseSpec& phase, Tally& total) {
    Tally tally;
    std::string cases;
    const state::PhaseRecord* record = record_of(source, phase.number);
    if (record != nullptr)
        for (const state::GateRecord& gate : record->gates)
            cases += testcase(source, gate, tally);
    if (record == nullptr || record->gates.empty())
        for (const phase::GateSpec& gate : phase.gates)
            cases += unjudged(source, phase.number, gate, tally);
    total.tests += tally.tests;
    total.failures += tally.failures;
    total.skipped += tally.skipped;
    return fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n{}"
        "  </testsuite>\n",
        attribute(fmt::format("phase {} {}", phase.number, phase.title)),
        tally.tests,
        tally.failures,
        tally.skipped,
        cases);
}

} // namespace

std::string junit_xml(const Source& source) {
    Tally total;
    std::string suites;
    for (const phase::PhaseSpec& phase : source.phases)
        suites += suite(source, phase, total);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n"
        "{}</testsuites>\n",
        attribute(source.state.port),
        total.tests,
        total.failures,
        total.skipped,
        suites);
}

} // namespace taohf::actions::report
