#include "docker_error.hpp"

#include <taohf/base/text.hpp>

#include <array>

namespace taohf::container {

namespace {

/// What docker writes (any of up to three phrases, in lower case), and what it means.
struct Cause {
    std::array<std::string_view, 4> phrases;
    ErrorCode code;
    std::string_view text;
    std::string_view next;
};

constexpr Cause k_causes[] = {
    {{"permission denied while trying to connect",
      "dial unix /var/run/docker.sock: connect: permission"},
     ErrorCode::env,
     "no permission to use the docker daemon",
     "sudo usermod -aG docker $USER   # then log in again, or run taohf with sudo"},
    {{"cannot connect to the docker daemon",
      "error during connect",
      "is the docker daemon running",
      "cannot connect to podman"},
     ErrorCode::env,
     "the docker daemon does not answer",
     "sudo systemctl start docker"},
    {{"could not select device driver",
      "nvidia-container-cli",
      "unknown or invalid runtime name: nvidia",
      "failed to discover gpu vendor"},
     ErrorCode::env,
     "docker has no working GPU runtime",
     "install the NVIDIA Container Toolkit, then: sudo nvidia-ctk runtime configure "
     "--runtime=docker "
     "&& sudo systemctl restart docker"},
    {{"no space left on device", "disk quota exceeded"},
     ErrorCode::storage,
     "no space is left where docker keeps its data",
     "docker system df   # shows what uses it; nothing was pruned"},
    {{"no such image", "unable to find image", "image not known"},
     ErrorCode::env,
     "the image is missing",
     "taohf init"},
    {{"unauthorized", "pull access denied", "authentication required", "denied: "},
     ErrorCode::auth,
     "the registry refuses the credentials",
     "docker login nvcr.io --username '$oauthtoken' --password-stdin"},
    {{"toomanyrequests",
      "tls handshake timeout",
      "i/o timeout",
      "temporary failure in name resolution"},
     ErrorCode::net,
     "the network or the registry does not answer",
     "try again later; behind a proxy set HTTPS_PROXY for the docker daemon"},
    {{"bind source path does not exist"},
     ErrorCode::env,
     "a folder to mount does not exist",
     "taohf init"},
};

bool has_any(std::string_view lower_case, const std::array<std::string_view, 4>& phrases) {
    for (const std::string_view phrase : phrases)
        if (!phrase.empty() && lower_case.find(phrase) != std::string_view::npos)
            return true;
    return false;
}

const Cause* find_cause(std::string_view output) {
    const std::string lower_case = text::lower(output);
    for (const Cause& cause : k_causes)
        if (has_any(lower_case, cause.phrases))
            return &cause;
    return nullptr;
}

std::string how_it_ended(const host::ProcessExit& exit) {
    switch (exit.end) {
    case host::ProcessEnd::timed_out:
        return "docker gave no answer in time";
    case host::ProcessEnd::cancelled:
        return "it was stopped";
    case host::ProcessEnd::signalled:
        return "the docker program was ended by signal " + std::to_string(exit.code);
    case host::ProcessEnd::exited:
        break;
    }
    return "exit code " + std::to_string(exit.code);
}

} // namespace

Error program_missing(const std::string& program, const Error& cause) {
    Error error;
    error.code = ErrorCode::env;
    error.message = "the program '" + program + "' could not be started";
    error.context.push_back(cause.message);
    error.next = "install Docker Engine, for example: sudo apt install docker.io";
    return error;
}

std::string telling_line(std::string_view output) {
    std::string last;
    for (const std::string& line : text::split(output, '\n')) {
        const std::string_view trimmed = text::trim(line);
        // docker ends many errors with a pointer to its own help.
        if (!trimmed.empty() && !trimmed.starts_with("See 'docker") &&
            !trimmed.starts_with("Run 'docker"))
            last = trimmed;
    }
    for (const std::string_view head : {"Error response from daemon: ", "docker: ", "Error: "})
        if (last.starts_with(head))
            last.erase(0, head.size());
    return text::printable(last);
}

Error docker_error(const std::string& program,
                   const std::string& what,
                   const host::ProcessExit& exit,
                   const std::string& image) {
    Error error;
    const std::string said = telling_line(exit.err.empty() ? exit.out : exit.err);
    if (exit.end == host::ProcessEnd::cancelled) {
        error.code = ErrorCode::interrupted;
        error.message = what + " was stopped";
        error.signal = 2;
        return error;
    }
    if (const Cause* cause = find_cause(exit.err + "\n" + exit.out)) {
        error.code = cause->code;
        error.message = what + " failed: " + std::string(cause->text);
        if (is_no_such_image(exit.err) && !image.empty())
            error.message = what + " failed: the image '" + image + "' is not on this machine";
        error.next = cause->next;
    } else {
        error.code = exit.end == host::ProcessEnd::timed_out ? ErrorCode::env : ErrorCode::step;
        error.message = what + " failed: " + how_it_ended(exit);
        error.next = program + " info";
    }
    if (!said.empty())
        error.context.push_back(program + " said: " + said);
    return error;
}

bool is_daemon_gone(std::string_view output) {
    const Cause* cause = find_cause(output);
    return cause == &k_causes[0] || cause == &k_causes[1];
}

bool is_no_such_image(std::string_view output) {
    return has_any(text::lower(output),
                   {"no such image", "unable to find image", "image not known"});
}

bool is_no_such_container(std::string_view output) {
    return has_any(text::lower(output),
                   {"no such container", "no such object", "no container with name"});
}

bool is_name_taken(std::string_view output) {
    return has_any(text::lower(output),
                   {"is already in use by container", "name is already in use"});
}

} // namespace taohf::container
