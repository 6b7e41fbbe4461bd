#include <taohf/base/text.hpp>
#include <taohf/lang/interpolate.hpp>

#include <functional>

namespace taohf::lang {

namespace {

bool is_path(std::string_view path) {
    if (path.empty() || path.front() == '.' || path.back() == '.' ||
        path.find("..") != std::string_view::npos)
        return false;
    for (const char c : path)
        if (!(std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.'))
            return false;
    return true;
}

using OnText = std::function<void(std::string_view)>;
using OnPath = std::function<Status(const std::string&)>;

/// Walks literal pieces and ${paths} in order.
Status scan(std::string_view text, const OnText& on_text, const OnPath& on_path) {
    while (!text.empty()) {
        const auto at = text.find("${");
        if (at == std::string_view::npos) {
            on_text(text);
            return {};
        }
        if (at > 0 && text[at - 1] == '$') {
            on_text(text.substr(0, at - 1));
            on_text("${");
            text.remove_prefix(at + 2);
            continue;
        }
        on_text(text.substr(0, at));
        const auto end = text.find('}', at);
        if (end == std::string_view::npos)
            return fail(ErrorCode::spec, "'${' without '}' in '" + std::string(text) + "'");
        const std::string path(text.substr(at + 2, end - at - 2));
        if (!is_path(path))
            return fail(ErrorCode::spec, "'${" + path + "}' is no dotted path");
        TAOHF_TRY(on_path(path));
        text.remove_prefix(end + 1);
    }
    return {};
}

Result<Json> look_up(const std::string& path, const Json& scope) {
    if (const Json* found = find_path(scope, path))
        return *found;
    const auto dot = path.rfind('.');
    const Json* parent = dot == std::string::npos ? &scope : find_path(scope, path.substr(0, dot));
    std::vector<std::string> known;
    if (parent != nullptr && parent->is_object())
        for (const auto& [name, value] : parent->items())
            known.push_back(name);
    const auto near = text::nearest(dot == std::string::npos ? path : path.substr(dot + 1), known);
    return fail(ErrorCode::spec,
                "there is no value '${" + path + "}'",
                near ? "did you mean '" + *near + "'?" : "");
}

} // namespace

Result<std::vector<std::string>> paths_used(std::string_view text) {
    std::vector<std::string> paths;
    TAOHF_TRY(scan(
        text,
        [](std::string_view) {},
        [&](const std::string& path) -> Status {
            paths.push_back(path);
            return {};
        }));
    return paths;
}

Result<Json> interpolate(std::string_view text, const Json& scope) {
    if (text.starts_with("${") && text.find('}') == text.size() - 1 &&
        is_path(text.substr(2, text.size() - 3)))
        return look_up(std::string(text.substr(2, text.size() - 3)), scope);
    std::string result;
    TAOHF_TRY(scan(
        text,
        [&](std::string_view piece) { result += piece; },
        [&](const std::string& path) -> Status {
            TAOHF_TRY_ASSIGN(const Json value, look_up(path, scope));
            if (value.is_structured())
                return fail(ErrorCode::spec,
                            "'${" + path +
                                "}' is a list or mapping and cannot stand inside a text");
            result += value.is_null() ? "" : scalar_text(value);
            return {};
        }));
    return Json(result);
}

Result<Json> interpolate_all(const Json& value, const Json& scope) {
    if (value.is_string())
        return interpolate(value.get<std::string>(), scope);
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& item : value) {
            TAOHF_TRY_ASSIGN(Json done, interpolate_all(item, scope));
            list.push_back(std::move(done));
        }
        return list;
    }
    if (value.is_object()) {
        Json object = Json::object();
        for (const auto& [key, item] : value.items()) {
            TAOHF_TRY_ASSIGN(object[key], interpolate_all(item, scope));
        }
        return object;
    }
    return value;
}

Result<std::string> interpolate_text(std::string_view text, const Json& scope) {
    TAOHF_TRY_ASSIGN(const Json value, interpolate(text, scope));
    if (value.is_structured() || value.is_null())
        return fail(ErrorCode::spec,
                    "'" + std::string(text) + "' must be text, not " + value.type_name());
    return scalar_text(value);
}

} // namespace taohf::lang
