#include "verbs.hpp"

#include <taohf/lang/node.hpp>

namespace taohf::actions::verbs {

namespace {

constexpr const char* k_layouts = "layouts.yaml";

Result<Json> read_document(const StepContext& context, const std::string& path) {
    const std::string* text = context.services.templates.find(path);
    if (text == nullptr)
        return fail(ErrorCode::spec, "there is no '" + path + "'");
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(*text, path, diagnostics);
    if (!node)
        return tl::unexpected<Error>(diagnostics.to_error());
    return lang::to_json(*node);
}

} // namespace

Materials reference_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const std::string& path : {text_of(arguments, "task") + "/task.yaml", std::string(k_layouts)}) {
        TAOHF_TRY_ASSIGN(state::Material material, template_material(context, path));
        materials.push_back(std::move(material));
    }
    return materials;
}

Result<Json> reference(const Json& arguments, StepContext& context) {
    TAOHF_TRY_ASSIGN(Json task, read_document(context, text_of(arguments, "task") + "/task.yaml"));
    TAOHF_TRY_ASSIGN(const Json layouts, read_document(context, k_layouts));
    const Json* layout = find_path(layouts, "layouts." + text_of(arguments, "layout"));
    if (layout == nullptr)
        return fail(ErrorCode::spec, "layouts.yaml has no layout '" + text_of(arguments, "layout") + "'");
    task.erase("files"); // the render verb reads them itself
    return Json{{"task", task}, {"layout", *layout}};
}

} // namespace taohf::actions::verbs
