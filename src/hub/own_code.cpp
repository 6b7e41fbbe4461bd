#include "own_code.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "family_table.hpp"
#include "json_fields.hpp"

namespace taohf::hub {

namespace {

struct Reference {
    std::string key;   ///< "AutoModelForImageClassification"
    std::string value; ///< "modeling_tiny.TinyForImageClassification"
};

/// Every text in auto_map; a tokenizer has two in a list.
std::vector<Reference> references(const Json& auto_map) {
    std::vector<Reference> found;
    for (const auto& [key, value] : auto_map.items())
        for (const auto& item : value.is_array() ? value : Json::array({value}))
            if (item.is_string())
                found.push_back({key, item.get<std::string>()});
    return found;
}

std::string named(const Reference& reference) {
    return fmt::format("auto_map.{} in config.json names {}",
                       text::printable(reference.key),
                       text::printable(reference.value));
}

/// Why one reference cannot be followed, whatever it is for.
std::string unusable(const Reference& reference) {
    if (reference.value.find("--") != std::string::npos)
        return named(reference) + ", which is code of another repository";
    const auto parts = text::split(reference.value, '.');
    if (parts.size() != 2 || !text::is_python_identifier(parts[0]) ||
        !text::is_python_identifier(parts[1]))
        return named(reference) + ", which is not a module and a class";
    return {};
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

OwnClass own_class(const ModelConfig& model, const OwnCode& code, const Json& family_table) {
    OwnClass found;
    const Json* auto_map = field(model.config, "auto_map");
    if (!auto_map || auto_map->is_null() || model.library == "timm")
        return found;
    if (!auto_map->is_object()) {
        found.refused = "auto_map in config.json is no object";
        return found;
    }
    for (const Reference& reference : references(*auto_map)) {
        if (found.refused = unusable(reference); !found.refused.empty())
            return found;
        const Json* task = table_row(family_table, "auto_classes", reference.key);
        const auto parts = text::split(reference.value, '.');
        if (!task || (!found.task.empty() && parts[1] != model.architecture))
            continue;
        found.module = parts[0];
        found.name = parts[1];
        found.task = scalar_text(*task);
        found.evidence = named(reference);
    }
    if (!found.task.empty() && !holds(code.files, found.module + ".py"))
        found.refused = fmt::format("{}, but there is no {}.py", found.evidence, found.module);
    return found;
}

} // namespace taohf::hub
