#pragma once

#include <taohf/base/json.hpp>
#include <taohf/lang/node.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "unit/hub/real_host.hpp"

namespace taohf::test {

inline std::string length_bytes(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i)
        bytes += static_cast<char>((value >> (8 * i)) & 0xff);
    return bytes;
}

/// A safetensors file with the given header text and data size.
inline std::string safetensors(const std::string& header, std::size_t data_size) {
    return length_bytes(header.size()) + header + std::string(data_size, '\0');
}

/// The shipped family table, read the way the program reads it.
inline Json family_table() {
    std::ifstream file(TAOHF_SOURCE_DIR "/templates/families.yaml", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(text, "families.yaml", diagnostics);
    if (!node || diagnostics.has_errors())
        throw std::runtime_error(diagnostics.format());
    return lang::to_json(*node);
}

inline constexpr const char* k_small_header =
    R"({"classifier.weight":{"dtype":"F32","shape":[3,4],"data_offsets":[0,48]},)"
    R"("classifier.bias":{"dtype":"F32","shape":[3],"data_offsets":[48,60]},)"
    R"("__metadata__":{"format":"pt"}})";

/// A ViT of three classes with two tensors.
inline void write_vit(const TemporaryFolder& folder) {
    folder.write("config.json",
                 R"({"architectures":["ViTForImageClassification"],"model_type":"vit",)"
                 R"("hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4,)"
                 R"("intermediate_size":64,"image_size":32,"patch_size":8,"layer_norm_eps":1e-12,)"
                 R"("id2label":{"0":"cat","1":"dog","2":"owl"}})");
    folder.write("preprocessor_config.json",
                 R"({"image_processor_type":"ViTImageProcessor","do_resize":true,)"
                 R"("size":{"height":32,"width":32},"resample":2,"do_normalize":true,)"
                 R"("image_mean":[0.5,0.5,0.5],"image_std":[0.25,0.25,0.25]})");
    folder.write("model.safetensors", safetensors(k_small_header, 60));
}

} // namespace taohf::test
