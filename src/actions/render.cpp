#include <taohf/base/digest.hpp>
#include <taohf/lang/condition.hpp>
#include <taohf/render/template.hpp>

#include <algorithm>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

struct File {
    std::string template_path; ///< "" for a copy
    std::string source;        ///< of a copy, relative to the workspace
    std::string target;        ///< relative to the workspace: repository and path
    Json values;               ///< what only this file's template sees
};

/// The rows of a task, and of the lists that it shares with other tasks.
Result<Json> task_files(const StepContext& context, const std::string& task) {
    TAOHF_TRY_ASSIGN(const Json document, context.services.templates.document(task + "/task.yaml"));
    Json rows = document.value("files", Json::array());
    const Json lists = document.value("include", Json::array());
    for (const Json& list : lists) {
        TAOHF_TRY_ASSIGN(const Json shared, context.services.templates.document(scalar_text(list)));
        const Json more = shared.value("files", Json::array());
        rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
}

Result<bool> applies(const Json& row, const Json& groups, const Json& with) {
    if (std::ranges::find(groups, Json(row.value("group", ""))) == groups.end())
        return false;
    if (!row.contains("when"))
        return true;
    TAOHF_TRY_ASSIGN(const auto condition, lang::parse_condition(scalar_text(row.at("when"))));
    return lang::evaluate(condition, with);
}

/// The files of a row {copy: "*.py", from: FOLDER, to: FOLDER}, those not that another row writes.
/// Before an earlier step has made the folder there are none.
Result<std::vector<File>> copies_of(const StepContext& context,
                                    const Json& row,
                                    const std::string& to,
                                    const std::vector<File>& others,
                                    const Json& with) {
    TAOHF_TRY_ASSIGN(const std::string from,
                     render::render_template(text_of(row, "from"), "task.yaml", with));
    TAOHF_TRY_ASSIGN(const host::Path folder, context.inside(from));
    const std::string pattern = text_of(row, "copy");
    if (!pattern.starts_with('*'))
        return fail(ErrorCode::spec,
                    "copy: '" + pattern + "' in task.yaml is no * with an ending behind it",
                    "write copy: \"*.py\" for every file that ends in .py");
    const std::string ending = pattern.substr(1);
    const auto found = context.services.host.files.look_into(folder);
    std::vector<File> copies;
    for (const auto& file : found.value_or(std::vector<host::FoundFile>{})) {
        const std::string& name = file.path;
        const std::string target = text_of(row, "repo") + "/" + to + "/" + name;
        if (file.info.kind == host::FileKind::regular && name.ends_with(ending) &&
            std::ranges::find(others, target, &File::target) == others.end())
            copies.push_back({"", from + "/" + name, target, Json::object()});
    }
    return copies;
}

Result<std::vector<File>> files_of(const Json& arguments, const StepContext& context) {
    TAOHF_TRY_ASSIGN(const Json rows, task_files(context, text_of(arguments, "task")));
    std::vector<File> files;
    for (const Json& row : rows) {
        TAOHF_TRY_ASSIGN(const bool wanted,
                         applies(row, arguments.at("groups"), arguments.at("with")));
        if (!wanted)
            continue;
        TAOHF_TRY_ASSIGN(
            const std::string to,
            render::render_template(text_of(row, "to"), "task.yaml", arguments.at("with")));
        if (row.contains("copy")) {
            TAOHF_TRY_ASSIGN(const auto copies,
                             copies_of(context, row, to, files, arguments.at("with")));
            files.insert(files.end(), copies.begin(), copies.end());
            continue;
        }
        files.push_back({text_of(row, "template"),
                         "",
                         text_of(row, "repo") + "/" + to,
                         row.value("values", Json::object())});
    }
    return files;
}

/// The text of a file: what its template makes, or what is copied as it is.
Result<std::string> text_for(const StepContext& context, const File& file, Json with) {
    if (!file.source.empty())
        return context.services.host.files.read(context.services.workspace / file.source);
    with.update(file.values);
    return render::render_template(
        *context.services.templates.find(file.template_path), file.template_path, with);
}

/// What the text of a file depends on beside the values of the step.
Result<state::Material> origin_material(const StepContext& context, const File& file) {
    if (file.source.empty())
        return template_material(context, file.template_path);
    TAOHF_TRY_ASSIGN(std::string digest,
                     context.services.host.files.sha256(context.services.workspace / file.source));
    return state::Material{"copy", file.source, std::move(digest)};
}

/// Where the text that we rendered last time is kept: the base of a three-way merge.
host::Path base_of(const StepContext& context, const std::string& target) {
    return context.services.port_folder / "rendered" / target;
}

Result<std::string>
merge(const StepContext& context, const std::string& target, const std::string& rendered) {
    auto& files = context.services.host.files;
    const host::Path scratch = context.services.port_folder / "merge.new";
    TAOHF_TRY(files.write_atomic(scratch, rendered));
    host::ProcessSpec spec;
    spec.argv = {"git",
                 "merge-file",
                 "-p",
                 "-q",
                 (context.services.workspace / target).string(),
                 base_of(context, target).string(),
                 scratch.string()};
    spec.keep = 8u << 20;
    const auto exit = context.services.host.processes.run(spec);
    TAOHF_TRY(files.remove(scratch));
    if (!exit)
        return tl::unexpected<Error>(exit.error());
    if (!exit->ok()) {
        Error error;
        error.code = ErrorCode::repo;
        error.message = "your edits in '" + target + "' conflict with what would be rendered now";
        error.kept = "your file is untouched";
        error.next = "move your edits aside, or restore the file, and run the same command again";
        return tl::unexpected<Error>(std::move(error));
    }
    return exit->out;
}

/// The text to write: ours for a new file, a merge where the user changed what we wrote before.
Result<std::string>
reconcile(const StepContext& context, const File& file, const std::string& rendered) {
    auto& files = context.services.host.files;
    if (!files.stat(context.services.workspace / file.target))
        return rendered;
    TAOHF_TRY_ASSIGN(const std::string current,
                     files.read(context.services.workspace / file.target));
    if (current == rendered)
        return rendered;
    const auto base = files.read(base_of(context, file.target));
    if (!base)
        return fail(ErrorCode::repo,
                    "'" + file.target + "' exists and was not written by this port",
                    "choose another --name, or move the file away");
    return current == *base ? rendered : merge(context, file.target, rendered);
}

Status write_file(const StepContext& context, const File& file, const std::string& rendered) {
    auto& files = context.services.host.files;
    TAOHF_TRY_ASSIGN(const host::Path path, context.inside(file.target));
    TAOHF_TRY_ASSIGN(const std::string text, reconcile(context, file, rendered));
    const auto current = files.stat(path) ? files.read(path).value_or("\x01") : std::string("\x01");
    const host::Path base = base_of(context, file.target);
    TAOHF_TRY(files.make_dirs(base.parent_path()));
    TAOHF_TRY(files.write_atomic(base, rendered));
    if (current == text)
        return {};
    TAOHF_TRY(files.make_dirs(path.parent_path()));
    return files.write_atomic(path, text);
}

/// Files of an earlier rendering that are no longer wanted go, unless the user edited them.
Status remove_leftovers(const StepContext& context, const Json& now) {
    for (const Json& old : context.previous_outputs.value("files", Json::array())) {
        if (std::ranges::find(now, old) != now.end())
            continue;
        const std::string target = scalar_text(old);
        const auto base = context.services.host.files.read(base_of(context, target));
        const auto current = context.services.host.files.read(context.services.workspace / target);
        if (base && current && *base == *current) {
            TAOHF_TRY(context.services.host.files.remove(context.services.workspace / target));
            TAOHF_TRY(context.services.host.files.remove(base_of(context, target)));
        }
    }
    return {};
}

} // namespace

Materials render_materials(const Json& arguments, const StepContext& context) {
    TAOHF_TRY_ASSIGN(const auto files, files_of(arguments, context));
    std::vector<state::Material> materials;
    for (const File& file : files) {
        TAOHF_TRY_ASSIGN(state::Material material, origin_material(context, file));
        materials.push_back(std::move(material));
        if (!file.values.empty())
            materials.push_back({"values", file.target, sha256(file.values.dump())});
        if (!context.services.host.files.stat(context.services.workspace / file.target))
            materials.push_back({"file", file.target, "absent"});
    }
    return materials;
}

Result<Json> render(const Json& arguments, StepContext& context) {
    TAOHF_TRY_ASSIGN(const auto files, files_of(arguments, context));
    Json written = Json::array();
    for (const File& file : files) {
        TAOHF_TRY_ASSIGN(const std::string rendered, text_for(context, file, arguments.at("with")));
        TAOHF_TRY(write_file(context, file, rendered));
        written.push_back(file.target);
        context.line(file.target, false);
    }
    TAOHF_TRY(remove_leftovers(context, written));
    return Json{{"files", written}};
}

} // namespace taohf::actions::verbs
