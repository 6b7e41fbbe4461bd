#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>

#include <algorithm>

#include "verbs.hpp"

namespace taohf::actions::verbs {

namespace {

constexpr const char* k_folder = "probe/";

/// Names that a Python text imports from the package `lib`.
std::vector<std::string> imported_modules(const std::string& text) {
    std::vector<std::string> names;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find('\n');
        const std::string_view line = text::trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (!line.starts_with("from lib"))
            continue;
        const auto words = text::split(line, ' ');
        if (words.size() < 4 || words[0] != "from")
            continue;
        if (words[1].starts_with("lib."))
            names.push_back(words[1].substr(4));
        else if (words[1] == "lib")
            for (std::size_t i = 3; i < words.size(); ++i)
                names.emplace_back(text::trim(words[i].substr(0, words[i].find(','))));
    }
    return names;
}

struct ScriptFile {
    std::string template_path;
    std::string target; ///< where the script finds it, relative to the port's results
};

/// `from lib import adapter` means the file that the argument `adapter` names: what a probe has to
/// know of a task.
ScriptFile module_file(const std::string& name, const std::string& adapter) {
    const std::string target = std::string(k_folder) + "lib/" + name + ".py";
    return {name == "adapter" && !adapter.empty() ? adapter : target, target};
}

/// The script and what it imports of probe/lib/, directly or through each other: no other file
/// makes a step run again.
std::vector<ScriptFile> files_of(const StepContext& context, const Json& arguments) {
    const std::string script = k_folder + text_of(arguments, "script");
    const std::string adapter = text_of(arguments, "adapter");
    std::vector<ScriptFile> files = {{script, script}};
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string* text = context.services.templates.find(files[i].template_path);
        for (const std::string& name :
             text == nullptr ? std::vector<std::string>{} : imported_modules(*text)) {
            ScriptFile file = module_file(name, adapter);
            if (context.services.templates.find(file.template_path) != nullptr &&
                std::ranges::find(files, file.target, &ScriptFile::target) == files.end())
                files.push_back(std::move(file));
        }
    }
    return files;
}

Status write_script(const StepContext& context, const Json& arguments) {
    const host::Path results = context.services.workspace / "results" / context.services.port;
    for (const ScriptFile& file : files_of(context, arguments)) {
        const std::string* text = context.services.templates.find(file.template_path);
        if (text == nullptr)
            return fail(ErrorCode::spec, "there is no template '" + file.template_path + "'");
        TAOHF_TRY(context.services.host.files.make_dirs((results / file.target).parent_path()));
        TAOHF_TRY(context.services.host.files.write_atomic(results / file.target, *text));
    }
    return {};
}

Result<Json>
read_evidence(const StepContext& context, const host::Path& path, const std::string& name) {
    auto text = context.services.host.files.read(path);
    if (!text)
        return fail(ErrorCode::step,
                    "the probe ended well but left no evidence at '" + name + "'",
                    "taohf logs " + context.step);
    return parse_json(*text, name);
}

} // namespace

Materials probe_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const ScriptFile& file : files_of(context, arguments)) {
        TAOHF_TRY_ASSIGN(state::Material material, template_material(context, file.template_path));
        materials.push_back(std::move(material));
    }
    TAOHF_TRY_ASSIGN(const auto own, context_materials(context, text_of(arguments, "in")));
    materials.insert(materials.end(), own.begin(), own.end());
    return materials;
}

Result<Json> probe(const Json& arguments, StepContext& context) {
    const std::string script = text_of(arguments, "script");
    const std::string evidence = text_of(arguments, "evidence");
    const std::string inside = "/workspace/results/" + context.services.port + "/";
    const host::Path results = context.services.workspace / "results" / context.services.port;
    TAOHF_TRY(write_script(context, arguments));

    Json inputs = arguments.value("inputs", Json::object());
    inputs["evidence"] = inside + evidence;
    const std::string input_file = "probe/" + context.step + ".json";
    TAOHF_TRY(
        context.services.host.files.write_atomic(results / input_file, inputs.dump(2) + "\n"));
    TAOHF_TRY(context.services.host.files.make_dirs((results / evidence).parent_path()));
    TAOHF_TRY(context.services.host.files.remove(results / evidence));
    TAOHF_TRY(execute_in(text_of(arguments, "in"),
                         {"python3", inside + k_folder + script, inside + input_file},
                         Json(),
                         context));

    TAOHF_TRY_ASSIGN(const Json document, read_evidence(context, results / evidence, evidence));
    Json outputs = Json::object();
    for (const Json& name : arguments.value("outputs", Json::array())) {
        const std::string key = scalar_text(name);
        if (!document.contains(key))
            return fail(ErrorCode::step, "the evidence '" + evidence + "' lacks '" + key + "'");
        outputs[key] = document.at(key);
    }
    return outputs;
}

} // namespace taohf::actions::verbs
