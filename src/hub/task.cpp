#include "task.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "family_table.hpp"
#include "json_fields.hpp"

namespace taohf::hub {

namespace {

void refuse(TaskDecision& decision,
            const Json& table,
            const std::string& kind,
            std::string reason) {
    decision.reason = std::move(reason);
    if (const Json* text = table_row(table, "alternatives", kind); text && text->is_string())
        decision.alternative = text->get<std::string>();
}

std::string kind_by_ending(const Json& table, const std::string& architecture) {
    const Json* rows = field(table, "kinds_by_ending");
    for (const auto& row : rows ? *rows : Json::array())
        if (architecture.ends_with(text_field(row, "ending")))
            return text_field(row, "kind");
    return {};
}

/// Why a row of the split fits this model; empty when it does not.
std::string split_evidence(const Json& row,
                           const ModelConfig& model,
                           const std::string& name,
                           std::size_t labels) {
    const std::string why = text_field(row, "why");
    if (const auto setting = text_field(row, "setting"); !setting.empty())
        return boolean_field(model.processor, setting).value_or(false) ? why : "";
    if (const auto word = text_field(row, "word"); !word.empty())
        return name.find(word) != std::string::npos ? fmt::format("the model's name says {}", word)
                                                    : "";
    const auto count = integer_field(row, "labels");
    return count && *count == static_cast<std::int64_t>(labels)
               ? fmt::format("{} labels: {}", labels, why)
               : "";
}

/// Semantic, instance and panoptic share classes. Processor, name and label count decide.
void split_segmentation(TaskDecision& decision,
                        const ModelConfig& model,
                        const std::string& model_id,
                        std::size_t labels,
                        const Json& table) {
    decision.confidence = "likely";
    decision.candidates = {"image-segmentation", "instance-segmentation", "panoptic-segmentation"};
    const std::string name = text::lower(model_id);
    const Json* rows = field(table, "segmentation_split");
    for (const auto& row : rows ? *rows : Json::array())
        if (const auto why = split_evidence(row, model, name, labels); !why.empty()) {
            decision.task = text_field(row, "task");
            decision.evidence.push_back(why);
            return;
        }
    decision.confidence = "guess";
    decision.task = "image-segmentation";
    decision.evidence.push_back(
        "nothing tells semantic from instance and panoptic: semantic is taken");
}

/// A name of timm's registry, perhaps with a tag; it gets into rendered code.
bool is_timm_name(const std::string& name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return c < 128 && (std::isalnum(c) != 0 || c == '_' || c == '.');
    });
}

void decide_timm(TaskDecision& decision,
                 const ModelConfig& model,
                 std::size_t labels,
                 const Json& table) {
    decision.evidence.push_back(
        fmt::format("timm configuration of {}", text::printable(model.architecture)));
    if (!is_timm_name(model.architecture)) {
        decision.task = "unknown";
        return refuse(decision,
                      table,
                      decision.task,
                      fmt::format("config.json names '{}' as the architecture, which is no name of "
                                  "a timm model",
                                  text::printable(model.architecture)));
    }
    decision.is_vision = true;
    if (labels == 0) {
        decision.task = "image-feature-extraction";
        return refuse(decision, table, decision.task, "the timm model has no classification head");
    }
    decision.task = "image-classification";
    decision.evidence.push_back(fmt::format("num_classes {}", labels));
}

/// The hub has one tag for the three kinds of segmentation.
bool fits_tag(const std::string& task, const std::string& tag) {
    return tag == task || (tag == "image-segmentation" &&
                           (task == "universal" || task.ends_with("-segmentation")));
}

/// Classes of a model type, those of the card's task when there is a card; for configurations
/// without `architectures`.
std::vector<std::string>
classes_of(const Json& table, const std::string& model_type, const std::string& tag) {
    std::vector<std::string> found;
    const Json* rows = field(table, "architectures");
    if (!rows)
        return found;
    for (const auto& [name, row] : rows->items())
        if (text_field(row, "model_type") == model_type &&
            (tag.empty() || fits_tag(text_field(row, "task"), tag)))
            found.push_back(name);
    return found;
}

void refuse_unknown(TaskDecision& decision, const ModelConfig& model, const Json& table) {
    std::string kind = other_kind(table, model.model_type);
    if (kind.empty())
        kind = kind_by_ending(table, model.architecture);
    const std::string what = model.architecture.empty() ? model.model_type : model.architecture;
    if (!kind.empty()) {
        decision.task = kind;
        return refuse(
            decision,
            table,
            kind,
            fmt::format(
                "{} is {} {} model, not a vision model",
                text::printable(what),
                std::string_view("aeiou").find(kind.front()) == std::string_view::npos ? "a" : "an",
                kind));
    }
    decision.task = "unknown";
    refuse(decision,
           table,
           "unknown",
           what.empty() ? "config.json has neither architectures nor model_type"
                        : fmt::format("{} is not a vision class known to transformers {}",
                                      text::printable(what),
                                      text_field(table, "transformers")));
}

/// No class is named, and which of several is meant cannot be known.
void refuse_nameless(TaskDecision& decision,
                     const ModelConfig& model,
                     const std::vector<std::string>& classes,
                     const std::string& tag,
                     const Json& table) {
    decision.task = "unknown";
    decision.candidates = classes;
    refuse(decision,
           table,
           "unknown",
           fmt::format(
               "config.json names no class in 'architectures', and model_type {}{} may mean {}",
               text::printable(model.model_type),
               tag.empty() ? "" : " with the card's " + text::printable(tag),
               fmt::join(classes, " or ")));
}

void decide_transformers(TaskDecision& decision,
                         const ModelConfig& model,
                         const std::string& model_id,
                         std::size_t labels,
                         const std::string& tag,
                         const Json& table) {
    std::string name = model.architecture;
    if (name.empty()) {
        const auto classes = classes_of(table, model.model_type, tag);
        const auto all = classes_of(table, model.model_type, "");
        if (classes.size() != 1 && !all.empty())
            return refuse_nameless(decision, model, classes.empty() ? all : classes, tag, table);
        if (classes.size() == 1) {
            name = classes.front();
            decision.evidence.push_back(
                fmt::format("config.json names no class; {} is the only one of model_type {}{}",
                            name,
                            model.model_type,
                            tag.empty() ? "" : " for " + tag));
        }
    }
    decision.architecture = name;
    if (const Json* kind = table_row(table, "other_vision", name); kind && kind->is_string()) {
        decision.task = kind->get<std::string>();
        decision.is_vision = true;
        decision.evidence.push_back(fmt::format("architectures[0] is {}", name));
        return refuse(decision,
                      table,
                      decision.task,
                      fmt::format("{} does {}, which has no TAO reference", name, decision.task));
    }
    const Json* row = table_row(table, "architectures", name);
    if (!row)
        return refuse_unknown(decision, model, table);
    decision.row = *row;
    decision.is_vision = true;
    decision.task = text_field(*row, "task");
    if (!model.architecture.empty())
        decision.evidence.push_back(fmt::format("architectures[0] is {}", name));
    if (decision.task == "universal")
        split_segmentation(decision, model, model_id, labels, table);
    decision.reason = text_field(*row, "refused");
    decision.alternative = text_field(*row, "nearest");
}

void refuse_code(TaskDecision& decision,
                 const Json& table,
                 const std::string& kind,
                 const std::string& setting) {
    decision.task = "unknown";
    decision.evidence.push_back(setting);
    refuse(decision,
           table,
           kind,
           fmt::format("it needs code of its own repository ({}), which is never run{}",
                       text::printable(setting),
                       kind == "remote code" ? " unless that is allowed" : ""));
}

/// The class is the repository's own, and is not looked into.
void decide_own_class(TaskDecision& decision,
                      const ModelConfig& model,
                      const OwnClass& own,
                      const std::string& model_id,
                      std::size_t labels,
                      const Json& table) {
    decision.architecture = own.name;
    decision.code_module = own.module;
    decision.task = own.task;
    decision.is_vision = true;
    decision.evidence.push_back(own.evidence);
    decision.row = Json{{"task", own.task}};
    if (own.task == "universal")
        split_segmentation(decision, model, model_id, labels, table);
}

} // namespace

TaskDecision decide_task(const ModelConfig& model,
                         const std::string& model_id,
                         std::size_t label_count,
                         const std::string& pipeline_tag,
                         const Json& family_table,
                         const OwnCode& code) {
    TaskDecision decision;
    const OwnClass own = code.allowed ? own_class(model, code, family_table) : OwnClass{};
    if (!model.other_kind.empty()) {
        decision.task = model.other_kind;
        decision.evidence.push_back("the files of the repository");
        refuse(decision,
               family_table,
               model.other_kind,
               fmt::format("this is a {} repository, neither transformers nor timm",
                           model.other_kind));
    } else if (!model.forbidden_code.empty()) {
        refuse_code(decision, family_table, "forbidden code", model.forbidden_code);
    } else if (!model.remote_code.empty() && !code.allowed) {
        refuse_code(decision, family_table, "remote code", model.remote_code);
    } else if (!own.refused.empty()) {
        decision.task = "unknown";
        decision.evidence.push_back(model.remote_code);
        refuse(decision, family_table, "forbidden code", own.refused);
    } else if (!own.task.empty()) {
        decide_own_class(decision, model, own, model_id, label_count, family_table);
    } else if (model.library == "timm") {
        decide_timm(decision, model, label_count, family_table);
    } else {
        decide_transformers(decision, model, model_id, label_count, pipeline_tag, family_table);
    }
    if (!pipeline_tag.empty() && !fits_tag(decision.task, pipeline_tag))
        decision.evidence.push_back(
            fmt::format("the model card says {}, the class counts", pipeline_tag));
    return decision;
}

} // namespace taohf::hub
