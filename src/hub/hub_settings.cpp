#include "hub_settings.hpp"

#include <taohf/base/text.hpp>

#include <algorithm>
#include <cctype>

namespace taohf::hub {

namespace {

constexpr const char* k_default_endpoint = "https://huggingface.co";
constexpr std::uint64_t k_max_token_file = 4096;

std::string value_of(const host::Environment& environment, const std::string& name) {
    return environment.get(name).value_or("");
}

bool is_on(const host::Environment& environment, const std::string& name) {
    const std::string value = text::lower(value_of(environment, name));
    return value == "1" || value == "on" || value == "yes" || value == "true";
}

/// `~` at the front and `$NAME` or `${NAME}` anywhere, as the Python client expands paths.
std::string expanded(const host::Environment& environment, const std::string& path) {
    std::string result;
    for (std::size_t at = 0; at < path.size();) {
        if (at == 0 && path[0] == '~' && (path.size() == 1 || path[1] == '/')) {
            result += environment.home().string();
            ++at;
            continue;
        }
        if (path[at] != '$') {
            result += path[at++];
            continue;
        }
        const bool braced = at + 1 < path.size() && path[at + 1] == '{';
        std::size_t end = at + (braced ? 2 : 1);
        const std::size_t begin = end;
        while (end < path.size() &&
               (std::isalnum(static_cast<unsigned char>(path[end])) || path[end] == '_'))
            ++end;
        const auto value = environment.get(path.substr(begin, end - begin));
        if (braced && end < path.size() && path[end] == '}')
            ++end;
        result += value ? *value : path.substr(at, end - at);
        at = end;
    }
    return result;
}

host::Path hub_home(const host::Environment& environment) {
    if (const auto home = value_of(environment, "HF_HOME"); !home.empty())
        return expanded(environment, home);
    if (const auto cache = value_of(environment, "XDG_CACHE_HOME"); !cache.empty())
        return host::Path(expanded(environment, cache)) / "huggingface";
    return environment.home() / ".cache" / "huggingface";
}

std::string without_blanks(std::string token) {
    std::erase_if(token, [](unsigned char c) { return std::isspace(c) != 0; });
    return token;
}

std::string find_token(host::Host& host, const host::Path& home) {
    const auto& environment = host.environment;
    if (is_on(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        return {};
    for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
        if (auto token = without_blanks(value_of(environment, name)); !token.empty())
            return token;
    const auto path = value_of(environment, "HF_TOKEN_PATH");
    const auto text = host.files.read(
        path.empty() ? home / "token" : host::Path(expanded(environment, path)), k_max_token_file);
    return text ? without_blanks(*text) : std::string();
}

} // namespace

HubSettings read_hub_settings(host::Host& host) {
    const auto& environment = host.environment;
    const host::Path home = hub_home(environment);
    HubSettings settings;
    settings.endpoint = value_of(environment, "HF_ENDPOINT");
    while (settings.endpoint.ends_with('/'))
        settings.endpoint.pop_back();
    if (settings.endpoint.empty())
        settings.endpoint = k_default_endpoint;
    settings.cache = home / "hub";
    for (const char* name : {"HUGGINGFACE_HUB_CACHE", "HF_HUB_CACHE"}) // the later one wins
        if (const auto cache = value_of(environment, name); !cache.empty())
            settings.cache = expanded(environment, cache);
    settings.offline =
        is_on(environment, "HF_HUB_OFFLINE") || is_on(environment, "TRANSFORMERS_OFFLINE");
    settings.token = find_token(host, home);
    if (!settings.token.empty())
        host.secrets.add(settings.token);
    return settings;
}

} // namespace taohf::hub
