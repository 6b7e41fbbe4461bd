#pragma once

#include <taohf/actions/action.hpp>
#include <taohf/cli/options.hpp>
#include <taohf/container/engine.hpp>
#include <taohf/engine/reporter.hpp>
#include <taohf/engine/runner.hpp>
#include <taohf/engine/workspace.hpp>
#include <taohf/host/host.hpp>
#include <taohf/lang/library.hpp>
#include <taohf/phase/spec.hpp>

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::cli {

/// What every command gets: the seams, the parsed options, phases and templates, the workspace.
struct Context {
    host::Host& host;
    const Options& options;
    lang::Library phases_text;
    lang::Library templates;
    std::vector<phase::PhaseSpec> phases;
    engine::Workspace workspace;
    std::stop_token stop;

    /// Data for scripts or people: standard output.
    void print(const std::string& text) const;
    /// One JSON document on standard output.
    void print(const Json& document) const;
};

/// A command's exit code, or an error that becomes one.
using CommandResult = Result<int>;

struct Command {
    std::string_view name;
    CommandResult (*run)(Context& context);
};

std::span<const Command> commands();

/// The port a command speaks of: --port, else taohf.yaml's, else the only one. USAGE error that
/// lists the ports when that is not enough.
Result<std::string> chosen_port(const Context& context);

enum class Access {
    write, ///< takes the lock
    look   ///< neither locks nor writes; for plan and the like
};

/// A port opened for running: lock, state, scope, sessions, reporter.
class OpenPort final {
public:
    /// `flags` are this call's inputs; new ones are recorded in the state.
    static Result<std::unique_ptr<OpenPort>> open(Context& context,
                                                  const std::string& port,
                                                  const Json& flags,
                                                  Access access = Access::write);

    engine::Runner& runner() { return *runner_; }

    state::StateStore& store() { return *store_; }

    actions::Sessions& sessions() { return *sessions_; }

    container::Engine& engine() { return engine_; }

    engine::Reporter& reporter() { return *reporter_; }

private:
    explicit OpenPort(Context& context);
    Status start(Context& context, const std::string& port, const Json& flags, Access access);

    container::Engine engine_;
    std::unique_ptr<state::StateStore> store_;
    std::unique_ptr<actions::Sessions> sessions_;
    std::unique_ptr<engine::Reporter> reporter_;
    std::unique_ptr<engine::Runner> runner_;
};

std::unique_ptr<engine::Reporter> make_reporter(const Context& context);

CommandResult command_init(Context& context);
CommandResult command_run(Context& context);
CommandResult command_phase(Context& context);
CommandResult command_plan(Context& context);
CommandResult command_gate_check(Context& context);
CommandResult command_gate_list(Context& context);
CommandResult command_gate_show(Context& context);
CommandResult command_gate_approve(Context& context);
CommandResult command_status(Context& context);
CommandResult command_inspect(Context& context);
CommandResult command_logs(Context& context);
CommandResult command_report(Context& context);
CommandResult command_doctor(Context& context);
CommandResult command_shell(Context& context);
CommandResult command_clean(Context& context);
CommandResult command_schema(Context& context);
CommandResult command_completion(Context& context);
CommandResult command_use(Context& context);
CommandResult command_version(Context& context);

} // namespace taohf::cli
