#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

/// Root, because the released packages lie in the system's site-packages.
container::ContainerSpec stripping_container(const StepContext& context, const std::string& image) {
    const std::string label = context.services.sessions.workspace_label();
    container::ContainerSpec spec;
    spec.name = "taohf-" + context.services.port + "-" + context.step + "-" + label;
    spec.image = image;
    spec.labels = {{"taohf", "1"},
                   {"taohf.workspace", label},
                   {"taohf.port", label + "-" + context.services.port}};
    spec.user = "0:0";
    spec.argv = {"sleep", "infinity"};
    return spec;
}

Status uninstall(const std::string& id, const Json& packages, StepContext& context) {
    container::ExecSpec spec;
    spec.container = id;
    spec.argv = {"python3",
                 "-m",
                 "pip",
                 "uninstall",
                 "--yes",
                 "--quiet",
                 "--root-user-action",
                 "ignore",
                 "--break-system-packages"};
    for (const Json& name : packages)
        spec.argv.push_back(scalar_text(name));
    TAOHF_TRY_ASSIGN(
        const container::ExecExit exit,
        context.services.engine.exec(spec, context.timeout, context.line, context.stop));
    return verdict_of(spec.argv, exit, context);
}

/// Names what a stripped image is made of, as its label taohf.stripped.
std::string recipe_of(const std::string& from_id, const Json& packages) {
    return sha256(from_id + packages.dump());
}

/// The tag is shared by all workspaces of this machine: one that strips it anew makes the ports of
/// the others stale. An image that another workspace made of the same is as good; one of our own is
/// made anew when asked.
bool is_there(const std::string& tag, const std::string& recipe, StepContext& context) {
    const auto id = context.services.sessions.image_id(tag);
    if (!id || *id == "absent" || context.previous_outputs.value("id", "") == *id)
        return false;
    const auto labels = context.services.engine.image_labels(tag);
    return labels && labels->value("taohf.stripped", "") == recipe;
}

Status make_image(const std::string& from,
                  const std::string& tag,
                  const std::string& recipe,
                  const Json& packages,
                  StepContext& context) {
    auto& engine = context.services.engine;
    TAOHF_TRY_ASSIGN(const std::string id,
                     engine.start_session(stripping_container(context, from)));
    Status status = uninstall(id, packages, context);
    if (status)
        status =
            engine.commit(id,
                          tag,
                          {"LABEL taohf= taohf.workspace= taohf.port= taohf.stripped=" + recipe,
                           "CMD [\"/bin/bash\"]"});
    const Status removed = engine.remove(id);
    TAOHF_TRY(status);
    TAOHF_TRY(removed);
    context.services.sessions.forget_image(tag);
    return {};
}

} // namespace

Materials strip_image_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const char* key : {"from", "tag"}) {
        const std::string tag = text_of(arguments, key);
        TAOHF_TRY_ASSIGN(std::string id, context.services.sessions.image_id(tag));
        materials.push_back({"image", tag, std::move(id)});
    }
    return materials;
}

/// The released wheels would shadow the mounted clones; everything else of the image stays. The
/// labels of the container must not get into the image: what is made from it would count as a
/// session of ours.
Result<Json> strip_image(const Json& arguments, StepContext& context) {
    const std::string from = text_of(arguments, "from");
    const std::string tag = text_of(arguments, "tag");
    const Json& packages = arguments.at("uninstall");
    TAOHF_TRY_ASSIGN(const std::string from_id, context.services.sessions.image_id(from));
    const std::string recipe = recipe_of(from_id, packages);
    if (!is_there(tag, recipe, context))
        TAOHF_TRY(make_image(from, tag, recipe, packages, context));
    TAOHF_TRY_ASSIGN(const std::string made, context.services.sessions.image_id(tag));
    return Json{{"tag", tag},
                {"id", made},
                {"from", from},
                {"from_id", from_id},
                {"uninstalled", packages}};
}

} // namespace taohf::actions::verbs
