#pragma once

#include <taohf/base/error.hpp>

#include <string>

namespace taohf::hub {

/// A model on the Hub.
struct ModelId {
    std::string repository;        ///< "org/name" or "name"
    std::string revision = "main"; ///< branch, tag, "refs/pr/1" or commit

    std::string cache_name() const; ///< "models--org--name"
};

/// Reads `org/name[@rev]`, `hf://…`, `hf-hub:…`, `https://huggingface.co/org/name[/tree/rev]` (also
/// with the given endpoint). USAGE error when it is no name the Hub could give.
Result<ModelId> parse_model_id(const std::string& text, const std::string& endpoint);

/// "org/name" or "name" by the Hub's rules.
bool is_repository_name(const std::string& text);

/// 40 lower-case hex digits.
bool is_commit(const std::string& text);

} // namespace taohf::hub
