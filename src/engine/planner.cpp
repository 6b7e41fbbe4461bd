#include <taohf/base/digest.hpp>
#include <taohf/engine/planner.hpp>
#include <taohf/lang/interpolate.hpp>

#include <algorithm>

namespace taohf::engine {

namespace {

Result<std::vector<std::string>> interpolate_paths(const std::vector<std::string>& paths,
                                                   const Json& scope) {
    std::vector<std::string> result;
    for (const std::string& path : paths) {
        TAOHF_TRY_ASSIGN(std::string text, lang::interpolate_text(path, scope));
        result.push_back(std::move(text));
    }
    return result;
}

/// Two lists say the same about one name when its digests agree.
const state::Material* find_material(const std::vector<state::Material>& list,
                                     const state::Material& wanted) {
    const auto found = std::ranges::find_if(list, [&](const state::Material& candidate) {
        return candidate.kind == wanted.kind && candidate.name == wanted.name;
    });
    return found == list.end() ? nullptr : &*found;
}

} // namespace

std::vector<state::Material> Measured::materials() const {
    std::vector<state::Material> all = given;
    all.insert(all.end(), own.begin(), own.end());
    return all;
}

Result<Measured> measure(const phase::StepSpec& step,
                         const actions::Action& action,
                         const actions::StepContext& context,
                         actions::DigestCache& digests) {
    Measured measured;
    TAOHF_TRY_ASSIGN(measured.arguments, lang::interpolate_all(step.arguments, context.scope));
    TAOHF_TRY_ASSIGN(measured.inputs, interpolate_paths(step.inputs, context.scope));
    TAOHF_TRY_ASSIGN(measured.creates, interpolate_paths(step.creates, context.scope));
    measured.given.push_back(
        {"arguments",
         step.verb,
         sha256(step.verb + measured.arguments.dump() + Json(measured.creates).dump())});
    if (action.revision > 1)
        measured.given.push_back({"verb", step.verb, std::to_string(action.revision)});
    for (const std::string& input : measured.inputs) {
        const host::Path path =
            input.starts_with('/') ? host::Path(input) : context.services.workspace / input;
        TAOHF_TRY_ASSIGN(std::string digest, digests.digest(path));
        measured.given.push_back({"input", input, std::move(digest)});
    }
    TAOHF_TRY_ASSIGN(measured.own, action.materials(measured.arguments, context));
    return measured;
}

std::vector<std::string> reasons_to_run(const state::StepRecord* record,
                                        const std::vector<state::Material>& materials,
                                        const std::vector<std::string>& broken) {
    if (record == nullptr || record->outcome == "pending" || record->outcome == "skipped")
        return {"never ran"};
    if (record->outcome == "running")
        return {"it runs now, or its run was killed"};
    if (record->outcome != "success")
        return {"its last run ended as " + record->outcome};
    std::vector<std::string> reasons;
    for (const state::Material& now : materials) {
        const state::Material* then = find_material(record->materials, now);
        if (then == nullptr)
            reasons.push_back(now.kind + " " + now.name + " is new");
        else if (then->digest != now.digest)
            reasons.push_back(now.kind + " " + now.name + " changed");
    }
    for (const state::Material& then : record->materials)
        if (find_material(materials, then) == nullptr)
            reasons.push_back(then.kind + " " + then.name + " is no longer used");
    reasons.insert(reasons.end(), broken.begin(), broken.end());
    return reasons;
}

Result<std::vector<std::string>> broken_outputs(const state::StepRecord& record,
                                                const actions::Action& action,
                                                const host::Path& workspace,
                                                actions::DigestCache& digests) {
    std::vector<std::string> broken;
    for (const state::Artefact& artefact : record.creates) {
        TAOHF_TRY_ASSIGN(const std::string now, digests.digest(workspace / artefact.path));
        if (now == "absent")
            broken.push_back("output " + artefact.path + " is missing");
        else if (action.fresh_outputs && now != artefact.sha256)
            broken.push_back("output " + artefact.path + " was changed");
    }
    return broken;
}

} // namespace taohf::engine
