#include "verbs.hpp"

#include <taohf/base/text.hpp>

namespace taohf::actions::verbs {

Materials strip_image_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const char* key : {"from", "tag"}) {
        const std::string tag = text_of(arguments, key);
        TAOHF_TRY_ASSIGN(std::string id, context.services.sessions.image_id(tag));
        materials.push_back({"image", tag, std::move(id)});
    }
    return materials;
}

/// The released wheels would shadow the mounted clones; everything else of the image stays.
Result<Json> strip_image(const Json& arguments, StepContext& context) {
    const std::string from = text_of(arguments, "from");
    const std::string tag = text_of(arguments, "tag");
    std::vector<std::string> packages;
    for (const Json& name : arguments.at("uninstall"))
        packages.push_back(scalar_text(name));
    const std::string dockerfile = "FROM " + from + "\nUSER root\nRUN python3 -m pip uninstall -y --quiet --break-system-packages " +
                                   text::join(packages, " ") + "\nENV PIP_DISABLE_PIP_VERSION_CHECK=1\n";
    TAOHF_TRY(context.services.engine.build({"-t", tag, "--label", "taohf.stripped=" + text::join(packages, ",")},
                                            dockerfile, context.line, context.stop));
    context.services.sessions.forget_image(tag);
    TAOHF_TRY_ASSIGN(const std::string id, context.services.sessions.image_id(tag));
    TAOHF_TRY_ASSIGN(const std::string from_id, context.services.sessions.image_id(from));
    return Json{{"tag", tag}, {"id", id}, {"from", from}, {"from_id", from_id}, {"uninstalled", packages}};
}

} // namespace taohf::actions::verbs
