#include <taohf/base/text.hpp>
#include <taohf/hub/inspection.hpp>

#include <fmt/format.h>

#include <chrono>

#include "family_table.hpp"
#include "image_facts.hpp"
#include "json_fields.hpp"
#include "model_config.hpp"
#include "model_facts.hpp"
#include "task.hpp"
#include "weights.hpp"

namespace taohf::hub {

namespace {

/// How far the timm twin of a class goes: "exact", "tokens", "trunk", "differs" or "none".
std::string timm_twin(const ModelConfig& model, const TaskDecision& decision, const Json& table) {
    if (model.library == "timm")
        return "exact";
    if (const auto own = text_field(decision.row, "timm"); !own.empty())
        return own;
    const Json* family = family_row(table, model.model_type);
    const std::string twin = family ? text_field(*family, "timm") : "";
    return twin.empty() ? "none" : twin;
}

/// A proposal from the class alone; the port proves it with numbers before it is used.
Json propose_strategy(const ModelConfig& model, const TaskDecision& decision, const Json& table) {
    Json strategy = Json::object();
    const std::string twin = timm_twin(model, decision, table);
    if (!decision.code_module.empty()) {
        strategy["choice"] = "wrap";
        strategy["why"] = "the class is the repository's own, no other implementation is known";
        strategy["others"] = Json::array();
    } else if (model.library == "timm") {
        strategy["choice"] = "timm";
        strategy["why"] = "the checkpoint is timm's own";
        strategy["others"] = Json::array();
    } else if (decision.task == "image-classification" && twin == "exact") {
        strategy["choice"] = "timm";
        strategy["why"] = fmt::format("timm implements {} with equal outputs; the weight map is "
                                      "proved before it is used",
                                      model.model_type);
        strategy["others"] = Json::array({"wrap"});
    } else {
        strategy["choice"] = "wrap";
        strategy["why"] =
            decision.task == "image-classification"
                ? fmt::format("timm's twin of {} is not equal ({})", model.architecture, twin)
                : fmt::format("no other implementation has the heads of {}", model.architecture);
        strategy["others"] = Json::array();
    }
    return strategy;
}

Json reference_of(const TaskDecision& decision, const Json& table) {
    if (const auto own = text_field(decision.row, "reference"); !own.empty())
        return Json{{"core", own}, {"inlined", own}};
    const Json* references = field(table, "references");
    const Json* row = references ? field(*references, decision.task) : nullptr;
    return row ? *row : Json(nullptr);
}

Json tensor_list(const std::vector<TensorInfo>& tensors) {
    Json list = Json::array();
    for (const auto& tensor : tensors)
        list.push_back(
            Json{{"name", tensor.name}, {"shape", tensor.shape}, {"dtype", tensor.dtype}});
    return list;
}

Json identity(const Snapshot& snapshot, const ModelConfig& model, const TaskDecision& decision) {
    Json document = Json::object();
    document["schema"] = "taohf/inspection/v1";
    document["model"] = snapshot.model;
    document["revision"] = snapshot.revision;
    document["source"] = snapshot.source;
    if (!snapshot.renamed_to.empty())
        document["renamed_to"] = snapshot.renamed_to;
    document["library"] = model.library;
    document["model_type"] = model.model_type;
    document["architecture"] = model.architecture;
    document["task"] = decision.task;
    document["task_evidence"] = decision.evidence;
    document["task_confidence"] = decision.confidence;
    document["task_candidates"] = decision.candidates;
    document["verdict"] = decision.reason.empty() ? "portable" : "refused";
    document["reason"] = decision.reason;
    document["alternative"] = decision.alternative;
    document["remote_code"] = !model.remote_code.empty();
    document["code_module"] = decision.code_module;
    return document;
}

/// What every vision model has: labels, image, weights, head, traps.
Status add_vision_facts(Json& document,
                        SnapshotFiles& files,
                        const ModelConfig& model,
                        const TaskDecision& decision,
                        const Json& table,
                        std::vector<TensorInfo>& tensors) {
    TAOHF_TRY_ASSIGN(const auto labels, read_labels(model));
    document["labels"] = Json{{"count", labels.size()}, {"names", labels}};
    TAOHF_TRY_ASSIGN(document["image"], image_facts(model, table));
    TAOHF_TRY_ASSIGN(const Weights weights, read_weights(files));
    document["weights"] = Json{{"format", weights.format}, {"files", weights.files}};
    document["parameters"] = parameter_count(weights.tensors);
    document["dtype"] = main_dtype(weights.tensors);
    document["tensors"] = tensor_list(weights.tensors);
    document["head"] = head_facts(model, decision, labels.size(), weights.tensors);
    document["traps"] = trap_facts(model, table);
    tensors = weights.tensors;
    return {};
}

/// The part that only a portable model has: reference, strategy, what it will cost.
void add_port_facts(Json& document,
                    const ModelConfig& model,
                    const TaskDecision& decision,
                    const Json& table,
                    const std::vector<TensorInfo>& tensors) {
    document["backbone"] = plain_transformer_facts(model, table);
    document["reference"] = reference_of(decision, table);
    document["tao_backbones"] = tao_backbones(model, table);
    document["strategy"] = propose_strategy(model, decision, table);
    document["coverage"] = coverage_facts(
        document["strategy"], timm_twin(model, decision, table), document["head"], tensors);
    document["estimate"] = estimate_facts(
        model, document.value("parameters", std::int64_t{0}), tensors, document["image"], table);
}

/// A refused vision model is described as far as its files can be read; what it is stays the
/// answer.
Status add_facts(Json& document,
                 SnapshotFiles& files,
                 const ModelConfig& model,
                 const TaskDecision& decision,
                 const Json& table) {
    std::vector<TensorInfo> tensors;
    Json described = document;
    const auto added = add_vision_facts(described, files, model, decision, table, tensors);
    if (!added && decision.reason.empty())
        return added;
    if (added)
        document = std::move(described);
    if (decision.reason.empty())
        add_port_facts(document, model, decision, table, tensors);
    return {};
}

} // namespace

Result<Json>
inspect(host::Host& host, const Snapshot& snapshot, const Json& family_table, RemoteCode code) {
    const auto start = host.clock.steady();
    SnapshotFiles files(host, snapshot);
    TAOHF_TRY_ASSIGN(ModelConfig model, read_model_config(files));
    const auto labels = read_labels(model);
    if (!labels && model.library == "timm")
        return tl::unexpected<Error>(labels.error()); // the label count decides timm's task
    const TaskDecision decision = decide_task(model,
                                              snapshot.model,
                                              labels ? labels->size() : 0,
                                              card_field(files, "pipeline_tag"),
                                              family_table,
                                              {code == RemoteCode::allowed, files.names()});
    if (!decision.architecture.empty())
        model.architecture = decision.architecture;
    Json document = identity(snapshot, model, decision);
    if (decision.is_vision)
        TAOHF_TRY(add_facts(document, files, model, decision, family_table));
    document["licence"] = card_field(files, "license");
    document["bytes_read"] = files.bytes_read();
    document["seconds"] =
        snapshot.seconds + std::chrono::duration<double>(host.clock.steady() - start).count();
    return document;
}

} // namespace taohf::hub
