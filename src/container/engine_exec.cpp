#include <taohf/base/text.hpp>
#include <taohf/container/engine.hpp>

#include <fmt/format.h>

#include <atomic>
#include <deque>

#include "command.hpp"
#include "docker_error.hpp"

namespace taohf::container {

namespace {

constexpr std::size_t k_tail_lines = 40;
constexpr int k_grace_seconds = 10;

/// All scripts run inside the container. $1 is the exec's record: "<pid> <oom kills before>".
/// The kernel's count is asked because docker's OOMKilled tells only of the container's first
/// process, and only once that one has ended.
constexpr const char* k_count_function =
    "count() { for f in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do "
    "while read -r k v; do [ \"$k\" = oom_kill ] && echo \"$v\" && return; done 2>/dev/null "
    "<\"$f\"; "
    "done; echo 0; }; ";

/// OCI runtimes start an exec as leader of a session of its own, so $$ names the group of all that
/// it starts; `exec` keeps the number for the real program.
constexpr const char* k_launch =
    "f=$1; shift; echo \"$$ $(count)\" >\"$f\" 2>/dev/null; exec \"$@\"";

/// SIGINT to the group, $2 seconds of grace, SIGTERM (children that a shell put in the background
/// ignore SIGINT), half of the grace, SIGKILL. `kill -INT -5` is what dash, bash and busybox share.
/// Exits with 3 when there is no record and with 4 when something outlives SIGKILL.
constexpr const char* k_end =
    "i=0; while [ ! -s \"$1\" ] && [ $i -lt 10 ]; do sleep 0.1; i=$((i+1)); done; "
    "read -r p c <\"$1\" || exit 3; "
    "n=$(($2*5)); for s in INT TERM KILL; do kill -$s -\"$p\" 2>/dev/null; "
    "i=0; while [ $i -lt $n ]; do kill -0 -\"$p\" 2>/dev/null || exit 0; sleep 0.2; i=$((i+1)); "
    "done; "
    "n=$(($2*5/2)); done; exit 4";

/// Exit code 0 when the kernel killed for memory since the exec began.
constexpr const char* k_was_out_of_memory = "read -r p c <\"$1\" && [ \"$(count)\" -gt \"$c\" ]";

/// Names do not repeat within a session: it lives at most as long as this process.
std::string next_record_path() {
    static std::atomic<unsigned> number{0};
    return fmt::format("/tmp/taohf-exec-{}.pid", ++number);
}

/// The last lines of both streams, in the order of arrival.
class Tail final {
public:
    void add(std::string_view line) {
        lines_.emplace_back(line);
        if (lines_.size() > k_tail_lines)
            lines_.pop_front();
    }

    std::string text() const {
        return text::join(std::vector<std::string>(lines_.begin(), lines_.end()), "\n");
    }

private:
    std::deque<std::string> lines_;
};

struct Inside {
    host::Host& host;
    const std::string& program;
    const std::string& container;
    std::string record;
};

Result<host::ProcessExit>
run_script(const Inside& inside, const std::string& script, const std::string& argument) {
    return ask(inside.host,
               inside.program,
               {"exec", inside.container, "sh", "-c", script, "sh", inside.record, argument});
}

/// Ends what the exec started. Killing the docker program alone would leave it running inside.
void end_inside(const Inside& inside) {
    const auto exit = run_script(inside, k_end, std::to_string(k_grace_seconds));
    if (exit && exit->ok())
        return;
    // No record or a process that cannot be ended: the container itself has to go.
    (void)ask(inside.host, inside.program, {"kill", inside.container});
}

std::string with_line(std::string tail, const std::string& line) {
    return tail.empty() ? line : std::move(tail) + "\n" + line;
}

/// 126 and 127 come from the shell or the OCI runtime, in the words of neither taohf nor the image.
std::string explain_start(int code, const std::string& program, std::string tail) {
    if (code == 127)
        return with_line(std::move(tail),
                         "'" + program + "' was not found in the container (exit code 127)");
    return with_line(std::move(tail),
                     "'" + program + "' could not be executed in the container (exit code 126)");
}

ExecEnd classify_failure(const Inside& inside, int code) {
    const auto state =
        ask(inside.host,
            inside.program,
            {"container", "inspect", "--format", "{{json .State}}", inside.container});
    if (!state || state->end == host::ProcessEnd::timed_out)
        return ExecEnd::engine_gone;
    if (!state->ok())
        return is_no_such_container(state->err) ? ExecEnd::container_gone : ExecEnd::engine_gone;
    const auto parsed = parse_json(text::trim(state->out), "the container's state");
    if (!parsed || !parsed->is_object())
        return ExecEnd::engine_gone;
    if (!parsed->value("Running", false))
        return parsed->value("OOMKilled", false) ? ExecEnd::out_of_memory : ExecEnd::container_gone;
    const auto counted =
        run_script(inside, std::string(k_count_function) + k_was_out_of_memory, "");
    if (counted && counted->ok())
        return ExecEnd::out_of_memory;
    return code == 137 ? ExecEnd::killed : ExecEnd::exited;
}

host::ProcessSpec process_spec(const Inside& inside,
                               const ExecSpec& spec,
                               std::optional<std::chrono::milliseconds> timeout) {
    ExecSpec wrapped = spec;
    wrapped.argv = {"sh", "-c", std::string(k_count_function) + k_launch, "sh", inside.record};
    wrapped.argv.insert(wrapped.argv.end(), spec.argv.begin(), spec.argv.end());
    host::ProcessSpec process;
    process.environment =
        take_secrets(inside.host.secrets, wrapped.environment, wrapped.inherited_environment);
    process.argv = exec_argv(wrapped);
    process.argv.front() = inside.program;
    process.timeout = timeout;
    process.grace = std::chrono::milliseconds(500); // the docker program has nothing to tidy up
    return process;
}

ExecExit read_end(const Inside& inside,
                  const ExecSpec& spec,
                  const host::ProcessExit& exit,
                  std::string tail) {
    ExecExit result;
    result.code = exit.code;
    result.tail = std::move(tail);
    result.duration = exit.duration;
    switch (exit.end) {
    case host::ProcessEnd::timed_out:
    case host::ProcessEnd::cancelled:
        end_inside(inside);
        result.end =
            exit.end == host::ProcessEnd::timed_out ? ExecEnd::timed_out : ExecEnd::cancelled;
        break;
    case host::ProcessEnd::signalled: // somebody killed the docker program; the work may go on
        end_inside(inside);
        result.end = ExecEnd::killed;
        break;
    case host::ProcessEnd::exited:
        if (exit.code != 0)
            result.end = classify_failure(inside, exit.code);
        if (result.end == ExecEnd::exited && (exit.code == 126 || exit.code == 127))
            result.tail = explain_start(exit.code, spec.argv.front(), std::move(result.tail));
        break;
    }
    return result;
}

} // namespace

Result<ExecExit> Engine::exec(const ExecSpec& spec,
                              std::optional<std::chrono::milliseconds> timeout,
                              const host::LineSink& sink,
                              std::stop_token stop) {
    if (spec.argv.empty())
        return fail(ErrorCode::bug, "an exec without a command");
    const Inside inside{host_, program_, spec.container, next_record_path()};
    Tail tail;
    const auto keep = [&](std::string_view line, bool is_error) {
        tail.add(line);
        if (sink)
            sink(line, is_error);
    };
    auto exit = host_.processes.run(process_spec(inside, spec, timeout), keep, stop);
    if (!exit)
        return tl::unexpected<Error>(program_missing(program_, exit.error()));
    return read_end(inside, spec, *exit, tail.text());
}

} // namespace taohf::container
