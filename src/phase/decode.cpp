#include <taohf/base/text.hpp>
#include <taohf/lang/decoder.hpp>
#include <taohf/lang/interpolate.hpp>
#include <taohf/phase/spec.hpp>

#include <algorithm>
#include <charconv>

namespace taohf::phase {

namespace {

std::optional<lang::Condition> decode_condition(lang::Decoder& decoder) {
    if (!decoder.has("when"))
        return std::nullopt;
    auto condition = lang::parse_condition(decoder.text("when"));
    if (!condition) {
        decoder.error("when", condition.error().message, condition.error().next);
        return std::nullopt;
    }
    return *condition;
}

/// Exactly one verb key; other unknown keys are reported by finish().
void decode_verb(const lang::Node& node,
                 lang::Decoder& decoder,
                 const std::vector<std::string>& verbs,
                 StepSpec& step) {
    for (const auto& [key, value] : node.fields) {
        if (std::ranges::find(verbs, key) == verbs.end())
            continue;
        if (!step.verb.empty())
            decoder.error(key,
                          "a step does exactly one verb: '" + step.verb + "' or '" + key + "'");
        step.verb = key;
        step.arguments = decoder.json(key);
    }
    if (!step.verb.empty())
        return;
    std::string hint;
    for (const auto& [key, value] : node.fields)
        if (const auto near = text::nearest(key, verbs); near && hint.empty())
            hint = "did you mean '" + *near + "'?";
    decoder.error("id", "the step has no verb; verbs are: " + text::join(verbs, ", "), hint);
}

void check_text(const Json& value, const Span& span, Diagnostics& diagnostics) {
    if (value.is_string()) {
        const auto paths = lang::paths_used(value.get<std::string>());
        if (!paths)
            diagnostics.error(span, paths.error().message);
    } else if (value.is_structured()) {
        for (const Json& item : value)
            check_text(item, span, diagnostics);
    }
}

StepSpec decode_step(const lang::Node& node,
                     const std::vector<std::string>& verbs,
                     Diagnostics& diagnostics) {
    lang::Decoder decoder(node, "a step", diagnostics);
    StepSpec step;
    step.span = node.span;
    step.id = decoder.required_text("id");
    step.title = decoder.text("title", step.id);
    step.when = decode_condition(decoder);
    if (decoder.child("after") != nullptr)
        step.after = decoder.texts("after");
    step.inputs = decoder.texts("inputs");
    step.creates = decoder.texts("creates");
    step.timeout = decoder.text("timeout", "1h");
    step.attempts = static_cast<int>(decoder.integer("attempts", 1));
    decode_verb(node, decoder, verbs, step);
    decoder.finish();
    if (!parse_seconds(step.timeout))
        decoder.error("timeout", "'" + step.timeout + "' is no duration: 90s, 10m, 12h");
    if (step.attempts < 1 || step.attempts > 10)
        decoder.error("attempts", "attempts must be between 1 and 10");
    check_text(step.arguments, node.span, diagnostics);
    check_text(Json(step.inputs), node.span, diagnostics);
    check_text(Json(step.creates), node.span, diagnostics);
    return step;
}

GateSpec decode_gate(const lang::Node& node, Diagnostics& diagnostics) {
    lang::Decoder decoder(node, "a gate", diagnostics);
    GateSpec gate;
    gate.span = node.span;
    gate.id = decoder.required_text("id");
    gate.title = decoder.required_text("title");
    gate.step = decoder.required_text("step");
    gate.severity = decoder.text("severity", "error");
    gate.when = decode_condition(decoder);
    const Json assertion = decoder.json("assert");
    gate.assertion = assertion.is_array() ? Json{{"all", assertion}} : assertion;
    decoder.finish();
    if (gate.severity != "error" && gate.severity != "warn")
        decoder.error("severity", "severity is 'error' or 'warn'");
    if (!gate.assertion.is_object())
        decoder.error("id", "a gate needs 'assert' with one subject and its matchers");
    check_text(gate.assertion, node.span, diagnostics);
    return gate;
}

/// "phases/4-export.yaml" -> {"4", "export"}
std::pair<std::string, std::string> parts_of_name(const std::string& file) {
    std::string stem = file.substr(file.rfind('/') == std::string::npos ? 0 : file.rfind('/') + 1);
    if (stem.ends_with(".yaml"))
        stem.resize(stem.size() - 5);
    const auto dash = stem.find('-');
    return {stem.substr(0, dash), dash == std::string::npos ? "" : stem.substr(dash + 1)};
}

void check_name(const PhaseSpec& phase, const std::string& file, lang::Decoder& decoder) {
    const auto [number, id] = parts_of_name(file);
    if (std::to_string(phase.number) != number)
        decoder.error("phase",
                      "phase " + std::to_string(phase.number) +
                          " stands in a file that begins with '" + number + "'");
    if (phase.id != id)
        decoder.error("id", "id '" + phase.id + "' differs from the file's name '" + id + "'");
}

} // namespace

Result<long long> parse_seconds(const std::string& text) {
    long long number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit(result.ptr, text.data() + text.size());
    const long long factor = unit.empty() || unit == "s" ? 1
                             : unit == "m"               ? 60
                             : unit == "h"               ? 3600
                                                         : 0;
    if (result.ec != std::errc() || factor == 0 || number <= 0 || number > 1'000'000)
        return fail(ErrorCode::spec, "'" + text + "' is no duration: 90s, 10m, 12h");
    return number * factor;
}

std::optional<PhaseSpec> decode_phase(const std::string& text,
                                      const std::string& file,
                                      const std::vector<std::string>& verbs,
                                      Diagnostics& diagnostics) {
    Diagnostics own;
    const auto node = lang::read_yaml(text, file, own);
    PhaseSpec phase;
    phase.file = file;
    if (node) {
        lang::Decoder decoder(*node, "a phase file", own);
        if (decoder.required_text("schema") != "taohf/phase/v1")
            decoder.error("schema", "schema must be taohf/phase/v1");
        phase.number = static_cast<int>(decoder.integer("phase", -1));
        phase.id = decoder.required_text("id");
        phase.title = decoder.required_text("title");
        phase.summary = decoder.text("summary");
        for (const long long needed : decoder.integers("needs"))
            phase.needs.push_back(static_cast<int>(needed));
        phase.when = decode_condition(decoder);
        phase.when_not = decoder.text("when_not");
        if (const lang::Node* steps = decoder.required_child("steps", lang::NodeKind::sequence))
            for (const lang::Node& step : steps->items)
                phase.steps.push_back(decode_step(step, verbs, own));
        if (const lang::Node* gates = decoder.child("gates"))
            for (const lang::Node& gate : gates->items)
                phase.gates.push_back(decode_gate(gate, own));
        check_name(phase, file, decoder);
        decoder.finish();
    }
    for (const Diagnostic& diagnostic : own.all())
        diagnostics.report(diagnostic);
    if (own.has_errors())
        return std::nullopt;
    return phase;
}

} // namespace taohf::phase
