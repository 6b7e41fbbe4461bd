#include "family_table.hpp"

#include <algorithm>
#include <vector>

#include "json_fields.hpp"

namespace taohf::hub {

namespace {

/// The spellings a model type may have in the table, as written first.
std::vector<std::string> spellings(const Json& table, const std::string& model_type) {
    std::vector<std::string> names{model_type};
    if (const Json* renamed = table_row(table, "renamed_types", model_type))
        names.push_back(scalar_text(*renamed));
    for (const auto& [from, to] : {std::pair('-', '_'), std::pair('_', '-')}) {
        names.push_back(model_type);
        std::replace(names.back().begin(), names.back().end(), from, to);
    }
    return names;
}

} // namespace

const Json* table_row(const Json& table, const std::string& section, const std::string& key) {
    const Json* rows = field(table, section);
    return rows ? field(*rows, key) : nullptr;
}

const Json* type_row(const Json& table, const std::string& section, const std::string& model_type) {
    for (const auto& name : spellings(table, model_type))
        if (const Json* row = table_row(table, section, name))
            return row;
    return nullptr;
}

const Json* family_row(const Json& table, const std::string& model_type) {
    return type_row(table, "families", model_type);
}

std::string other_kind(const Json& table, const std::string& model_type) {
    const Json* kinds = field(table, "other_types");
    if (!kinds || model_type.empty())
        return {};
    for (const auto& name : spellings(table, model_type))
        for (const auto& [kind, types] : kinds->items())
            if (std::find(types.begin(), types.end(), Json(name)) != types.end())
                return kind;
    return {};
}

} // namespace taohf::hub
