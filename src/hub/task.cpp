#include "task.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "json_fields.hpp"

namespace taohf::hub {

namespace {

const Json* table_row(const Json& table, const char* section, const std::string& key) {
    const Json* rows = field(table, section);
    return rows ? field(*rows, key) : nullptr;
}

void refuse(TaskDecision& decision,
            const Json& table,
            const std::string& kind,
            std::string reason) {
    decision.reason = std::move(reason);
    if (const Json* text = table_row(table, "alternatives", kind); text && text->is_string())
        decision.alternative = text->get<std::string>();
}

/// The kind of a model type that is not vision: "text", "audio", ...; empty when unknown.
std::string other_kind(const Json& table, const std::string& model_type) {
    const Json* kinds = field(table, "other_types");
    if (!kinds || model_type.empty())
        return {};
    for (const auto& [kind, types] : kinds->items())
        for (const auto& type : types)
            if (type.is_string() && type.get<std::string>() == model_type)
                return kind;
    return {};
}

std::string kind_by_suffix(const std::string& architecture) {
    struct Row {
        const char* suffix;
        const char* kind;
    };

    static constexpr Row rows[] = {
        {"ForCausalLM", "text"},
        {"LMHeadModel", "text"},
        {"ForMaskedLM", "text"},
        {"ForSequenceClassification", "text"},
        {"ForTokenClassification", "text"},
        {"ForQuestionAnswering", "text"},
        {"ForMultipleChoice", "text"},
        {"ForNextSentencePrediction", "text"},
        {"ForConditionalGeneration", "multimodal"},
        {"ForVision2Seq", "multimodal"},
        {"ForImageTextToText", "multimodal"},
        {"ForSpeechSeq2Seq", "audio"},
        {"ForAudioClassification", "audio"},
        {"ForCTC", "audio"},
        {"ForVideoClassification", "video"},
    };
    for (const auto& row : rows)
        if (architecture.ends_with(row.suffix))
            return row.kind;
    return {};
}

/// Semantic, instance and panoptic share classes. Processor, name and label count decide.
void split_segmentation(TaskDecision& decision,
                        const ModelConfig& model,
                        const std::string& model_id,
                        std::size_t labels) {
    decision.candidates = {"image-segmentation", "instance-segmentation", "panoptic-segmentation"};
    const std::string name = text::lower(model_id);
    const auto decide = [&](std::string task, std::string why) {
        decision.task = std::move(task);
        decision.evidence.push_back(std::move(why));
    };
    if (boolean_field(model.processor, "do_split_image").value_or(false))
        return decide("image-segmentation", "the processor splits images, as for semantic EoMT");
    for (const char* word : {"panoptic", "instance", "semantic"})
        if (name.find(word) != std::string::npos)
            return decide(word == std::string_view("semantic")
                              ? "image-segmentation"
                              : word + std::string("-segmentation"),
                          fmt::format("the model's name says {}", word));
    if (labels == 80 || labels == 8)
        return decide("instance-segmentation",
                      fmt::format("{} labels: the things of {}",
                                  labels,
                                  labels == 80 ? "COCO" : "Cityscapes"));
    if (labels == 133)
        return decide("panoptic-segmentation", "133 labels: things and stuff of COCO");
    if (labels == 847 || labels == 171)
        return decide("image-segmentation", fmt::format("{} labels: a semantic data set", labels));
    decide("image-segmentation",
           "nothing tells semantic from instance and panoptic: semantic is taken");
}

void decide_timm(TaskDecision& decision,
                 const ModelConfig& model,
                 std::size_t labels,
                 const Json& table) {
    decision.evidence.push_back(fmt::format("timm configuration of {}", model.architecture));
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
        kind = kind_by_suffix(model.architecture);
    const std::string what = model.architecture.empty() ? model.model_type : model.architecture;
    if (!kind.empty()) {
        decision.task = kind;
        return refuse(
            decision,
            table,
            kind,
            fmt::format("{} is a {} model, not a vision model", text::printable(what), kind));
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
    decision.task = text_field(*row, "task");
    if (!model.architecture.empty())
        decision.evidence.push_back(fmt::format("architectures[0] is {}", name));
    if (decision.task == "universal")
        split_segmentation(decision, model, model_id, labels);
    decision.reason = text_field(*row, "refused");
    decision.alternative = text_field(*row, "nearest");
}

} // namespace

TaskDecision decide_task(const ModelConfig& model,
                         const std::string& model_id,
                         std::size_t label_count,
                         const std::string& pipeline_tag,
                         const Json& family_table) {
    TaskDecision decision;
    if (!model.other_kind.empty()) {
        decision.task = model.other_kind;
        decision.evidence.push_back("the files of the repository");
        refuse(decision,
               family_table,
               model.other_kind,
               fmt::format("this is a {} repository, neither transformers nor timm",
                           model.other_kind));
    } else if (!model.remote_code.empty()) {
        decision.task = "unknown";
        decision.evidence.push_back(model.remote_code);
        refuse(decision,
               family_table,
               "remote code",
               fmt::format("it needs code of its own repository ({}), which is never run",
                           text::printable(model.remote_code)));
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
