#include "verbs.hpp"

#include <algorithm>

#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>

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

/// The script and what it imports of probe/lib/, directly or through each other: no other file makes
/// a step run again.
std::vector<std::string> files_of(const StepContext& context, const std::string& script) {
    std::vector<std::string> files = {k_folder + script};
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string* text = context.services.templates.find(files[i]);
        for (const std::string& name : text == nullptr ? std::vector<std::string>{} : imported_modules(*text)) {
            const std::string file = std::string(k_folder) + "lib/" + name + ".py";
            if (context.services.templates.find(file) != nullptr && std::ranges::find(files, file) == files.end())
                files.push_back(file);
        }
    }
    return files;
}

Status write_script(const StepContext& context, const std::string& script) {
    const host::Path target = context.services.workspace / "results" / context.services.port;
    for (const std::string& file : files_of(context, script)) {
        const std::string* text = context.services.templates.find(file);
        if (text == nullptr)
            return fail(ErrorCode::spec, "there is no template '" + file + "'");
        TAOHF_TRY(context.services.host.files.make_dirs((target / file).parent_path()));
        TAOHF_TRY(context.services.host.files.write_atomic(target / file, *text));
    }
    return {};
}

Result<Json> read_evidence(const StepContext& context, const host::Path& path, const std::string& name) {
    auto text = context.services.host.files.read(path);
    if (!text)
        return fail(ErrorCode::step, "the probe ended well but left no evidence at '" + name + "'", "taohf logs " + context.step);
    return parse_json(*text, name);
}

} // namespace

Materials probe_materials(const Json& arguments, const StepContext& context) {
    std::vector<state::Material> materials;
    for (const std::string& file : files_of(context, text_of(arguments, "script"))) {
        TAOHF_TRY_ASSIGN(state::Material material, template_material(context, file));
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
    TAOHF_TRY(write_script(context, script));

    Json inputs = arguments.value("inputs", Json::object());
    inputs["evidence"] = inside + evidence;
    const std::string input_file = "probe/" + context.step + ".json";
    TAOHF_TRY(context.services.host.files.write_atomic(results / input_file, inputs.dump(2) + "\n"));
    TAOHF_TRY(context.services.host.files.make_dirs((results / evidence).parent_path()));
    TAOHF_TRY(context.services.host.files.remove(results / evidence));
    TAOHF_TRY(execute_in(text_of(arguments, "in"), {"python3", inside + k_folder + script, inside + input_file}, Json(), context));

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
