#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report_parts.hpp"
#include "report_text.hpp"

namespace taohf::actions::report {

namespace {

constexpr std::size_t k_max_map_rows = 400;

Json fact(const std::string& name, const std::string& value) {
    return {{"name", name}, {"value", value}};
}

void add_fact(Json& facts, const std::string& name, const Json* value) {
    if (value == nullptr || value->is_null() || *value == "")
        return;
    if (value->is_number())
        facts.push_back(fact(name, number_words(*value)));
    else
        facts.push_back(fact(name, scalar_text(*value)));
}

std::string image_words(const Json& inspection) {
    const Json* image =
        inspection.is_object() && inspection.contains("image") ? &inspection["image"] : nullptr;
    if (image == nullptr || !image->is_object())
        return "";
    const auto part = [&](const char* name) { return scalar_text(image->value(name, Json("?"))); };
    return part("height") + " × " + part("width") + " × " + part("channels") + ", resize " +
           part("resize") + ", " + part("interpolation");
}

std::string label_words(const Json& inspection) {
    const Json* names = find_path(inspection, "labels.names");
    const Json* number = find_path(inspection, "labels.count");
    if (number == nullptr)
        return "";
    std::vector<std::string> shown;
    if (names != nullptr && names->is_structured())
        for (const Json& name : *names)
            if (shown.size() < 4)
                shown.push_back(scalar_text(name));
    return scalar_text(*number) + (shown.empty() ? "" : ": " + text::join(shown, ", ") + " …");
}

/// The scalars of a proof that say something, under the names the probe gave them.
Json proof_facts(const Json& proof) {
    static const std::set<std::string> k_hidden = {"schema", "strategy", "emulated"};
    Json facts = Json::array();
    if (proof.is_object())
        for (const auto& [name, value] : proof.items())
            if (value.is_primitive() && !k_hidden.contains(name) && !value.is_null() && value != "")
                facts.push_back(fact(text::replace_all(name, "_", " "),
                                     value.is_number_float()
                                         ? fmt::format("{:.3g}", value.get<double>())
                                         : number_words(value)));
    return facts;
}

Json map_rows(const Json& map) {
    Json rows = Json::array();
    const Json entries = map.is_object() ? map.value("entries", Json::array()) : Json::array();
    if (!entries.is_array())
        return rows;
    for (const Json& entry : entries) {
        if (!entry.is_object() || rows.size() >= k_max_map_rows)
            continue;
        const auto part = [&](const char* name) {
            return scalar_text(entry.value(name, Json("")));
        };
        rows.push_back(
            {{"source", part("source")}, {"operation", part("op")}, {"target", part("target")}});
    }
    return rows;
}

Json gate_view(const state::GateRecord& gate, const state::PortState& state) {
    Json evidence = Json::array();
    for (const std::string& path : gate.evidence) {
        const std::string link = link_to(path);
        evidence.push_back({{"path", path}, {"link", link}, {"has_link", !link.empty()}});
    }
    const auto approval = state.approvals.find(gate.id);
    const bool approved = !gate.passed && approval != state.approvals.end();
    const std::string words =
        approved ? fmt::format("let pass by {}: {}", approval->second.by, approval->second.reason)
                 : "";
    return {{"id", gate.id},
            {"title", gate.title},
            {"step", gate.step},
            {"standing", standing(gate, state)},
            {"emulated", gate.emulated},
            {"expected", gate.expected},
            {"observed", gate.observed},
            {"evidence", std::move(evidence)},
            {"is_approved", approved},
            {"approval", words}};
}

/// Red first, then what a person let pass or was only warned of, then green; else as judged.
Json gate_views(const state::PhaseRecord* record, const state::PortState& state) {
    Json views = Json::array();
    if (record == nullptr)
        return views;
    for (const char* wanted : {"red", "approved", "warning", "passed"})
        for (const state::GateRecord& gate : record->gates)
            if (standing(gate, state) == wanted)
                views.push_back(gate_view(gate, state));
    return views;
}

Json phase_view(const Source& source, const phase::PhaseSpec& phase) {
    const state::PhaseRecord* record = record_of(source, phase.number);
    Json gates = gate_views(record, source.state);
    const auto red =
        std::ranges::count_if(gates, [](const Json& gate) { return gate["standing"] == "red"; });
    const auto passed =
        std::ranges::count_if(gates, [](const Json& gate) { return gate["standing"] == "passed"; });
    const std::string conclusion = record == nullptr ? "not run" : record->conclusion;
    const std::string reason = record == nullptr ? "" : record->reason;
    const std::string summary = gates.empty()
                                    ? fmt::format("{} gates, none judged", phase.gates.size())
                                    : fmt::format("{} of {} gates passed", passed, gates.size());
    return {{"number", std::to_string(phase.number)},
            {"title", phase.title},
            {"conclusion", conclusion},
            {"class", conclusion == "not run" ? "pending" : conclusion},
            {"reason", reason},
            {"has_reason", !reason.empty() && conclusion != "success"},
            {"summary", summary},
            {"open", red > 0 || conclusion == "failure"},
            {"has_gates", !gates.empty()},
            {"gates", std::move(gates)}};
}

Json emulation_lines(const Source& source, const Counts& counts) {
    Json lines = Json::array();
    if (runs_in_sandbox(source))
        lines.push_back(
            "Containers: CPU images built on this host, not NVIDIA's; CUDA is absent and a shim "
            "lets the code run on the CPU.");
    if (counts.emulated == 0)
        return lines;
    std::vector<std::string> ids;
    for (const state::PhaseRecord& phase : source.state.phases)
        for (const state::GateRecord& gate : phase.gates)
            if (gate.emulated)
                ids.push_back(gate.id);
    lines.push_back(
        "TensorRT: the engine is an emulation over ONNX Runtime. Latency and precision of a real "
        "engine are not shown by it.");
    lines.push_back("Gates that rest on it: " + text::join(ids, ", ") + ".");
    return lines;
}

double total_seconds(const Source& source) {
    double seconds = 0;
    for (const state::PhaseRecord& phase : source.state.phases)
        for (const state::StepRecord& step : phase.steps)
            seconds += step.seconds;
    return seconds;
}

Json cards(const Source& source, const Counts& counts) {
    Json list = Json::array();
    const auto add = [&](const std::string& value, const char* name, const char* kind) {
        list.push_back({{"value", value}, {"name", name}, {"class", kind}});
    };
    add(std::to_string(counts.passed), "gates passed", "good");
    add(std::to_string(counts.red), "gates red", counts.red > 0 ? "bad" : "plain");
    if (counts.warnings + counts.approved > 0)
        add(std::to_string(counts.warnings + counts.approved), "warned or let pass", "warn");
    add(std::to_string(counts.emulated),
        "rest on an emulation",
        counts.emulated > 0 ? "warn" : "plain");
    if (counts.not_judged > 0)
        add(std::to_string(counts.not_judged), "not judged", "plain");
    add(text::human_seconds(total_seconds(source)), "in all steps", "plain");
    return list;
}

/// "images 500, precision fp32": what the numbers were measured with.
std::string context_words(const Json& accuracy) {
    std::vector<std::string> words;
    if (accuracy.is_object())
        for (const auto& [name, value] : accuracy.items())
            if (value.is_primitive() && !value.is_null() && name != "schema" && name != "hf" &&
                name != "tao" && name != "engine")
                words.push_back(name + " " + number_words(value));
    return text::join(words, ", ");
}

void put_list(Json& view, const char* name, Json list, const std::string& note) {
    view[std::string("has_") + name] = !list.empty();
    view[std::string(name) + "_note"] =
        list.empty() && note.empty() ? "The evidence holds none." : note;
    view[name] = std::move(list);
}

} // namespace

Json model_facts(const Source& source, const Document& inspection) {
    Json facts = Json::array();
    const Json& known = inspection.value;
    add_fact(facts, "Model", find_path(source.scope, "inputs.model"));
    const std::pair<const char*, const char*> rows[] = {{"Revision", "revision"},
                                                        {"Architecture", "architecture"},
                                                        {"Type", "model_type"},
                                                        {"Library", "library"},
                                                        {"Task", "task"},
                                                        {"Parameters", "parameters"},
                                                        {"Weights", "weights.format"},
                                                        {"Licence", "licence"}};
    for (const auto& [name, path] : rows)
        add_fact(facts, name, find_path(known, path));
    if (const Json* module = find_path(known, "code_module"); module && *module != "")
        facts.push_back(fact("Code of the repository",
                             scalar_text(*module) +
                                 ".py defines the model and is part of the port, with every other "
                                 "Python file of the repository; no check here has read it"));
    for (const auto& [name, words] :
         {std::pair{"Labels", label_words(known)}, std::pair{"Image", image_words(known)}})
        if (!words.empty())
            facts.push_back(fact(name, words));
    const Json* generated = find_path(source.scope, "paths.generated");
    if (generated != nullptr && *generated == true)
        facts.push_back(fact(
            "Dataset",
            "generated, so its labels mean nothing: the numbers show agreement, not accuracy"));
    else
        add_fact(facts, "Dataset", find_path(source.scope, "paths.dataset"));
    add_fact(facts, "TAO version", find_path(source.scope, "tao.version"));
    add_fact(facts, "TAO layout", find_path(source.scope, "tao.layout"));
    add_fact(facts, "Profile", find_path(source.scope, "inputs.profile"));
    return facts;
}

Json strategy_view(const Source& source, const Evidence& evidence) {
    const Document& map = evidence.at("weight_map");
    const Json* proposed = find_path(evidence.at("inspection").value, "strategy.choice");
    const Json* why = find_path(evidence.at("inspection").value, "strategy.why");
    const Json* asked = find_path(source.scope, "inputs.strategy");
    const Json* proved = find_path(map.value, "strategy");
    const Json* name = proved != nullptr ? proved : proposed != nullptr ? proposed : asked;
    Json view = {{"name", name == nullptr ? "unknown" : scalar_text(*name)},
                 {"why", why == nullptr ? "" : scalar_text(*why)}};
    const Document& proof = evidence.at("weight_map_proof");
    put_list(view,
             "proof",
             proof_facts(proof.value.is_object() ? proof.value : map.value),
             map.note.empty() ? proof.note : map.note);
    put_list(view, "rows", map_rows(map.value), map.note);
    view["row_count"] = std::to_string(view["rows"].size());
    return view;
}

Json timings(const Source& source) {
    double longest = 0;
    for (const state::PhaseRecord& phase : source.state.phases)
        for (const state::StepRecord& step : phase.steps)
            longest = std::max(longest, step.seconds);
    Json rows = Json::array();
    for (const phase::PhaseSpec& phase : source.phases)
        for (const phase::StepSpec& step : phase.steps) {
            const state::StepRecord* record = source.state.find_step(step.id);
            if (record == nullptr || record->outcome == "pending")
                continue;
            const double share = longest > 0 ? 100 * record->seconds / longest : 0;
            rows.push_back({{"phase", std::to_string(phase.number)},
                            {"step", step.id},
                            {"title", step.title},
                            {"outcome", record->outcome},
                            {"seconds", text::human_seconds(record->seconds)},
                            {"width", fmt::format("{:.1f}", std::max(share, 0.4))}});
        }
    return rows;
}

Json commands(const Source& source) {
    const Json* inputs = find_path(source.scope, "inputs");
    const Json& known = inputs != nullptr && inputs->is_object() ? *inputs : source.state.inputs;
    const std::string start = "taohf -C " + shell_word(source.workspace.string());
    std::string run = start + " run " +
                      shell_word(scalar_text(known.value("model", Json("MODEL")))) + " --name " +
                      shell_word(source.state.port);
    const std::vector<std::string> flags = {"task", "dataset", "strategy", "profile", "layout"};
    for (const auto& [name, value] : known.items()) {
        if (name == "model" || value.is_null() || value.is_structured() || value == "")
            continue;
        const bool flag = std::ranges::find(flags, name) != flags.end();
        run += flag ? " --" + name + " " + shell_word(scalar_text(value))
                    : " --set " + shell_word(name + "=" + scalar_text(value));
    }
    const std::string port = " --port " + shell_word(source.state.port);
    Json list = Json::array();
    for (const auto& [text, why] :
         {std::pair{run, "Run it again; steps whose evidence still holds are skipped"},
          std::pair{start + port + " gate check",
                    "Judge every gate anew from the evidence on disk"},
          std::pair{start + port + " report", "Write this report anew"}})
        list.push_back({{"text", text}, {"why", why}});
    return list;
}

Json make_view(const Source& source, const Evidence& evidence) {
    const Counts counts = count(source);
    const Verdict answer = verdict(source);
    const Json* model = find_path(source.scope, "inputs.model");
    Json view = Json::object();
    view["port"] = source.state.port;
    view["model"] = model == nullptr ? "" : scalar_text(*model);
    view["generated"] = source.generated;
    view["verdict"] = {{"word", answer.word}, {"title", answer.title}, {"detail", answer.detail}};
    put_list(view, "emulation", emulation_lines(source, counts), "");
    view["cards"] = cards(source, counts);
    view["facts"] = model_facts(source, evidence.at("inspection"));
    view["has_inspection"] = evidence.at("inspection").note.empty();
    view["inspection_note"] = evidence.at("inspection").note;
    view["strategy"] = strategy_view(source, evidence);
    view["phases"] = Json::array();
    Json red = Json::array();
    for (const phase::PhaseSpec& phase : source.phases) {
        view["phases"].push_back(phase_view(source, phase));
        for (const Json& gate : view["phases"].back()["gates"])
            if (gate["standing"] == "red")
                red.push_back(gate);
    }
    put_list(view, "red", std::move(red), "");
    put_list(
        view, "charts", charts(evidence.at("training_curve")), evidence.at("training_curve").note);
    put_list(
        view, "accuracy", accuracy_rows(evidence.at("accuracy")), evidence.at("accuracy").note);
    view["accuracy_context"] = context_words(evidence.at("accuracy").value);
    put_list(view, "samples", samples(source, evidence.at("samples")), evidence.at("samples").note);
    view["engine_name"] = counts.emulated > 0 ? "Engine (emulated)" : "Engine";
    put_list(view, "timings", timings(source), "No step has run yet.");
    view["commands"] = commands(source);
    return view;
}

} // namespace taohf::actions::report
