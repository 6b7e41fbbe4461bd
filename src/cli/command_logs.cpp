#include <taohf/cli/command.hpp>

#include <chrono>

#include "port_report.hpp"

namespace taohf::cli {

namespace {

const state::StepRecord* last_started(const state::PortState& state) {
    const state::StepRecord* last = nullptr;
    for (const auto& phase : state.phases)
        for (const auto& step : phase.steps)
            if (!step.log.empty() && (last == nullptr || step.started >= last->started))
                last = &step;
    return last;
}

} // namespace

CommandResult command_logs(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    std::uint64_t offset = 0;
    for (;;) {
        TAOHF_TRY_ASSIGN(const auto state,
                         state::StateStore::peek(context.host, context.workspace.root, port));
        if (!state)
            return fail(ErrorCode::state, "there is no port '" + port + "'", "taohf status");
        const state::StepRecord* step = context.options.id.empty()
                                            ? last_started(*state)
                                            : state->find_step(context.options.id);
        if (step == nullptr || step->log.empty())
            return fail(ErrorCode::usage,
                        "no step " + (context.options.id.empty()
                                          ? "has run yet"
                                          : "'" + context.options.id + "' has a log"),
                        "taohf status");
        const host::Path log = context.workspace.root / step->log;
        TAOHF_TRY_ASSIGN(const std::string text,
                         context.host.files.read_range(log, offset, 4u << 20));
        offset += text.size();
        if (!text.empty())
            std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
        const bool more = text.size() == (4u << 20);
        if (!more && (!context.options.follow || step->outcome != "running"))
            return 0;
        if (!more && !context.host.clock.sleep_for(std::chrono::milliseconds(300), context.stop))
            return 0;
    }
}

CommandResult command_report(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    TAOHF_TRY_ASSIGN(const auto known,
                     state::StateStore::peek(context.host, context.workspace.root, port));
    if (!known)
        return fail(ErrorCode::state,
                    "there is no port '" + port + "' in this workspace",
                    "taohf run MODEL --name " + port);
    TAOHF_TRY_ASSIGN(auto opened, OpenPort::open(context, port, Json::object()));
    TAOHF_TRY_ASSIGN(const std::string path,
                     write_port_report(context, opened->store().state(), opened->runner().scope()));
    if (context.options.json) {
        TAOHF_TRY_ASSIGN(const std::string text,
                         context.host.files.read(host::Path(path).parent_path() / "report.json"));
        context.print(text);
    } else {
        context.print(summary(opened->store().state(), path));
    }
    return 0;
}

} // namespace taohf::cli
