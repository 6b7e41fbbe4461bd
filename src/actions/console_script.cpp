#include <taohf/tao/setup_py.hpp>

#include "verbs.hpp"

namespace taohf::actions::verbs {

/// setup.py belongs to the user and to other ports too: only the presence of our line matters.
Materials console_script_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const Json& entry : arguments.at("entries")) {
        const std::string file = text_of(entry, "file");
        TAOHF_TRY_ASSIGN(const host::Path path, context.inside(file));
        TAOHF_TRY_ASSIGN(const std::string text, context.services.host.files.read(path));
        const auto after = tao::add_console_script(text, file, text_of(entry, "entry"));
        materials.push_back({"entry", file, after && *after == text ? "present" : "absent"});
    }
    return materials;
}

Result<Json> console_script(const Json& arguments, StepContext& context) {
    Json edited = Json::array();
    for (const Json& entry : arguments.at("entries")) {
        const std::string file = text_of(entry, "file");
        TAOHF_TRY_ASSIGN(const host::Path path, context.inside(file));
        TAOHF_TRY_ASSIGN(const std::string before, context.services.host.files.read(path));
        TAOHF_TRY_ASSIGN(const std::string after,
                         tao::add_console_script(before, file, text_of(entry, "entry")));
        if (after != before)
            TAOHF_TRY(context.services.host.files.write_atomic(path, after));
        edited.push_back(
            {{"file", file}, {"entry", text_of(entry, "entry")}, {"changed", after != before}});
    }
    return Json{{"entries", edited}};
}

} // namespace taohf::actions::verbs
