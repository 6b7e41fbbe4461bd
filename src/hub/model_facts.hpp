#pragma once

#include <cstdint>
#include <vector>

#include "model_config.hpp"
#include "task.hpp"
#include "weights.hpp"

namespace taohf::hub {

/// What lies outside the class's base model, and which module gives the class scores: {base,
/// modules, scores, outputs, rule, fate}. `scores` is "" where no single module gives them.
Json head_facts(const ModelConfig& model,
                const TaskDecision& decision,
                std::size_t labels,
                const std::vector<TensorInfo>& tensors);

/// The dtype that most parameters have.
std::string main_dtype(const std::vector<TensorInfo>& tensors);

/// Bytes on disk and on the GPU, from the table's bytes for each parameter; activations only where
/// the configuration tells the shape of every layer.
Json estimate_facts(const ModelConfig& model,
                    std::int64_t parameters,
                    const std::vector<TensorInfo>& tensors,
                    const Json& image,
                    const Json& family_table);

/// {tensors, head_tensors, why}: every tensor of the checkpoint has to be used (gate G2.4 proves
/// it), and why the proposed strategy can.
Json coverage_facts(const Json& strategy,
                    const std::string& twin,
                    const Json& head,
                    const std::vector<TensorInfo>& tensors);

/// Known traps of the family by topic: {parity: [...], onnx: [...]}.
Json trap_facts(const ModelConfig& model, const Json& family_table);

/// Names of TAO's own backbones whose numbers are those of the configuration, by layout.
Json tao_backbones(const ModelConfig& model, const Json& family_table);

} // namespace taohf::hub
