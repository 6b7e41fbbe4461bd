#include <taohf/base/text.hpp>
#include <taohf/lang/interpolate.hpp>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

constexpr std::string_view k_file = "/task.yaml";

struct Found {
    std::string folder;
    Json task;
};

/// A task is the folder of templates whose task.yaml has its id; a new folder needs no entry
/// elsewhere.
Result<Found> find_task(const StepContext& context, const std::string& id) {
    std::vector<std::string> known;
    for (const std::string& path : context.services.templates.list("")) {
        if (!path.ends_with(k_file))
            continue;
        known.push_back(path.substr(0, path.size() - k_file.size()));
        if (context.services.templates.find(path)->find(id) == std::string::npos)
            continue; // reading YAML takes longer than looking for a word
        TAOHF_TRY_ASSIGN(Json task, context.services.templates.document(path));
        if (task.value("id", "") == id)
            return Found{path.substr(0, path.size() - k_file.size()), std::move(task)};
    }
    return fail(ErrorCode::verdict,
                "there are no templates for the task '" + id +
                    "'; there are: " + text::join(known, ", "),
                "taohf inspect MODEL shows a model's task; --templates DIR adds your own");
}

/// What was asked for, or the task's own value where nothing was.
Result<Json> settings_of(const Json& asked, const Found& found) {
    Json settings = found.task.value("settings", Json::object());
    for (const auto& [name, value] : asked.items()) {
        if (!settings.contains(name))
            return fail(ErrorCode::spec,
                        found.folder + std::string(k_file) + " has no setting '" + name + "'");
        if (!value.is_null() && !scalar_text(value).empty())
            settings[name] = value;
    }
    return settings;
}

} // namespace

Materials reference_materials(const Json& arguments, const StepContext& context) {
    TAOHF_TRY_ASSIGN(const Found found, find_task(context, text_of(arguments, "task")));
    TAOHF_TRY_ASSIGN(state::Material material,
                     template_material(context, found.folder + std::string(k_file)));
    return std::vector{std::move(material)};
}

Result<Json> reference(const Json& arguments, StepContext& context) {
    TAOHF_TRY_ASSIGN(Found found, find_task(context, text_of(arguments, "task")));
    found.task.erase("files"); // the render verb reads them itself
    const Json asked = arguments.value("settings", Json::object());
    Json scope = context.scope;
    TAOHF_TRY_ASSIGN(scope["settings"], settings_of(asked, found));
    found.task.erase("settings");
    TAOHF_TRY_ASSIGN(const Json task, lang::interpolate_all(found.task, scope));
    Json outputs = {{"folder", found.folder}, {"task", task}, {"settings", scope.at("settings")}};
    const Json picks = arguments.value("pick", Json::object());
    for (const auto& [name, path] : picks.items()) {
        const Json* value = find_path(task, scalar_text(path));
        if (value == nullptr)
            return fail(ErrorCode::spec,
                        found.folder + std::string(k_file) + " has nothing at " +
                            scalar_text(path));
        outputs[name] = *value;
    }
    return outputs;
}

} // namespace taohf::actions::verbs
