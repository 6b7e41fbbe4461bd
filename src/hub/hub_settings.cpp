#include "hub_settings.hpp"

#include <taohf/base/text.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

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

/// Blanks around a token are how files and shells end lines; one inside it would end a header.
Result<std::string> checked_token(const std::string& source, std::string_view text) {
    const std::string token(text::trim(text));
    const bool is_plain =
        std::ranges::all_of(token, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
    if (!is_plain)
        return fail(ErrorCode::usage,
                    "the token in " + source +
                        " contains blanks, line breaks or other characters "
                        "that no token has",
                    "set it anew, as the Hub showed it");
    return token;
}

Result<std::string> find_token(host::Host& host, const host::Path& home) {
    const auto& environment = host.environment;
    if (is_on(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        return std::string();
    for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
        TAOHF_TRY_ASSIGN(std::string token, checked_token(name, value_of(environment, name)));
        if (!token.empty())
            return token;
    }
    const auto named = value_of(environment, "HF_TOKEN_PATH");
    const host::Path path =
        named.empty() ? home / "token" : host::Path(expanded(environment, named));
    const auto text = host.files.read(path, k_max_token_file);
    return text ? checked_token(path.string(), *text) : Result<std::string>(std::string());
}

std::chrono::seconds seconds_of(const host::Environment& environment,
                                const std::string& name,
                                std::chrono::seconds fallback) {
    const std::string text = value_of(environment, name);
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    return error == std::errc() && seconds > 0 ? std::chrono::seconds(seconds) : fallback;
}

} // namespace

Result<HubSettings> read_hub_settings(host::Host& host) {
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
    settings.stall = seconds_of(environment, "HF_HUB_DOWNLOAD_TIMEOUT", settings.stall);
    TAOHF_TRY_ASSIGN(settings.token, find_token(host, home));
    if (!settings.token.empty())
        host.secrets.add(settings.token);
    return settings;
}

} // namespace taohf::hub
