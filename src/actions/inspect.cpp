#include <taohf/lang/node.hpp>

#include <algorithm>
#include <set>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

constexpr const char* k_families = "families.yaml";

/// What the user asked for wins over what was proposed, if it is possible at all.
Status choose_strategy(Json& document, const std::string& wanted) {
    if (wanted.empty() || wanted == "auto")
        return {};
    Json& strategy = document["strategy"];
    bool possible = strategy.value("choice", "") == wanted;
    for (const Json& other : strategy.value("others", Json::array()))
        possible = possible || other == wanted;
    if (!possible)
        return fail(ErrorCode::usage,
                    "strategy '" + wanted + "' is not possible for " +
                        document.value("architecture", "this model"),
                    "leave --strategy out, or use one of: " + strategy.value("choice", "") + " " +
                        strategy.value("others", Json::array()).dump());
    strategy["choice"] = wanted;
    strategy["why"] = "asked for";
    return {};
}

/// A class that fits several tasks does the one that was asked for.
Status choose_task(Json& document, const std::string& wanted) {
    if (wanted.empty() || document.value("task", "") == wanted)
        return {};
    const Json candidates = document.value("task_candidates", Json::array());
    if (std::ranges::find(candidates, Json(wanted)) == candidates.end())
        return fail(ErrorCode::verdict,
                    "the model's task is " + document.value("task", "") + ", not " + wanted,
                    "leave --task out");
    document["task"] = wanted;
    document["task_evidence"] = Json::array({"asked for; the class fits " + candidates.dump()});
    return {};
}

/// Id and name of each label side by side: a template's section has no counter. TAO tells classes
/// apart by their names, which models repeat: a name that was there before gets its id behind it.
Json label_rows(const Json& names) {
    Json rows = Json::array();
    std::set<std::string> taken;
    for (const Json& name : names) {
        std::string unique = scalar_text(name);
        if (!taken.insert(unique).second)
            unique += " (" + std::to_string(rows.size()) + ")";
        rows.push_back({{"id", rows.size()}, {"name", unique}});
    }
    return rows;
}

} // namespace

Materials inspect_materials(const Json& arguments, const StepContext& context) {
    TAOHF_TRY_ASSIGN(state::Material families, template_material(context, k_families));
    std::vector<state::Material> materials{std::move(families)};
    TAOHF_TRY_ASSIGN(const host::Path folder, context.inside(text_of(arguments, "folder")));
    for (const char* name : {"config.json", "preprocessor_config.json"})
        if (const auto digest = context.services.host.files.sha256(folder / name))
            materials.push_back({"model", name, *digest});
    return materials;
}

Result<Json> inspect(const Json& arguments, StepContext& context) {
    TAOHF_TRY_ASSIGN(const host::Path folder, context.inside(text_of(arguments, "folder")));
    Diagnostics diagnostics;
    const auto families =
        lang::read_yaml(*context.services.templates.find(k_families), k_families, diagnostics);
    if (!families)
        return tl::unexpected<Error>(diagnostics.to_error());
    const hub::Snapshot snapshot{folder, text_of(arguments, "model"), "", "folder"};
    TAOHF_TRY_ASSIGN(
        Json document,
        hub::inspect(
            context.services.host, snapshot, lang::to_json(*families), remote_code(arguments)));
    if (document.value("verdict", "") != "portable")
        return fail(ErrorCode::verdict,
                    "the model cannot be ported: " + document.value("reason", "no reason given"),
                    "taohf inspect " + text_of(arguments, "model") + " --explain");
    TAOHF_TRY(choose_task(document, text_of(arguments, "task")));
    TAOHF_TRY(choose_strategy(document, text_of(arguments, "strategy")));
    const host::Path file = context.services.workspace / "results" / context.services.port /
                            "evidence" / "inspection.json";
    TAOHF_TRY(context.services.host.files.make_dirs(file.parent_path()));
    TAOHF_TRY(context.services.host.files.write_atomic(file, document.dump(2) + "\n"));
    for (const char* bulky : {"tensors", "seconds", "bytes_read"})
        document.erase(bulky);
    document["labels"]["rows"] = label_rows(document["labels"]["names"]);
    document["has_code"] = !document.value("code_module", "").empty();
    return document;
}

} // namespace taohf::actions::verbs
