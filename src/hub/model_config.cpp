#include "model_config.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "family_table.hpp"
#include "json_fields.hpp"

namespace taohf::hub {

namespace {

constexpr std::int64_t k_max_labels = 1'000'000;

/// Files that mark another library, when no config.json of ours explains the repository.
std::string kind_by_files(const SnapshotFiles& files) {
    if (files.has("model_index.json"))
        return "diffusers";
    if (files.has("adapter_config.json"))
        return "adapter";
    for (const auto& name : files.names()) {
        if (name.ends_with(".gguf"))
            return "gguf";
        if (name.ends_with(".nemo") && !files.has("config.json"))
            return "nemo";
    }
    return {};
}

bool is_timm(const Json& config) {
    if (field(config, "model_type"))
        return text_field(config, "model_type") == "timm_wrapper";
    return field(config, "pretrained_cfg") ||
           (field(config, "architecture") &&
            (field(config, "num_classes") || field(config, "input_size")));
}

/// A setting that makes transformers import code or repositories of the model's choice; one of
/// this name, in full, is passed over.
std::string
remote_code_setting(const Json& value, const std::string& path, const std::string& but = "") {
    if (value.is_array()) {
        for (const auto& item : value)
            if (auto found = remote_code_setting(item, path, but); !found.empty())
                return found;
        return {};
    }
    if (!value.is_object())
        return {};
    for (const auto& [key, item] : value.items()) {
        const std::string here = path + key;
        if (here == but)
            continue;
        const bool empty = item.is_null() || (item.is_structured() && item.empty());
        if ((key == "auto_map" || key == "trust_remote_code" || key == "custom_pipelines") &&
            !empty)
            return here;
        if (key.starts_with("_attn_implementation") && item.is_string() &&
            item.get<std::string>().find('/') != std::string::npos)
            return here;
        if (auto found = remote_code_setting(item, here + ".", but); !found.empty())
            return found;
    }
    return {};
}

std::string first_architecture(const Json& config) {
    const Json* list = field(config, "architectures");
    if (list && list->is_array() && !list->empty() && list->front().is_string())
        return list->front().get<std::string>();
    return {};
}

void read_identity(ModelConfig& model) {
    if (is_timm(model.config)) {
        model.library = "timm";
        model.model_type = "timm";
        model.architecture = text_field(model.config, "architecture");
        return;
    }
    model.library = "transformers";
    model.model_type = text_field(model.config, "model_type");
    model.architecture = first_architecture(model.config);
}

std::vector<std::string> numbered_labels(std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i)
        names.push_back(fmt::format("LABEL_{}", i));
    return names;
}

tl::unexpected<Error> bad_labels(const std::string& reason) {
    return fail(ErrorCode::input, "config.json: " + reason);
}

/// `id2label` keys are JSON strings "0", "1", ...; together they must count from 0 without holes.
Result<std::vector<std::string>> ordered_labels(const Json& id2label) {
    std::map<std::int64_t, std::string> by_id;
    for (const auto& [key, value] : id2label.items()) {
        if (key.empty() || key.size() > 7 ||
            !std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; }))
            return bad_labels(
                fmt::format("id2label key '{}' is no class number", text::printable(key)));
        by_id[std::stoll(key)] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    if (by_id.empty() || by_id.rbegin()->first + 1 > k_max_labels)
        return bad_labels("id2label is empty or larger than 1,000,000 classes");
    std::vector<std::string> names = numbered_labels(by_id.rbegin()->first + 1);
    for (auto& [id, name] : by_id)
        names[static_cast<std::size_t>(id)] = std::move(name);
    return names;
}

/// timm: `label_names` is a list or {id: name}; old files say `labels`.
Result<std::vector<std::string>> timm_labels(const Json& config) {
    const Json* names = field(config, "label_names");
    if (!names)
        names = field(config, "labels");
    if (names && names->is_object() && !names->empty())
        return ordered_labels(*names);
    if (names && names->is_array()) {
        std::vector<std::string> listed;
        for (const auto& name : *names)
            listed.push_back(scalar_text(name));
        if (!listed.empty())
            return listed;
    }
    auto count = integer_field(config, "num_classes");
    if (const Json* nested = field(config, "pretrained_cfg"); !count && nested)
        count = integer_field(*nested, "num_classes");
    if (count.value_or(1000) < 0 || count.value_or(1000) > k_max_labels)
        return bad_labels("num_classes is out of range");
    return numbered_labels(count.value_or(1000));
}

} // namespace

ModelConfig make_model_config(Json config, Json processor) {
    ModelConfig model;
    model.config = std::move(config);
    model.processor = std::move(processor);
    const std::string place = "config.json: ";
    model.remote_code = remote_code_setting(model.config, place);
    model.forbidden_code = remote_code_setting(model.config, place, place + "auto_map");
    const std::string of_processor =
        remote_code_setting(model.processor, "preprocessor_config.json: ");
    for (std::string* setting : {&model.remote_code, &model.forbidden_code})
        if (setting->empty())
            *setting = of_processor;
    read_identity(model);
    return model;
}

Result<ModelConfig> read_model_config(SnapshotFiles& files) {
    ModelConfig model;
    model.config = Json::object();
    model.processor = Json::object();
    model.other_kind = kind_by_files(files);
    if (!model.other_kind.empty())
        return model;
    if (!files.has("config.json"))
        return fail(ErrorCode::input,
                    "the model has no config.json (looked also for model_index.json, "
                    "adapter_config.json and *.gguf to tell what it is)",
                    "name a folder or model id that holds config.json and its weights");
    TAOHF_TRY_ASSIGN(Json config, files.read_optional_json("config.json"));
    TAOHF_TRY_ASSIGN(Json processor, files.read_optional_json("preprocessor_config.json"));
    if (processor.empty()) {
        TAOHF_TRY_ASSIGN(const Json combined, files.read_optional_json("processor_config.json"));
        if (const Json* nested = field(combined, "image_processor"))
            processor = *nested;
    }
    return make_model_config(std::move(config), std::move(processor));
}

Result<std::vector<std::string>> read_labels(const ModelConfig& model) {
    if (model.library == "timm" && !field(model.config, "id2label"))
        return timm_labels(model.config);
    if (const Json* id2label = field(model.config, "id2label")) {
        if (!id2label->is_object())
            return bad_labels("id2label is not an object");
        return ordered_labels(*id2label);
    }
    const auto count = integer_field(model.config, "num_labels").value_or(2);
    if (count < 1 || count > k_max_labels)
        return bad_labels(fmt::format("num_labels {} is out of range", count));
    return numbered_labels(count);
}

Json plain_transformer_facts(const ModelConfig& model, const Json& family_table) {
    const Json* family = family_row(family_table, model.model_type);
    const Json* defaults = family ? field(*family, "encoder") : nullptr;
    if (!defaults)
        return nullptr;
    const Json& config = model.config;
    const auto hidden = integer_field(config, "hidden_size").value_or(768);
    auto ratio = number_field(config, "mlp_ratio");
    if (!ratio && hidden > 0)
        ratio =
            static_cast<double>(integer_field(config, "intermediate_size").value_or(hidden * 4)) /
            static_cast<double>(hidden);
    const auto side = [&](const char* key, const char* fallback) {
        const Json* value = field(config, key);
        const auto sides = value ? side_lengths(*value) : std::nullopt;
        return sides ? sides->first : integer_field(*defaults, fallback).value_or(0);
    };
    const std::string act = text_field(config, "hidden_act");
    Json facts = Json::object();
    facts["hidden_size"] = hidden;
    facts["layers"] = integer_field(config, "num_hidden_layers").value_or(12);
    facts["heads"] = integer_field(config, "num_attention_heads").value_or(12);
    facts["patch"] = side("patch_size", "patch");
    facts["mlp_ratio"] = ratio.value_or(4.0);
    facts["qkv_bias"] = boolean_field(config, "qkv_bias").value_or(true);
    facts["eps"] = number_field(config, "layer_norm_eps")
                       .value_or(number_field(*defaults, "eps").value_or(1e-12));
    facts["act"] = act.empty() ? "gelu" : act;
    facts["image_size"] = side("image_size", "image_size");
    return facts;
}

std::string card_field(SnapshotFiles& files, const std::string& key) {
    if (const Json* card = files.card())
        return text::printable(text_field(*card, key));
    if (!files.has("README.md"))
        return {};
    const auto card = files.read("README.md", 4u << 20);
    if (!card || !card->starts_with("---"))
        return {};
    bool first = true;
    for (const auto& line : text::split(*card, '\n')) {
        if (!first && line.starts_with("---"))
            break;
        first = false;
        if (!line.starts_with(key + ":"))
            continue;
        std::string value(text::trim(std::string_view(line).substr(key.size() + 1)));
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\''))
            value = value.substr(1, value.size() - 2);
        return text::printable(value);
    }
    return {};
}

} // namespace taohf::hub
