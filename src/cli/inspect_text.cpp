#include "inspect_text.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <map>
#include <vector>

namespace taohf::cli {

namespace {

constexpr std::size_t k_label_width = 14;
constexpr std::size_t k_shown_names = 5;
constexpr std::size_t k_shown_changes = 20;

std::string row(const std::string& name, const std::string& value) {
    return value.empty() ? ""
                         : name + std::string(k_label_width - name.size(), ' ') +
                               text::printable(value) + "\n";
}

std::string text_at(const Json& document, const char* path) {
    const Json* found = find_path(document, path);
    return found == nullptr || found->is_null() ? "" : scalar_text(*found);
}

std::uint64_t number_at(const Json& document, const char* path) {
    const Json* found = find_path(document, path);
    return found && found->is_number_integer() && found->get<std::int64_t>() > 0
               ? found->get<std::uint64_t>()
               : 0;
}

std::string joined(const Json* list, const char* separator = ", ") {
    std::string text;
    for (const Json& item : list ? *list : Json::array())
        text += (text.empty() ? "" : separator) + scalar_text(item);
    return text;
}

std::string label_text(const Json& document) {
    const Json* names = find_path(document, "labels.names");
    std::string text = text_at(document, "labels.count");
    if (!names || names->empty())
        return text;
    text += ": ";
    for (std::size_t i = 0; i < names->size() && i < k_shown_names; ++i)
        text += (i == 0 ? "" : ", ") + scalar_text((*names)[i]);
    return names->size() > k_shown_names ? text + ", ..." : text;
}

std::string image_text(const Json& document) {
    std::string text = fmt::format("{} x {} x {}",
                                   text_at(document, "image.height"),
                                   text_at(document, "image.width"),
                                   text_at(document, "image.channels"));
    text += ", resize " + text_at(document, "image.resize");
    if (const auto crop = text_at(document, "image.crop.height"); !crop.empty())
        text += ", crop " + crop + " x " + text_at(document, "image.crop.width");
    text += ", " + text_at(document, "image.interpolation");
    return text + ", mean " + text_at(document, "image.mean") + ", std " +
           text_at(document, "image.std");
}

std::string parameter_text(const Json& document) {
    return fmt::format("{:.1f} million, {}, {}",
                       static_cast<double>(number_at(document, "parameters")) / 1e6,
                       text_at(document, "dtype"),
                       text::human_bytes(number_at(document, "estimate.weight_bytes")));
}

std::string head_text(const Json& document) {
    const std::string scores = text_at(document, "head.scores");
    return scores.empty() ? text_at(document, "head.fate")
                          : fmt::format("{}: {} outputs, {}; {}",
                                        scores,
                                        text_at(document, "head.outputs"),
                                        text_at(document, "head.rule"),
                                        text_at(document, "head.fate"));
}

std::string cost_text(const Json& document) {
    std::string text =
        fmt::format("disk {}; GPU at least {} to train and {} to infer",
                    text::human_bytes(number_at(document, "estimate.disk_bytes")),
                    text::human_bytes(number_at(document, "estimate.gpu_training_bytes")),
                    text::human_bytes(number_at(document, "estimate.gpu_inference_bytes")));
    if (const auto each = number_at(document, "estimate.gpu_activation_bytes_per_image"))
        text += ", and about " + text::human_bytes(each) + " for each image";
    return text;
}

std::string reference_text(const Json& document) {
    const std::string core = text_at(document, "reference.core");
    const std::string inlined = text_at(document, "reference.inlined");
    std::string text = core == inlined ? inlined : core + " (core), " + inlined + " (inlined)";
    const std::string own = joined(find_path(document, "tao_backbones.inlined"));
    return own.empty() ? text : text + "; TAO's own backbone of this shape: " + own;
}

/// What a port of this model would run that nobody here has looked at.
std::string code_text(const Json& document) {
    const std::string module = text_at(document, "code_module");
    return module.empty()
               ? ""
               : fmt::format("WARNING: {}.py of the repository defines the class; a port takes it "
                             "along and runs it in its containers",
                             module);
}

std::string port_rows(const Json& document) {
    std::string text =
        row("code", code_text(document)) + row("labels", label_text(document)) +
        row("image", image_text(document)) + row("parameters", parameter_text(document)) +
        row("head", head_text(document)) + row("reference", reference_text(document)) +
        row("strategy",
            text_at(document, "strategy.choice") + " (" + text_at(document, "strategy.why") + ")") +
        row("cost", cost_text(document));
    for (const char* topic : {"parity", "onnx"})
        if (const Json* list = find_path(document, std::string("traps.") + topic))
            for (const Json& trap : *list)
                text += row(std::string(topic) + " trap", scalar_text(trap));
    return text + row("licence", text_at(document, "licence"));
}

using TensorRows = std::map<std::string, std::string>;

TensorRows tensor_rows(const Json& document) {
    TensorRows rows;
    for (const Json& tensor : document.value("tensors", Json::array()))
        rows[tensor.value("name", "")] =
            tensor.value("dtype", "") + " " + tensor.value("shape", Json::array()).dump();
    return rows;
}

Json tensor_changes(const TensorRows& left, const TensorRows& right) {
    Json changes{{"added", Json::array()}, {"removed", Json::array()}, {"changed", Json::array()}};
    for (const auto& [name, shape] : left) {
        const auto other = right.find(name);
        if (other == right.end())
            changes["removed"].push_back(name);
        else if (other->second != shape)
            changes["changed"].push_back(
                Json{{"name", name}, {"left", shape}, {"right", other->second}});
    }
    for (const auto& [name, shape] : right)
        if (!left.contains(name))
            changes["added"].push_back(name);
    return changes;
}

/// What two revisions always differ in, and the tensor list, which is compared by name.
bool is_compared(const std::string& field) {
    for (const char* other :
         {"schema", "model", "revision", "source", "bytes_read", "seconds", "tensors"})
        if (field == other)
            return false;
    return true;
}

/// Objects field by field, everything else as a whole.
void compare_values(const std::string& field, const Json& left, const Json& right, Json& changes) {
    if (left == right)
        return;
    if (!left.is_object() || !right.is_object()) {
        changes.push_back(Json{{"field", field}, {"left", left}, {"right", right}});
        return;
    }
    for (const auto& [key, value] : left.items())
        compare_values(
            field + "." + key, value, right.contains(key) ? right.at(key) : Json(nullptr), changes);
    for (const auto& [key, value] : right.items())
        if (!left.contains(key))
            compare_values(field + "." + key, nullptr, value, changes);
}

} // namespace

std::string inspection_screen(const Json& document) {
    std::string task = text_at(document, "task");
    if (const auto sure = text_at(document, "task_confidence"); !sure.empty() && sure != "certain")
        task += " (" + sure + ": " + joined(find_path(document, "task_evidence"), "; ") + ")";
    std::string text =
        row("model", text_at(document, "model")) + row("revision", text_at(document, "revision")) +
        row("architecture", text_at(document, "architecture")) + row("task", task) +
        row("verdict", text_at(document, "verdict")) + row("reason", text_at(document, "reason")) +
        row("instead", text_at(document, "alternative"));
    if (document.value("verdict", "") == "portable")
        text += port_rows(document);
    return text;
}

std::string inspection_evidence(const Json& document) {
    std::string text;
    for (const Json& line : document.value("task_evidence", Json::array()))
        text += row("because", scalar_text(line));
    if (const Json* origin = find_path(document, "image.origin"))
        for (const auto& [name, from] : origin->items())
            text += row("image", name + " from " + scalar_text(from));
    text += row("coverage", text_at(document, "coverage.why"));
    if (const Json* basis = find_path(document, "estimate.basis"))
        for (const auto& [use, why] : basis->items())
            text += row("cost", use + ": " + scalar_text(why));
    return text;
}

std::string inspection_tensors(const Json& document) {
    std::string text;
    for (const Json& tensor : document.value("tensors", Json::array()))
        text += tensor.value("dtype", "") + "  " + tensor.value("shape", Json::array()).dump() +
                "  " + text::printable(tensor.value("name", "")) + "\n";
    return text;
}

Json compare_inspections(const Json& left, const Json& right) {
    Json changes = Json::array();
    for (const auto& [field, value] : left.items())
        if (is_compared(field))
            compare_values(
                field, value, right.contains(field) ? right.at(field) : Json(nullptr), changes);
    for (const auto& [field, value] : right.items())
        if (is_compared(field) && !left.contains(field))
            compare_values(field, nullptr, value, changes);
    Json tensors = tensor_changes(tensor_rows(left), tensor_rows(right));
    const bool same = changes.empty() && tensors["added"].empty() && tensors["removed"].empty() &&
                      tensors["changed"].empty();
    const auto side = [](const Json& document) {
        return Json{{"model", document.value("model", "")},
                    {"revision", document.value("revision", "")}};
    };
    return Json{{"schema", "taohf/inspection-comparison/v1"},
                {"left", side(left)},
                {"right", side(right)},
                {"same", same},
                {"changes", std::move(changes)},
                {"tensors", std::move(tensors)}};
}

std::string comparison_screen(const Json& comparison) {
    if (comparison.value("same", false))
        return "nothing that a port rests on differs: same configuration, preprocessing, labels "
               "and "
               "tensor schema (the values of the weights are not compared)\n";
    std::string text;
    std::size_t shown = 0;
    for (const Json& change : comparison.value("changes", Json::array()))
        if (++shown <= k_shown_changes)
            text += fmt::format("{}: {} -> {}\n",
                                text::printable(change.value("field", "")),
                                text::printable(scalar_text(change.at("left"))),
                                text::printable(scalar_text(change.at("right"))));
    if (shown > k_shown_changes)
        text += fmt::format("... and {} more fields (--json lists all)\n", shown - k_shown_changes);
    for (const char* kind : {"added", "removed", "changed"})
        if (const Json* list = find_path(comparison, std::string("tensors.") + kind);
            list && !list->empty())
            text += fmt::format("tensors {}: {}, first {}\n",
                                kind,
                                list->size(),
                                text::printable(list->front().is_object()
                                                    ? list->front().value("name", "")
                                                    : scalar_text(list->front())));
    return text;
}

} // namespace taohf::cli
