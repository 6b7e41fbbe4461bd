#include <taohf/base/text.hpp>

#include "tables.hpp"

namespace taohf::gates {

namespace {

constexpr std::uint64_t k_max_text = 32u << 20;
/// First bytes of a serialised TensorRT plan ("ftrt"/"ptrt" in both byte orders seen).
constexpr std::string_view k_engine_magics[] = {"ftrt", "ptrt", "trtf", "trtp"};

Observation problem(const std::string& path, std::string words, bool absent = false) {
    return {nullptr, std::move(words), absent, path, ""};
}

/// Says why there is nothing to read, or nothing when there is something of this kind.
std::optional<Observation>
unusable(const std::string& path, host::FileKind kind, const Judge& judge) {
    if (!judge.locate(path))
        return problem(path, "'" + path + "' lies outside the workspace");
    const auto info = judge.stat(path);
    if (!info)
        return problem(path, "'" + path + "' does not exist", true);
    if (info->kind == kind)
        return std::nullopt;
    const bool file = kind == host::FileKind::regular;
    return problem(path, "'" + path + (file ? "' is no regular file" : "' is no folder"));
}

Observation observe_file(const Json& subject, const Json&, Judge& judge) {
    const std::string path = operand_path(subject);
    judge.saw(path);
    if (auto found = unusable(path, host::FileKind::regular, judge))
        return *found;
    const std::uint64_t size = judge.stat(path)->size;
    return {Json{{"exists", true}, {"size", size}}, "", false, path, text::human_bytes(size)};
}

Observation observe_folder(const Json& subject, const Json&, Judge& judge) {
    const std::string path = operand_path(subject);
    judge.saw(path);
    if (auto found = unusable(path, host::FileKind::directory, judge))
        return *found;
    const host::Path folder = *judge.locate(path);
    const auto files = host::walk(judge.files(), folder);
    if (!files)
        return problem(path, files.error().message);
    Json names = Json::array();
    for (const auto& name : *files) {
        const auto info = judge.files().stat(folder / name, false);
        if (info && info->kind == host::FileKind::regular)
            names.push_back(name.string());
    }
    const std::string words = std::to_string(names.size()) + " files";
    return {std::move(names), "", false, path, words};
}

Observation observe_text(const Json& subject, const Json&, Judge& judge) {
    const std::string path = operand_path(subject);
    judge.saw(path);
    if (auto found = unusable(path, host::FileKind::regular, judge))
        return *found;
    auto content = judge.files().read(*judge.locate(path), k_max_text);
    if (!content)
        return problem(path, content.error().message);
    return {Json(std::move(*content)), "", false, path, ""};
}

Observation pointed(const Result<Json>& document,
                    const Json& assertion,
                    const std::string& path,
                    Judge& judge) {
    if (!document)
        return problem(path, document.error().message);
    if (document->is_object() && document->value("emulated", Json()) == true)
        judge.rests_on_emulation();
    const std::string pointer =
        assertion.contains("pointer") ? scalar_text(assertion.at("pointer")) : "";
    const Json* value = find_pointer(*document, pointer);
    if (value == nullptr)
        return problem(path, "'" + path + "' has nothing at " + pointer, true);
    return {*value, "", false, path, ""};
}

Observation observe_json(const Json& subject, const Json& assertion, Judge& judge) {
    const std::string path = operand_path(subject);
    judge.saw(path);
    if (auto found = unusable(path, host::FileKind::regular, judge)) {
        found->absent = found->absent && !assertion.contains("pointer");
        return *found;
    }
    return pointed(*judge.json(path), assertion, path, judge);
}

Observation observe_yaml(const Json& subject, const Json& assertion, Judge& judge) {
    const std::string path = operand_path(subject);
    judge.saw(path);
    if (auto found = unusable(path, host::FileKind::regular, judge)) {
        found->absent = found->absent && !assertion.contains("pointer");
        return *found;
    }
    return pointed(*judge.yaml(path), assertion, path, judge);
}

Observation observe_value(const Json& subject, const Json&, Judge&) {
    return {subject, "", false, "", ""};
}

/// Differences between what the steps' records say they made, and made it from, and what is there
/// now.
Observation observe_changes(const Json& subject, const Json&, Judge& judge) {
    Json changes = Json::array();
    std::string words;
    for (const Json& id : subject.is_array() ? subject : Json::array({subject})) {
        const Json* step = find_path(judge.scope(), "steps." + scalar_text(id));
        if (step == nullptr || step->value("outcome", "") != "success")
            return problem("", "step " + scalar_text(id) + " has not succeeded");
        const Json made = step->value("made", Json::object());
        const Json made_from = step->value("made_from", Json::object());
        for (const auto& [path, digest] : made.items())
            judge.saw(path);
        for (const auto& [records, verb] :
             {std::pair{&made, " made"}, std::pair{&made_from, " read"}})
            for (const auto& [path, digest] : records->items())
                if (const std::string now = judge.recorded_digest(path); now != digest)
                    changes.push_back(path + (now == "absent" ? " is gone" : " changed") +
                                      " since step " + scalar_text(id) + verb + " it");
    }
    for (const Json& change : changes)
        words += (words.empty() ? "" : "; ") + scalar_text(change);
    return {std::move(changes), "", false, "", words.empty() ? "nothing changed" : words};
}

std::string engine_kind(const std::string& path, Judge& judge) {
    if (judge.is_emulated_engine(path))
        return "emulated";
    const auto head = judge.files().read_range(*judge.locate(path), 0, 4);
    for (const auto magic : k_engine_magics)
        if (head && *head == magic)
            return "tensorrt";
    return "unknown";
}

/// The kind itself, or with a pointer a field of {kind, size}.
Observation observe_engine(const Json& subject, const Json& assertion, Judge& judge) {
    const std::string path = operand_path(subject);
    judge.saw(path);
    if (auto found = unusable(path, host::FileKind::regular, judge))
        return *found;
    const std::string kind = engine_kind(path, judge);
    if (!assertion.contains("pointer"))
        return {kind, "", false, path, ""};
    const Result<Json> header = Json{{"kind", kind}, {"size", judge.stat(path)->size}};
    return pointed(header, assertion, path, judge);
}

} // namespace

const std::vector<SubjectRow>& subject_rows() {
    static const std::vector<SubjectRow> rows = {
        {"file",
         "a regular file of the workspace; its length is its size in bytes",
         false,
         observe_file},
        {"folder", "the names of the regular files below a folder", false, observe_folder},
        {"json", "a JSON document, or the value at its `pointer`", true, observe_json},
        {"yaml", "a YAML document, or the value at its `pointer`", true, observe_yaml},
        {"text", "the content of a text file", false, observe_text},
        {"value", "a value of the scope, mostly ${steps.<id>.<name>}", false, observe_value},
        {"changed_since",
         "what changed of the artefacts and inputs of steps since they ran; a list of findings",
         false,
         observe_changes},
        {"engine",
         "an engine file by its header: tensorrt, emulated or unknown",
         true,
         observe_engine},
    };
    return rows;
}

} // namespace taohf::gates
