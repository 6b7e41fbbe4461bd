#pragma once

#include <taohf/host/host.hpp>
#include <taohf/phase/spec.hpp>
#include <taohf/state/record.hpp>

#include <map>
#include <string>
#include <vector>

namespace taohf::actions::report {

/// What a report is made from.
struct Source {
    host::FileSystem& files;
    host::Path workspace;
    const state::PortState& state;
    const std::vector<phase::PhaseSpec>& phases;
    const Json& scope;
    std::string generated; ///< UTC
};

/// One evidence document; null with a note when there is none to show.
struct Document {
    Json value;
    std::string note;
};

/// The documents named in report.hpp, by name without ".json".
using Evidence = std::map<std::string, Document>;
Evidence read_evidence(const Source& source);

/// The answer first: `word` is for programs, the rest for people.
struct Verdict {
    std::string word; ///< "proved", "red", "stopped" or "unfinished"
    std::string title;
    std::string detail;
};

struct Counts {
    int passed = 0;
    int red = 0;      ///< severity error, nobody approved it
    int warnings = 0; ///< red with severity warn
    int approved = 0; ///< red, and a person let it pass
    int emulated = 0;
    int not_judged = 0; ///< of phases that did not run
};

Counts count(const Source& source);
Verdict verdict(const Source& source);

/// "passed", "red", "warning" or "approved".
std::string standing(const state::GateRecord& gate, const state::PortState& state);
/// The record of a phase, or nullptr when it never ran.
const state::PhaseRecord* record_of(const Source& source, int number);
bool runs_in_sandbox(const Source& source);

/// Everything the pages show, as unescaped texts, lists and booleans.
Json make_view(const Source& source, const Evidence& evidence);

/// Parts of the view.
Json model_facts(const Source& source, const Document& inspection);
Json strategy_view(const Source& source, const Evidence& evidence);
Json accuracy_rows(const Document& accuracy);
Json charts(const Document& curve);
Json samples(const Source& source, const Document& document);
Json timings(const Source& source);
Json commands(const Source& source);

std::string junit_xml(const Source& source);
Json report_json(const Source& source, const Evidence& evidence);

} // namespace taohf::actions::report
