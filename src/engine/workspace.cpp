#include <taohf/engine/workspace.hpp>

#include <algorithm>
#include <cctype>

#include <taohf/base/text.hpp>
#include <taohf/lang/node.hpp>
#include <taohf/render/literal.hpp>

namespace taohf::engine {

namespace {

constexpr const char* k_file = "taohf.yaml";

host::Path find_root(host::Host& host, const std::string& given) {
    const host::Path here = host.environment.working_directory();
    if (!given.empty())
        return (here / given).lexically_normal();
    for (host::Path folder = here;; folder = folder.parent_path()) {
        if (host.files.stat(folder / k_file))
            return folder;
        if (folder == folder.parent_path())
            return here;
    }
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// Flags and environment arrive as text; numbers and booleans in the defaults say what is meant.
Result<Json> typed(const std::string& name, const std::string& text, const Json& like) {
    if (like.is_boolean()) {
        if (text == "true" || text == "false")
            return Json(text == "true");
        return fail(ErrorCode::usage, "input '" + name + "' is true or false, not '" + text + "'");
    }
    if (!like.is_number())
        return Json(text);
    auto parsed = parse_json(text, name);
    if (!parsed || !parsed->is_number() || (like.is_number_integer() && !parsed->is_number_integer()))
        return fail(ErrorCode::usage, "input '" + name + "' is a number, not '" + text + "'");
    return *parsed;
}

Result<Json> defaults(const lang::Library& templates) {
    const std::string* text = templates.find("inputs.yaml");
    if (text == nullptr)
        return fail(ErrorCode::spec, "there is no template 'inputs.yaml'");
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(*text, "inputs.yaml", diagnostics);
    if (!node)
        return tl::unexpected<Error>(diagnostics.to_error());
    return lang::to_json(*node).value("inputs", Json::object());
}

} // namespace

std::string Workspace::text(const std::string& key, const std::string& fallback) const {
    const auto found = config.find(key);
    return found == config.end() || found->is_null() ? fallback : scalar_text(*found);
}

Result<Workspace> open_workspace(host::Host& host, const std::string& given) {
    Workspace workspace;
    workspace.root = find_root(host, given);
    while (workspace.root.has_relative_path() && !workspace.root.has_filename())
        workspace.root = workspace.root.parent_path();
    const host::Path file = workspace.root / k_file;
    if (!host.files.stat(file))
        return workspace;
    TAOHF_TRY_ASSIGN(const std::string text, host.files.read(file, 1u << 20));
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(text, file.string(), diagnostics);
    if (!node)
        return tl::unexpected<Error>(diagnostics.to_error());
    workspace.config = lang::to_json(*node);
    if (!workspace.config.is_object() || workspace.config.value("schema", "") != "taohf/workspace/v1")
        return fail(ErrorCode::spec, "'" + file.string() + "' has no 'schema: taohf/workspace/v1'", "taohf init");
    return workspace;
}

Status save_workspace(host::Host& host, const Workspace& workspace) {
    std::string text = "# What every command in this workspace starts from; flags win over it.\n";
    for (const auto& [key, value] : workspace.config.items()) {
        TAOHF_TRY_ASSIGN(const std::string literal, render::yaml_literal(value));
        text += key + ": " + literal + "\n";
    }
    return host.files.write_atomic(workspace.root / k_file, text);
}

Result<Inputs> gather_inputs(host::Host& host,
                             const Workspace& workspace,
                             const lang::Library& templates,
                             const Json& flags,
                             const Json& recorded) {
    TAOHF_TRY_ASSIGN(const Json known, defaults(templates));
    Inputs inputs;
    const Json configured = workspace.config.value("inputs", Json::object());
    for (const auto& [name, row] : known.items()) {
        const Json fallback = row.contains("default") ? row.at("default") : Json();
        const auto variable = host.environment.get("TAOHF_" + upper(name));
        const auto set = [&, &key = name](Json value, const char* origin) {
            inputs.values[key] = std::move(value);
            inputs.origins[key] = origin;
        };
        if (flags.contains(name)) {
            TAOHF_TRY_ASSIGN(Json value, typed(name, scalar_text(flags.at(name)), fallback));
            set(std::move(value), "flag");
        } else if (variable) {
            TAOHF_TRY_ASSIGN(Json value, typed(name, *variable, fallback));
            set(std::move(value), "environment");
        } else if (configured.contains(name)) {
            set(configured.at(name), "taohf.yaml");
        } else if (workspace.config.contains(name)) {
            set(workspace.config.at(name), "taohf.yaml");
        } else if (recorded.contains(name) && !recorded.at(name).is_null()) {
            set(recorded.at(name), "state");
        } else {
            set(fallback, "default");
        }
        const Json& value = inputs.values.at(name);
        if (row.contains("values") && !value.is_null() &&
            std::ranges::find(row.at("values"), value) == row.at("values").end())
            return fail(ErrorCode::usage,
                        "'" + scalar_text(value) + "' is no " + name + "; it is one of " + row.at("values").dump());
    }
    for (const auto& [name, value] : flags.items())
        if (!known.contains(name)) {
            std::vector<std::string> names;
            for (const auto& [key, row] : known.items())
                names.push_back(key);
            const auto near = text::nearest(name, names);
            return fail(ErrorCode::usage, "there is no input '" + name + "'", near ? "did you mean '" + *near + "'?" : "taohf schema inputs");
        }
    return inputs;
}

} // namespace taohf::engine
