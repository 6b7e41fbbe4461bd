#include <taohf/actions/action.hpp>
#include <taohf/base/text.hpp>

#include <algorithm>

#include "verbs.hpp"

namespace taohf::actions {

std::span<const Action> registry() {
    using namespace verbs;
    // name, summary, required keys, optional keys, fresh outputs, materials, execute, revision
    static const std::vector<Action> rows = {
        {"check_host",
         "programs, docker engine, GPU runtime and free space of the host",
         {},
         {"docker", "gpu", "free_gib"},
         false,
         check_host_materials,
         check_host},
        {"strip_image",
         "derive a tag from an image without the released TAO packages",
         {"from", "tag", "uninstall"},
         {},
         false,
         strip_image_materials,
         strip_image},
        {"repositories",
         "facts of the four clones: commit, branch, layout, console scripts",
         {},
         {},
         false,
         repositories_materials,
         repositories},
        {"branch",
         "put the clones on the port's work branch",
         {"name"},
         {},
         false,
         branch_materials,
         branch},
        {"snapshot",
         "locate the model and copy its files for the containers",
         {"model", "to"},
         {"remote_code"},
         true,
         snapshot_materials,
         snapshot},
        {"inspect",
         "read config, processor and tensor headers on the host and decide",
         {"folder", "model"},
         {"task", "strategy", "remote_code"},
         false,
         inspect_materials,
         inspect,
         2},
        {"define", "name values for later steps", {"values"}, {}, false, nothing, define},
        {"reference",
         "load the task's data, with its \"${...}\" filled in",
         {"task"},
         {"pick", "settings"},
         false,
         reference_materials,
         reference},
        {"run",
         "run one command in a container context",
         {"in", "argv"},
         {"environment", "outputs"},
         true,
         run_materials,
         run},
        {"probe",
         "run a probe script in a container context; it leaves JSON evidence",
         {"in", "script", "evidence"},
         {"inputs", "outputs", "adapter"},
         true,
         probe_materials,
         probe},
        {"render",
         "write a task's templates into the repositories, merged with the user's edits",
         {"task", "groups", "with"},
         {},
         false,
         render_materials,
         render},
        {"console_script",
         "register console commands in setup.py files",
         {"entries"},
         {},
         false,
         console_script_materials,
         console_script},
        {"release", "remove the container of a context", {"context"}, {}, false, nothing, release},
        {"patch",
         "write the repositories' changes as a patch file",
         {"to"},
         {},
         true,
         patch_materials,
         patch},
    };
    return rows;
}

const Action* find_action(std::string_view name) {
    const auto rows = registry();
    const auto found = std::ranges::find(rows, name, &Action::name);
    return found == rows.end() ? nullptr : &*found;
}

std::vector<std::string> verb_names() {
    std::vector<std::string> names;
    for (const Action& action : registry())
        names.emplace_back(action.name);
    return names;
}

void check_arguments(const Action& action,
                     const Json& arguments,
                     const Span& span,
                     Diagnostics& diagnostics) {
    const std::string verb(action.name);
    if (!arguments.is_object())
        return diagnostics.error(span, "'" + verb + "' takes a mapping");
    std::vector<std::string> known = action.required;
    known.insert(known.end(), action.optional.begin(), action.optional.end());
    for (const std::string& key : action.required)
        if (!arguments.contains(key))
            diagnostics.error(span, "'" + verb + "' needs '" + key + "'");
    for (const auto& [key, value] : arguments.items())
        if (std::ranges::find(known, key) == known.end()) {
            const auto near = text::nearest(key, known);
            diagnostics.error(span,
                              "'" + verb + "' knows no '" + key + "'",
                              near ? "did you mean '" + *near + "'?" : "");
        }
}

Result<host::Path> StepContext::inside(const std::string& relative) const {
    const host::Path path = services.workspace / relative;
    if (!host::stays_below(services.workspace, path))
        return fail(ErrorCode::policy, "'" + relative + "' leads out of the workspace");
    return path;
}

} // namespace taohf::actions
