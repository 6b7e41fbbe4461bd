#include "model_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "family_table.hpp"
#include "json_fields.hpp"

namespace taohf::hub {

namespace {

constexpr std::string_view k_weight = ".weight";

/// "classifier", or what timm's configuration names; a list names the heads that are averaged.
std::string scores_module(const ModelConfig& model, const TaskDecision& decision) {
    if (model.library != "timm")
        return text_field(decision.row, "scores");
    const Json* nested = field(model.config, "pretrained_cfg");
    const Json* name = field(nested ? *nested : model.config, "classifier");
    if (name && name->is_array() && !name->empty())
        name = &name->front();
    return name && name->is_string() ? name->get<std::string>() : "";
}

/// layers.10 comes after layers.9.
bool before(const std::string& left, const std::string& right) {
    return std::pair(left.size(), left) < std::pair(right.size(), right);
}

/// The last weight of at least two dimensions in the module; a detector of two stages has its
/// encoder's scores behind those of the decoder.
const TensorInfo* scores_weight(const ModelConfig& model,
                                const TaskDecision& decision,
                                const std::vector<TensorInfo>& tensors) {
    const std::string module = scores_module(model, decision);
    std::vector<const TensorInfo*> found;
    for (const auto& tensor : tensors)
        if (!module.empty() && tensor.name.starts_with(module + ".") &&
            tensor.name.ends_with(k_weight) && tensor.shape.size() >= 2)
            found.push_back(&tensor);
    std::sort(found.begin(), found.end(), [](const TensorInfo* left, const TensorInfo* right) {
        return before(left->name, right->name);
    });
    const std::string setting = text_field(decision.row, "scores_before");
    if (!setting.empty() && boolean_field(model.config, setting).value_or(false) &&
        found.size() > 1)
        found.pop_back();
    return found.empty() ? nullptr : found.back();
}

Json outside_modules(const std::string& base, const std::vector<TensorInfo>& tensors) {
    std::vector<std::string> names;
    for (const auto& tensor : tensors)
        if (!base.empty() && !tensor.name.starts_with(base + "."))
            names.push_back(tensor.name.substr(0, tensor.name.find('.')));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string width_rule(std::int64_t outputs, std::size_t labels) {
    const auto count = static_cast<std::int64_t>(labels);
    if (outputs == count)
        return "one for each label";
    return outputs == count + 1 ? "labels and no-object" : "another number than labels";
}

std::uint64_t data_bytes(const std::vector<TensorInfo>& tensors) {
    std::uint64_t total = 0;
    for (const auto& tensor : tensors)
        total += tensor.end - tensor.begin;
    return total;
}

/// Bytes that one image's activations take in training: 34 values for each token and width, 5 for
/// each pair of tokens and head, in half of the four bytes that float32 has.
Json activation_bytes(const ModelConfig& model, const Json& image, const Json& table) {
    const Json facts = plain_transformer_facts(model, table);
    if (facts.is_null())
        return nullptr;
    const double patch = facts.value("patch", 16.0);
    const double tokens = image.value("height", 0.0) * image.value("width", 0.0) / (patch * patch);
    const double width = facts.value("hidden_size", 0.0);
    const double heads = facts.value("heads", 0.0);
    const double layer = 2.0 * tokens * (34.0 * width + 5.0 * heads * tokens);
    const double total = layer * facts.value("layers", 0.0);
    return patch > 0 && total < 1e15 ? Json(static_cast<std::int64_t>(total)) : Json(nullptr);
}

} // namespace

Json head_facts(const ModelConfig& model,
                const TaskDecision& decision,
                std::size_t labels,
                const std::vector<TensorInfo>& tensors) {
    std::string base = text_field(decision.row, "base");
    // Some classes have a backbone of another class in its place when the configuration says so.
    if (std::none_of(tensors.begin(), tensors.end(), [&](const TensorInfo& tensor) {
            return tensor.name.starts_with(base + ".");
        }))
        base.clear();
    Json head = Json::object();
    head["base"] = base;
    head["modules"] = outside_modules(base, tensors);
    const TensorInfo* weight = scores_weight(model, decision, tensors);
    head["scores"] =
        weight ? weight->name.substr(0, weight->name.size() - k_weight.size()) : std::string();
    head["outputs"] = weight ? weight->shape[0] : 0;
    head["rule"] = weight ? width_rule(weight->shape[0], labels) : "";
    head["fate"] = weight ? fmt::format("kept for the checkpoint's {} labels, made anew for a data "
                                        "set with another number",
                                        labels)
                          : std::string("kept: no single module gives class scores");
    return head;
}

std::string main_dtype(const std::vector<TensorInfo>& tensors) {
    std::map<std::string, std::uint64_t> bytes;
    for (const auto& tensor : tensors) {
        std::uint64_t elements = 1;
        for (const auto dimension : tensor.shape)
            elements *= static_cast<std::uint64_t>(dimension);
        bytes[tensor.dtype] += elements;
    }
    const auto most =
        std::max_element(bytes.begin(), bytes.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
        });
    return most == bytes.end() ? "" : most->first;
}

Json estimate_facts(const ModelConfig& model,
                    std::int64_t parameters,
                    const std::vector<TensorInfo>& tensors,
                    const Json& image,
                    const Json& family_table) {
    Json estimate = Json::object();
    estimate["weight_bytes"] = data_bytes(tensors);
    const auto bytes = [&](const char* use) {
        const Json* row = table_row(family_table, "estimates", use);
        std::int64_t total = row ? integer_field(*row, "bytes_per_parameter").value_or(0) : 0;
        return __builtin_mul_overflow(total, std::max<std::int64_t>(parameters, 0), &total) ? 0
                                                                                            : total;
    };
    estimate["gpu_inference_bytes"] = bytes("inference");
    estimate["gpu_training_bytes"] = bytes("training");
    estimate["gpu_activation_bytes_per_image"] = activation_bytes(model, image, family_table);
    estimate["disk_bytes"] = data_bytes(tensors) + static_cast<std::uint64_t>(bytes("disk"));
    Json basis = Json::object();
    for (const char* use : {"inference", "training", "disk"})
        if (const Json* row = table_row(family_table, "estimates", use))
            basis[use] = text_field(*row, "why");
    estimate["basis"] = basis;
    return estimate;
}

Json coverage_facts(const Json& strategy,
                    const std::string& twin,
                    const Json& head,
                    const std::vector<TensorInfo>& tensors) {
    const bool wrapped = strategy.value("choice", "") == "wrap";
    std::size_t outside = 0;
    const Json modules = head.value("modules", Json::array());
    for (const auto& tensor : tensors)
        outside += std::find(modules.begin(),
                             modules.end(),
                             Json(tensor.name.substr(0, tensor.name.find('.')))) != modules.end();
    Json coverage = Json::object();
    coverage["tensors"] = tensors.size();
    coverage["head_tensors"] = outside;
    coverage["why"] = wrapped ? "the class itself is wrapped: every tensor has its place"
                              : fmt::format("timm's twin is {}: every tensor is mapped or fused",
                                            twin.empty() ? "exact" : twin);
    return coverage;
}

Json trap_facts(const ModelConfig& model, const Json& family_table) {
    Json traps{{"parity", Json::array()}, {"onnx", Json::array()}};
    const Json* own = type_row(family_table, "traps", model.model_type);
    for (const char* topic : {"parity", "onnx"})
        if (const Json* list = own ? field(*own, topic) : nullptr)
            traps[topic] = *list;
    return traps;
}

Json tao_backbones(const ModelConfig& model, const Json& family_table) {
    Json found{{"core", Json::array()}, {"inlined", Json::array()}};
    const Json* rows = type_row(family_table, "tao_backbones", model.model_type);
    for (const auto& row : rows ? *rows : Json::array()) {
        const Json where = row.value("where", Json::object());
        bool fits = true;
        for (const auto& [key, wanted] : where.items()) {
            const Json* value = field(model.config, key);
            fits = fits && value && *value == wanted;
        }
        for (auto& [layout, names] : found.items())
            if (fits && (!field(row, "only") || text_field(row, "only") == layout))
                names.push_back(row.value("name", Json("")));
    }
    return found;
}

} // namespace taohf::hub
