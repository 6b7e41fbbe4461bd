#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report_parts.hpp"
#include "report_text.hpp"

namespace taohf::actions::report {

namespace {

constexpr std::array<const char*, 6> k_documents = {
    "inspection", "weight_map", "weight_map_proof", "accuracy", "training_curve", "samples"};
constexpr std::size_t k_max_samples = 24;
constexpr std::uint64_t k_max_image = 3u << 20;

Document read_document(const Source& source, const std::string& path) {
    const host::Path file = source.workspace / path;
    if (!source.files.stat(file))
        return {nullptr, "There is no " + path + "."};
    const auto text = source.files.read(file);
    if (!text)
        return {nullptr, text.error().message};
    auto document = parse_json(*text, path);
    if (!document)
        return {nullptr, document.error().message};
    return {std::move(*document), ""};
}

/// Media type by content; the file's name proves nothing. SVG is left out: it can carry scripts.
std::string image_type(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1A\n"))
        return "image/png";
    if (bytes.starts_with("\xFF\xD8\xFF"))
        return "image/jpeg";
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a"))
        return "image/gif";
    if (bytes.starts_with("RIFF") && bytes.size() > 12 && bytes.substr(8, 4) == "WEBP")
        return "image/webp";
    return "";
}

std::string scope_text(const Source& source, std::string_view dotted) {
    const Json* value = find_path(source.scope, dotted);
    return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

/// The evidence names files as the container saw them.
host::Path on_host(const Source& source, const std::string& path) {
    const std::string data = scope_text(source, "paths.data");
    const std::string dataset = scope_text(source, "paths.dataset");
    const host::Path given = source.workspace / path;
    if (host::stays_below(source.workspace, given))
        return given;
    if (path.starts_with("/workspace/"))
        return source.workspace / path.substr(11);
    if (!data.empty() && path.starts_with(data + "/"))
        return source.workspace / dataset / path.substr(data.size() + 1);
    return given;
}

/// A data URI, or "" for what is no image or lies where a report must not look.
std::string embedded_image(const Source& source, const std::string& path) {
    const host::Path file = on_host(source, path);
    const std::string dataset = scope_text(source, "paths.dataset");
    const bool ours = host::stays_below(source.workspace, file) ||
                      (!dataset.empty() && host::stays_below(source.workspace / dataset, file));
    const auto info = ours ? source.files.stat(file) : std::nullopt;
    if (!info || info->kind != host::FileKind::regular || info->size > k_max_image)
        return "";
    const auto bytes = source.files.read(file);
    const std::string type = bytes ? image_type(*bytes) : "";
    return type.empty() ? "" : "data:" + type + ";base64," + base64(*bytes);
}

/// "cat", "cat (0.93)" for {label, score}, or the value as JSON.
std::string prediction_words(const Json& value) {
    if (value.is_null())
        return "–";
    if (!value.is_object() || !value.contains("label"))
        return value.is_number_float() ? number_words(value) : scalar_text(value);
    const Json score = value.value("score", Json());
    return scalar_text(value.at("label")) +
           (score.is_number() ? fmt::format(" ({:.3g})", score.get<double>()) : "");
}

Json answer_of(const Json& value) {
    return value.is_object() && value.contains("label") ? value.at("label") : value;
}

/// Those that answered give the same answer.
bool agree(const Json& sample) {
    std::vector<Json> answers;
    for (const char* side : {"hf", "tao", "engine"})
        if (sample.contains(side) && !sample.at(side).is_null())
            answers.push_back(answer_of(sample.at(side)));
    return answers.size() > 1 && std::ranges::all_of(answers, [&](const Json& answer) {
               return answer == answers.front();
           });
}

Json sample_view(const Source& source, const Json& sample) {
    const std::string path = scalar_text(sample.value("image", Json("")));
    const std::string image = embedded_image(source, path);
    return {{"name", host::Path(path).filename().string()},
            {"image", image},
            {"has_image", !image.empty()},
            {"label", prediction_words(sample.value("label", Json()))},
            {"hf", prediction_words(sample.value("hf", Json()))},
            {"tao", prediction_words(sample.value("tao", Json()))},
            {"engine", prediction_words(sample.value("engine", Json()))},
            {"agree", agree(sample)}};
}

Json accuracy_row(const std::string& name, const Json& hf, const Json& tao, const Json& engine) {
    std::vector<double> numbers;
    for (const Json* side : {&hf, &tao, &engine})
        if (side->is_number())
            numbers.push_back(side->get<double>());
    const auto [least, most] = std::ranges::minmax_element(numbers);
    return {{"name", name},
            {"hf", number_words(hf)},
            {"tao", number_words(tao)},
            {"engine", number_words(engine)},
            {"spread", numbers.size() < 2 ? "–" : number_words(Json(*most - *least))}};
}

/// {hf: {top1: x}, tao: {...}, engine: {...}}; a bare number belongs to `metric`.
Json rows_by_side(const Json& document) {
    const auto value = [&](const char* side, const std::string& name) {
        const Json at = document.value(side, Json());
        return at.is_object() ? at.value(name, Json()) : at;
    };
    std::vector<std::string> names;
    for (const char* side : {"hf", "tao", "engine"})
        if (document.contains(side) && document.at(side).is_object())
            for (const auto& [name, number] : document.at(side).items())
                if (number.is_number() && std::ranges::find(names, name) == names.end())
                    names.push_back(name);
    const bool bare =
        document.value("hf", Json()).is_number() || document.value("tao", Json()).is_number();
    if (names.empty() && bare)
        names.push_back(scalar_text(document.value("metric", Json("score"))));
    Json rows = Json::array();
    for (const std::string& name : names)
        rows.push_back(
            accuracy_row(name, value("hf", name), value("tao", name), value("engine", name)));
    return rows;
}

} // namespace

Evidence read_evidence(const Source& source) {
    Evidence evidence;
    for (const char* name : k_documents)
        evidence[name] =
            read_document(source, "results/" + source.state.port + "/evidence/" + name + ".json");
    return evidence;
}

Json samples(const Source& source, const Document& document) {
    const Json& value = document.value;
    const Json list = value.is_object() ? value.value("samples", Json::array()) : value;
    Json views = Json::array();
    if (list.is_array())
        for (const Json& sample : list)
            if (sample.is_object() && views.size() < k_max_samples)
                views.push_back(sample_view(source, sample));
    return views;
}

Json accuracy_rows(const Document& accuracy) {
    const Json& document = accuracy.value;
    if (!document.is_object())
        return Json::array();
    if (!document.contains("metrics") || !document.at("metrics").is_array())
        return rows_by_side(document);
    Json rows = Json::array();
    for (const Json& row : document.at("metrics"))
        if (row.is_object())
            rows.push_back(accuracy_row(scalar_text(row.value("name", Json("?"))),
                                        row.value("hf", Json()),
                                        row.value("tao", Json()),
                                        row.value("engine", Json())));
    return rows;
}

} // namespace taohf::actions::report
