#pragma once

#include <taohf/base/json.hpp>
#include <taohf/container/spec.hpp>
#include <taohf/host/host.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace taohf::container {

struct EngineFacts {
    std::string version; ///< of the server
    std::string data_root;
    std::vector<std::string> runtimes;
    bool has_gpu_runtime = false;
};

enum class ExecEnd {
    exited,
    out_of_memory,
    killed,
    timed_out,
    cancelled,
    container_gone,
    engine_gone
};

struct ExecExit {
    ExecEnd end = ExecEnd::exited;
    int code = 0;
    std::string tail; ///< last output lines
    std::chrono::milliseconds duration{0};
};

/// The docker command line (or a podman that behaves like it). Every error names the cause:
/// program missing, daemon not running, no permission, image missing, GPU runtime missing, no
/// space.
class Engine final {
public:
    /// A request of `stop` ends what waits for docker; removing containers goes on.
    explicit Engine(host::Host& host, std::string program = "docker", std::stop_token stop = {});

    /// Class ENV with what to type when docker is missing or its daemon does not answer.
    Result<EngineFacts> probe();

    /// "sha256:..." of the tags that exist. Asked on one connection to the daemon's socket when it
    /// is local (half a millisecond each, where a list of images takes ten), on the command line
    /// otherwise.
    Result<std::map<std::string, std::string>> image_ids(const std::vector<std::string>& tags);
    Result<Json> image_labels(const std::string& tag);

    /// Creates and starts a container that sleeps until removed; returns its id. A container of
    /// the same name left by an earlier run is removed first.
    Result<std::string> start_session(const ContainerSpec& spec);
    bool is_running(const std::string& id);

    /// Runs argv inside a session; on timeout or stop the processes inside are ended too (the
    /// exec's process group is signalled inside the container, then its container is killed as a
    /// last resort).
    Result<ExecExit> exec(const ExecSpec& spec,
                          std::optional<std::chrono::milliseconds> timeout,
                          const host::LineSink& sink,
                          std::stop_token stop);

    Status remove(const std::string& id);
    /// Removes every container that carries the label (key=value); returns how many.
    Result<int> reap(const std::string& label);

    /// Makes an image of a container as it is; `changes` are Dockerfile instructions (LABEL, CMD,
    /// USER). One layer, where a Dockerfile makes one for each instruction.
    Status commit(const std::string& container,
                  const std::string& tag,
                  const std::vector<std::string>& changes);

private:
    Result<std::string> create(const ContainerSpec& spec);
    /// Removes the container that has the spec's name if this workspace made it, else an error.
    Status free_name(const ContainerSpec& spec);

    host::Host& host_;
    std::string program_;
    std::stop_token stop_;
};

} // namespace taohf::container
