#include <taohf/base/text.hpp>
#include <taohf/container/engine.hpp>

#include "command.hpp"
#include "docker_error.hpp"

namespace taohf::container {

namespace {

constexpr std::string_view k_unix = "unix://";
constexpr const char* k_default_socket = "/var/run/docker.sock";

/// True when ~/.docker/config.json selects another daemon than the default one.
bool selects_context(host::Host& host) {
    if (const auto context = host.environment.get("DOCKER_CONTEXT"); context && !context->empty())
        return *context != "default";
    const auto folder = host.environment.get("DOCKER_CONFIG");
    const host::Path path =
        (folder ? host::Path(*folder) : host.environment.home() / ".docker") / "config.json";
    if (!host.files.stat(path))
        return false;
    const auto bytes = host.files.read(path);
    const auto config = bytes ? parse_json(*bytes, path.string()) : Result<Json>(Json::object());
    if (!config || !config->is_object())
        return true; // unreadable: let docker itself decide
    const auto context = config->find("currentContext");
    return context != config->end() && *context != "" && *context != "default";
}

/// Path of the socket that the command line would use; empty when it would not use a local one.
std::string local_socket(host::Host& host, const std::string& program) {
    if (host::Path(program).filename() != "docker")
        return {};
    if (const auto address = host.environment.get("DOCKER_HOST"); address && !address->empty())
        return address->starts_with(k_unix) ? address->substr(k_unix.size()) : std::string();
    return selects_context(host) ? std::string() : k_default_socket;
}

struct Answer {
    bool known = false; ///< the daemon gave a clear answer
    std::string id;     ///< empty: no such image
};

Answer ask_socket(host::Host& host,
                  const std::string& socket,
                  const std::string& tag,
                  const std::stop_token& stop) {
    host::HttpRequest request;
    // Without a version in the path: newer daemons refuse old ones, and `Id` is in all of them.
    request.url = "http://localhost/images/" + tag + "/json";
    request.unix_socket = socket;
    request.connect_timeout = std::chrono::seconds(2);
    const auto response = host.http.send(request, {}, stop);
    if (!response)
        return {};
    if (response->status == 404 && is_no_such_image(response->body))
        return {true, ""};
    const auto body = parse_json(response->body, "the docker daemon's answer");
    if (response->status != 200 || !body || !body->is_object())
        return {};
    const std::string id = body->value("Id", std::string());
    return {!id.empty(), id};
}

} // namespace

Result<std::map<std::string, std::string>> Engine::image_ids(const std::vector<std::string>& tags) {
    std::map<std::string, std::string> ids;
    const std::string socket = local_socket(host_, program_);
    for (const std::string& tag : tags) {
        if (tag.empty() || tag.starts_with('-'))
            return fail(ErrorCode::usage, "'" + tag + "' is not the name of an image");
        const bool is_plain = tag.find_first_of(" ?#%\n") == std::string::npos;
        Answer answer =
            socket.empty() || !is_plain ? Answer{} : ask_socket(host_, socket, tag, stop_);
        if (!answer.known) {
            TAOHF_TRY_ASSIGN(const host::ProcessExit exit,
                             ask(host_,
                                 program_,
                                 {"image", "inspect", "--format", "{{.Id}}", tag},
                                 k_answer_limit,
                                 {},
                                 stop_));
            if (!exit.ok() && !is_no_such_image(exit.err))
                return tl::unexpected<Error>(
                    docker_error(program_, "looking for the image " + tag, exit));
            answer.id = exit.ok() ? telling_line(exit.out) : std::string();
        }
        if (!answer.id.empty())
            ids[tag] = answer.id;
    }
    return ids;
}

} // namespace taohf::container
