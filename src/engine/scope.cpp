#include <taohf/engine/scope.hpp>
#include <taohf/lang/interpolate.hpp>
#include <taohf/tao/layout.hpp>
#include <taohf/tao/names.hpp>

#include <algorithm>

namespace taohf::engine {

namespace {

Result<std::string> layout_of(host::Host& host, const Workspace& workspace, const Json& inputs) {
    const host::Path clone = workspace.root / "tao-pytorch";
    if (!host.files.stat(clone))
        return fail(ErrorCode::repo,
                    "'" + workspace.root.string() + "' is no workspace: it has no tao-pytorch",
                    "taohf -C " + workspace.root.string() + " init --profile sandbox");
    TAOHF_TRY_ASSIGN(const std::string found, tao::detect_layout(host.files, clone));
    const std::string wanted =
        inputs.contains("layout") ? scalar_text(inputs.at("layout")) : "auto";
    if (wanted != "auto" && wanted != found)
        return fail(ErrorCode::repo,
                    "the clones have layout '" + found + "', not '" + wanted + "'",
                    "leave --layout out, or make another workspace with taohf init --layout " +
                        wanted);
    return found;
}

/// `dataset` on the host, `data` in a container. Without a dataset of the user's a phase generates
/// one below the results.
Json paths_of(const std::string& port, const Json& inputs) {
    const std::string results = "results/" + port;
    const Json given = inputs.value("dataset", Json());
    const bool generated = given.is_null() || scalar_text(given).empty();
    return {{"results", results},
            {"inside", "/workspace/" + results},
            {"generated", generated},
            {"dataset", generated ? results + "/dataset" : scalar_text(given)},
            {"data", generated ? "/workspace/" + results + "/dataset" : "/data/" + port},
            {"port", ".taohf/" + port}};
}

} // namespace

Result<Json> make_scope(host::Host& host,
                        const Workspace& workspace,
                        const lang::Library& templates,
                        const std::string& port,
                        const Json& inputs) {
    TAOHF_TRY_ASSIGN(const std::string layout, layout_of(host, workspace, inputs));
    TAOHF_TRY_ASSIGN(const Json layouts, templates.document("layouts.yaml"));
    const Json* names = find_path(layouts, "layouts." + layout);
    if (names == nullptr)
        return fail(ErrorCode::spec, "layouts.yaml has no layout '" + layout + "'");
    Json scope = Json::object();
    std::string dashed = port;
    std::ranges::replace(dashed, '_', '-');
    scope["port"] = {{"name", port}, {"class_name", tao::class_name(port)}, {"dashed", dashed}};
    scope["inputs"] = inputs;
    scope["tao"] = {{"version", workspace.text("tao_version")}, {"layout", layout}};
    scope["layout"] = *names;
    scope["layout"]["name"] = layout;
    scope["paths"] = paths_of(port, inputs);
    const std::string profile =
        inputs.contains("profile") ? scalar_text(inputs.at("profile")) : "sandbox";
    TAOHF_TRY_ASSIGN(const Json raw, templates.document("profiles/" + profile + ".yaml"));
    TAOHF_TRY_ASSIGN(scope["profile"], lang::interpolate_all(raw, scope));
    scope["steps"] = Json::object();
    return scope;
}

void add_step(Json& scope, const state::StepRecord& record) {
    Json outputs = record.outputs.is_object() ? record.outputs : Json::object();
    outputs["outcome"] = record.outcome;
    outputs["made"] = Json::object();
    for (const state::Artefact& artefact : record.creates)
        outputs["made"][artefact.path] = artefact.sha256;
    outputs["made_from"] = Json::object();
    for (const state::Material& material : record.materials)
        if (material.kind == "input")
            outputs["made_from"][material.name] = material.digest;
    scope["steps"][record.id] = std::move(outputs);
}

void add_steps(Json& scope,
               const std::vector<phase::PhaseSpec>& phases,
               const state::PortState& state) {
    for (const phase::PhaseSpec& phase : phases)
        for (const phase::StepSpec& step : phase.steps)
            if (const state::StepRecord* record = state.find_step(step.id))
                add_step(scope, *record);
}

} // namespace taohf::engine
