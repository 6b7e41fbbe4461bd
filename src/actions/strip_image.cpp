#include "verbs.hpp"

#include <taohf/base/text.hpp>

namespace taohf::actions::verbs {

namespace {

/// Root, because the released packages lie in the system's site-packages.
container::ContainerSpec stripping_container(const StepContext& context, const std::string& image) {
    const std::string label = context.services.sessions.workspace_label();
    container::ContainerSpec spec;
    spec.name = "taohf-" + context.services.port + "-" + context.step + "-" + label;
    spec.image = image;
    spec.labels = {{"taohf", "1"}, {"taohf.workspace", label}, {"taohf.port", label + "-" + context.services.port}};
    spec.user = "0:0";
    spec.argv = {"sleep", "infinity"};
    return spec;
}

Status uninstall(const std::string& id, const Json& packages, StepContext& context) {
    container::ExecSpec spec;
    spec.container = id;
    spec.argv = {"python3", "-m", "pip", "uninstall", "--yes", "--quiet", "--root-user-action", "ignore", "--break-system-packages"};
    for (const Json& name : packages)
        spec.argv.push_back(scalar_text(name));
    TAOHF_TRY_ASSIGN(const container::ExecExit exit,
                     context.services.engine.exec(spec, context.timeout, context.line, context.stop));
    return verdict_of(spec.argv, exit, context);
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

/// The released wheels would shadow the mounted clones; everything else of the image stays. The labels
/// of the container must not get into the image: what is made from it would count as a session of ours.
Result<Json> strip_image(const Json& arguments, StepContext& context) {
    const std::string from = text_of(arguments, "from");
    const std::string tag = text_of(arguments, "tag");
    auto& engine = context.services.engine;
    TAOHF_TRY_ASSIGN(const std::string id, engine.start_session(stripping_container(context, from)));
    Status status = uninstall(id, arguments.at("uninstall"), context);
    if (status)
        status = engine.commit(id, tag, {"LABEL taohf= taohf.workspace= taohf.port= taohf.stripped=1", "CMD [\"/bin/bash\"]"});
    const Status removed = engine.remove(id);
    TAOHF_TRY(status);
    TAOHF_TRY(removed);
    context.services.sessions.forget_image(tag);
    TAOHF_TRY_ASSIGN(const std::string made, context.services.sessions.image_id(tag));
    TAOHF_TRY_ASSIGN(const std::string from_id, context.services.sessions.image_id(from));
    return Json{{"tag", tag}, {"id", made}, {"from", from}, {"from_id", from_id}, {"uninstalled", arguments.at("uninstall")}};
}

} // namespace taohf::actions::verbs
