#pragma once

#include <taohf/base/json.hpp>

#include <string>

namespace taohf::hub {

/// Row of a section of the family table; null when there is none.
const Json* table_row(const Json& table, const std::string& section, const std::string& key);

/// The row of a model type in a section. Old files write some types with '-' where the registry has
/// '_', and the other way round.
const Json* type_row(const Json& table, const std::string& section, const std::string& model_type);

/// type_row() of the families.
const Json* family_row(const Json& table, const std::string& model_type);

/// What a model type reads or writes when it is no vision type: "text", "audio", ...; else empty.
std::string other_kind(const Json& table, const std::string& model_type);

} // namespace taohf::hub
