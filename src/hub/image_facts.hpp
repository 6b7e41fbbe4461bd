#pragma once

#include "model_config.hpp"

namespace taohf::hub {

/// What stands between a picture and the model's input tensor: size, resize, crop, interpolation,
/// rescale, mean, std. `origin` names for each field the file and key, or the class default. INPUT
/// error for sizes out of range.
Result<Json> image_facts(const ModelConfig& model, const Json& family_table);

} // namespace taohf::hub
