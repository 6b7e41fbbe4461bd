#pragma once

#include <string>
#include <vector>

#include "snapshot_files.hpp"

namespace taohf::hub {

/// The configuration files of a snapshot, parsed strictly and screened.
struct ModelConfig {
    std::string library;      ///< "transformers" or "timm"
    std::string model_type;   ///< as written; "timm" for timm repositories
    std::string architecture; ///< class name, or timm's registry name
    Json config;
    Json processor;          ///< preprocessor_config.json; empty object when absent
    std::string other_kind;  ///< why it is neither library: "diffusers", "adapter", ...; else empty
    std::string remote_code; ///< the setting that would run code of the repository; else empty
    std::string forbidden_code; ///< the same, of those that cannot be allowed
};

Result<ModelConfig> read_model_config(SnapshotFiles& files);

/// The same from documents already parsed.
ModelConfig make_model_config(Json config, Json processor);

/// Class names by number. INPUT error when id2label has holes or absurd counts.
Result<std::vector<std::string>> read_labels(const ModelConfig& model);

/// Depth, width and the other numbers a plain vision transformer is built from; null for others.
Json plain_transformer_facts(const ModelConfig& model, const Json& family_table);

/// `license` and `pipeline_tag` of the model card's front matter, "" when absent.
std::string card_field(SnapshotFiles& files, const std::string& key);

} // namespace taohf::hub
