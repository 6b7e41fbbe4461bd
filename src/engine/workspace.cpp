#include <taohf/base/text.hpp>
#include <taohf/engine/workspace.hpp>
#include <taohf/lang/node.hpp>
#include <taohf/render/literal.hpp>

#include <algorithm>
#include <cctype>

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
    std::ranges::transform(
        text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// A value of the kind that an input has: its default, or the example of one without.
Json kind_of(const Json& row) {
    return row.contains("default") ? row.at("default") : row.value("example", Json());
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
    if (!parsed || !parsed->is_number() ||
        (like.is_number_integer() && !parsed->is_number_integer()))
        return fail(ErrorCode::usage, "input '" + name + "' is a number, not '" + text + "'");
    return *parsed;
}

Result<Json> defaults(const lang::Library& templates) {
    TAOHF_TRY_ASSIGN(const Json document, templates.document("inputs.yaml"));
    return document.value("inputs", Json::object());
}

std::vector<std::string> names_of(const Json& known) {
    std::vector<std::string> names;
    for (const auto& [name, row] : known.items())
        names.push_back(name);
    return names;
}

std::string hint_for(const std::string& key, const std::vector<std::string>& known) {
    const auto near = text::nearest(key, known);
    return near ? "did you mean '" + *near + "'?" : "known are: " + text::join(known, ", ");
}

/// What should stand there instead, or "".
std::string wanted_instead(const Json& value, const Json& row) {
    const Json like = kind_of(row);
    if (value.is_null())
        return "";
    if (like.is_boolean())
        return value.is_boolean() ? "" : "true or false";
    if (like.is_number_integer())
        return value.is_number_integer() ? "" : "a whole number";
    if (like.is_number())
        return value.is_number() ? "" : "a number";
    return value.is_structured() ? "text" : "";
}

void check_input(const std::string& name,
                 const lang::Node& node,
                 const Json& row,
                 Diagnostics& diagnostics) {
    const Json value = lang::to_json(node);
    if (const std::string wanted = wanted_instead(value, row); !wanted.empty())
        return diagnostics.error(node.span,
                                 "input '" + name + "' is " + wanted + ", not " + value.dump());
    if (value.is_null() || !row.contains("values") ||
        std::ranges::find(row.at("values"), value) != row.at("values").end())
        return;
    std::vector<std::string> values;
    for (const Json& one : row.at("values"))
        values.push_back(scalar_text(one));
    diagnostics.error(node.span,
                      "'" + scalar_text(value) + "' is no " + name,
                      hint_for(scalar_text(value), values));
}

/// Everything that taohf.yaml says is read by something; what is not must be a slip.
void check_config(const lang::Node& root, const Json& known, Diagnostics& diagnostics) {
    std::vector<std::string> keys = {"schema", "port", "tao_version", "inputs"};
    const std::vector<std::string> inputs = names_of(known);
    keys.insert(keys.end(), inputs.begin(), inputs.end());
    for (std::size_t i = 0; i < root.fields.size(); ++i) {
        const auto& [key, value] = root.fields[i];
        if (std::ranges::find(keys, key) == keys.end())
            diagnostics.error(
                root.key_spans[i], "there is no '" + key + "' in taohf.yaml", hint_for(key, keys));
        else if (known.contains(key))
            check_input(key, value, known.at(key), diagnostics);
        else if (key == "inputs" && value.kind != lang::NodeKind::mapping &&
                 value.kind != lang::NodeKind::null)
            diagnostics.error(value.span, "'inputs' must be a mapping", "inputs: {epochs: 3}");
        else if (key != "inputs" && !value.items.empty())
            diagnostics.error(value.span, "'" + key + "' must be text");
        else if (key != "inputs" && !value.fields.empty())
            diagnostics.error(value.span, "'" + key + "' must be text");
    }
    const lang::Node* given = root.find("inputs");
    for (std::size_t i = 0; given != nullptr && i < given->fields.size(); ++i) {
        const auto& [name, value] = given->fields[i];
        if (known.contains(name))
            check_input(name, value, known.at(name), diagnostics);
        else
            diagnostics.error(
                given->key_spans[i], "there is no input '" + name + "'", hint_for(name, inputs));
    }
}

Error slip_in(const host::Path& file, const Diagnostics& diagnostics) {
    Error error = diagnostics.to_error();
    error.next = "correct " + file.string() + " and run the same command again";
    return error;
}

} // namespace

std::string Workspace::text(const std::string& key, const std::string& fallback) const {
    const auto found = config.find(key);
    return found == config.end() || found->is_null() ? fallback : scalar_text(*found);
}

Result<Workspace>
open_workspace(host::Host& host, const lang::Library& templates, const std::string& given) {
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
        return tl::unexpected<Error>(slip_in(file, diagnostics));
    workspace.config = lang::to_json(*node);
    if (!workspace.config.is_object() ||
        workspace.config.value("schema", "") != "taohf/workspace/v1")
        return fail(ErrorCode::spec,
                    "'" + file.string() + "' has no 'schema: taohf/workspace/v1'",
                    "taohf init");
    TAOHF_TRY_ASSIGN(const Json known, defaults(templates));
    check_config(*node, known, diagnostics);
    if (diagnostics.has_errors())
        return tl::unexpected<Error>(slip_in(file, diagnostics));
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
    const Json given = workspace.config.value("inputs", Json());
    const Json configured = given.is_object() ? given : Json::object();
    for (const auto& [name, row] : known.items()) {
        const Json fallback = row.contains("default") ? row.at("default") : Json();
        const auto variable = host.environment.get("TAOHF_" + upper(name));
        const auto set = [&, &key = name](Json value, const char* origin) {
            inputs.values[key] = std::move(value);
            inputs.origins[key] = origin;
        };
        if (flags.contains(name)) {
            TAOHF_TRY_ASSIGN(Json value, typed(name, scalar_text(flags.at(name)), kind_of(row)));
            set(std::move(value), "flag");
        } else if (variable) {
            TAOHF_TRY_ASSIGN(Json value, typed(name, *variable, kind_of(row)));
            set(std::move(value), "environment");
        } else if (recorded.contains(name) && !recorded.at(name).is_null()) {
            set(recorded.at(name), "state");
        } else if (configured.contains(name)) {
            set(configured.at(name), "taohf.yaml");
        } else if (workspace.config.contains(name)) {
            set(workspace.config.at(name), "taohf.yaml");
        } else {
            set(fallback, "default");
        }
        const Json& value = inputs.values.at(name);
        if (row.contains("values") && !value.is_null() &&
            std::ranges::find(row.at("values"), value) == row.at("values").end())
            return fail(ErrorCode::usage,
                        "'" + scalar_text(value) + "' is no " + name + "; it is one of " +
                            row.at("values").dump());
    }
    for (const auto& [name, value] : flags.items())
        if (!known.contains(name)) {
            const auto near = text::nearest(name, names_of(known));
            return fail(ErrorCode::usage,
                        "there is no input '" + name + "'",
                        near ? "did you mean '" + *near + "'?" : "taohf schema inputs");
        }
    return inputs;
}

} // namespace taohf::engine
