#include <taohf/base/text.hpp>
#include <taohf/tao/layout.hpp>
#include <taohf/tao/names.hpp>
#include <taohf/tao/setup_py.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <span>

#include "python_names.hpp"

namespace taohf::tao {

namespace {

constexpr std::size_t k_max_name = 41;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool has_form(std::string_view name) {
    return name.size() >= 2 && name.size() <= k_max_name && is_lower(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_lower(c) || is_digit(c) || c == '_';
           });
}

/// Folders below the clones whose names are packages or schemas of models.
constexpr const char* k_model_folders[] = {
    "tao-core/nvidia_tao_core/config",
    "tao-pytorch/nvidia_tao_pytorch/config",
    "tao-pytorch/nvidia_tao_pytorch/cv",
    "tao-pytorch/nvidia_tao_pytorch/pointcloud",
    "tao-pytorch/nvidia_tao_pytorch/sdg",
    "tao-pytorch/nvidia_tao_pytorch/ssl",
    "tao-pytorch/nvidia_tao_pytorch/multimodal",
    "tao-deploy/nvidia_tao_deploy/config",
    "tao-deploy/nvidia_tao_deploy/cv",
    "tao-deploy/nvidia_tao_deploy/multimodal",
};

/// True when a record of the port's own state lists a file below a folder of that name.
bool lists_path(const Json& value, const std::string& middle) {
    if (value.is_object()) {
        const auto path = value.find("path");
        if (path != value.end() && path->is_string() &&
            ("/" + path->get<std::string>() + "/").find(middle) != std::string::npos)
            return true;
    }
    return value.is_structured() && std::any_of(value.begin(), value.end(), [&](const Json& item) {
               return lists_path(item, middle);
           });
}

bool written_by_port(host::Host& host, const host::Path& workspace, const std::string& name) {
    const host::Path folder = workspace / ".taohf" / name;
    const auto records = host.files.list(folder);
    if (!records)
        return false;
    for (const auto& record : *records) {
        if (!record.ends_with(".json"))
            continue;
        const auto bytes = host.files.read(folder / record);
        const auto document = bytes ? parse_json(*bytes, record) : Result<Json>(Json());
        if (document && (lists_path(*document, "/cv/" + name + "/") ||
                         lists_path(*document, "/config/" + name + "/")))
            return true;
    }
    return false;
}

tl::unexpected<Error> taken(const std::string& name, const std::string& place) {
    return fail(ErrorCode::repo,
                fmt::format("the short name '{}' is taken: {}", name, place),
                "choose another one with --name");
}

} // namespace

std::string derive_short_name(const std::string& model) {
    std::string source = model;
    while (!source.empty() && source.back() == '/')
        source.pop_back();
    source = source.substr(source.rfind('/') + 1);
    if (const auto revision = source.find('@'); revision != std::string::npos)
        source.resize(revision);
    std::string name;
    for (const char c : text::lower(source)) {
        if (is_lower(c) || is_digit(c))
            name += c;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    if (!name.empty() && !is_lower(name.front()))
        name = "m_" + name; // Python identifiers do not begin with a digit
    name.resize(std::min(name.size(), k_max_name));
    while (!name.empty() && name.back() == '_')
        name.pop_back();
    return name;
}

std::string class_name(const std::string& short_name) {
    std::string name;
    for (auto part : text::split(short_name, '_')) {
        if (part.empty())
            continue;
        part[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(part[0])));
        name += part;
    }
    return name;
}

Status check_short_name(const std::string& short_name) {
    const auto refuse = [&](const std::string& why) -> Status {
        return fail(
            ErrorCode::usage,
            fmt::format("'{}' cannot be a port's short name: {}", text::printable(short_name), why),
            "choose another one with --name");
    };
    if (!has_form(short_name))
        return refuse("it needs 2 to 41 of a-z, 0-9 and _, beginning with a letter");
    if (text::is_python_keyword(short_name))
        return refuse("it is a Python keyword");
    if (contains(k_python_builtins, short_name))
        return refuse("it is a Python builtin");
    if (contains(k_python_stdlib, short_name))
        return refuse("it is a module of Python's standard library");
    if (contains(k_installed_packages, short_name))
        return refuse("it is a package or folder name of the TAO images");
    return {};
}

namespace {

/// TAO's backbones are registered under the names of their functions, and a second registration of
/// a name fails when the package is imported.
std::optional<std::string>
backbone_file(host::Host& host, const host::Path& workspace, const std::string& name) {
    const host::Path folder = workspace / "tao-pytorch/nvidia_tao_pytorch/cv/backbone_v2";
    for (const auto& file : host.files.list(folder).value_or(std::vector<std::string>{}))
        if (file.ends_with(".py"))
            if (const auto text = host.files.read(folder / file);
                text && text->find("\ndef " + name + "(") != std::string::npos)
                return (folder / file).string();
    return std::nullopt;
}

} // namespace

Status
check_not_taken(host::Host& host, const host::Path& workspace, const std::string& short_name) {
    if (written_by_port(host, workspace, short_name))
        return {};
    for (const char* folder : k_model_folders) {
        const host::Path parent = workspace / folder;
        const auto names = host.files.list(parent);
        if (!names)
            continue;
        // Case and underscores do not make two names: they meet in class names and on other disks.
        const std::string wanted = text::replace_all(short_name, "_", "");
        for (const auto& name : *names) {
            const auto info = host.files.stat(parent / name);
            if (info && info->kind == host::FileKind::directory &&
                text::replace_all(text::lower(name), "_", "") == wanted)
                return taken(short_name, (parent / name).string() + " exists");
        }
    }
    if (const auto file = backbone_file(host, workspace, short_name))
        return taken(short_name, *file + " registers a backbone of this name");
    for (const char* repository : k_repositories) {
        const host::Path setup = workspace / repository / "setup.py";
        const auto source = host.files.read(setup);
        if (!source || source->find("console_scripts") == std::string::npos)
            continue;
        TAOHF_TRY_ASSIGN(const auto scripts, console_scripts(*source, setup.string()));
        for (const auto& script : scripts)
            if (script.starts_with(short_name + "="))
                return taken(short_name,
                             fmt::format("{} has the console command {}", setup.string(), script));
    }
    return {};
}

} // namespace taohf::tao
