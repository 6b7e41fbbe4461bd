#pragma once

#include <taohf/base/error.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taohf::host {

struct ProcessSpec {
    std::vector<std::string> argv; ///< argv[0] is looked up on PATH; never a shell string
    std::vector<std::pair<std::string, std::string>> environment; ///< added to ours
    std::string working_directory;                                ///< empty: ours
    std::string input;                                            ///< bytes for standard input
    std::optional<std::chrono::milliseconds> timeout;
    std::chrono::milliseconds grace{5000}; ///< between SIGTERM and SIGKILL to the process group
    std::size_t keep = 1u << 20;           ///< last bytes of each stream kept in ProcessExit
    bool inherit_terminal = false;         ///< `taohf shell`: our standard streams, no capture
};

enum class ProcessEnd { exited, signalled, timed_out, cancelled };

struct ProcessExit {
    ProcessEnd end = ProcessEnd::exited;
    int code = 0;    ///< exit code, or the signal's number
    std::string out; ///< the last `keep` bytes
    std::string err;
    std::chrono::milliseconds duration{0};

    bool ok() const { return end == ProcessEnd::exited && code == 0; }
};

/// Called with each complete line (without its newline) as it arrives; from the calling thread.
using LineSink = std::function<void(std::string_view line, bool is_error)>;

/// Seam 2 of 5: processes. An error means that the program could not be started (class ENV).
class ProcessRunner {
public:
    virtual ~ProcessRunner() = default;
    virtual Result<ProcessExit>
    run(const ProcessSpec& spec, const LineSink& sink = {}, std::stop_token stop = {}) = 0;
};

/// posix_spawn in a process group of its own; stop or timeout ends the whole group.
std::unique_ptr<ProcessRunner> make_process_runner();

} // namespace taohf::host
