#include <taohf/cli/command.hpp>

#include <iostream>

namespace taohf::cli {

/// The container that the steps use, so what a person tries by hand is what the program runs.
CommandResult command_shell(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    if (!context.host.environment.is_terminal(0))
        return fail(ErrorCode::needs_input,
                    "a shell needs a terminal",
                    "docker exec, with the container that taohf status names");
    TAOHF_TRY_ASSIGN(auto opened, OpenPort::open(context, port, Json::object()));
    TAOHF_TRY(opened->sessions().recover());
    TAOHF_TRY_ASSIGN(const std::string id, opened->sessions().ensure(context.options.context));
    host::ProcessSpec spec;
    spec.argv = {"docker", "exec", "-it", id, "bash"};
    spec.inherit_terminal = true;
    const auto exit = context.host.processes.run(spec, {}, context.stop);
    TAOHF_TRY(opened->sessions().release_all());
    if (!exit)
        return tl::unexpected<Error>(exit.error());
    return exit->code;
}

namespace {

/// Rendered files go only where they are still exactly what was rendered.
Status remove_rendered(const Context& context, const host::Path& rendered, int& kept) {
    auto& files = context.host.files;
    if (!files.stat(rendered))
        return {};
    TAOHF_TRY_ASSIGN(const auto list, host::walk(files, rendered));
    for (const auto& relative : list) {
        const host::Path target = context.workspace.root / relative;
        const auto ours = files.read(rendered / relative);
        const auto theirs = files.stat(target) ? files.read(target) : ours;
        if (ours && theirs && *ours == *theirs)
            TAOHF_TRY(files.remove(target));
        else
            ++kept;
    }
    return {};
}

} // namespace

CommandResult command_clean(Context& context) {
    TAOHF_TRY_ASSIGN(const std::string port, chosen_port(context));
    container::Engine engine(context.host, "docker", context.stop);
    actions::Sessions sessions(context.host, engine, context.workspace.root, port);
    TAOHF_TRY_ASSIGN(const int reaped,
                     engine.reap("taohf.port=" + sessions.workspace_label() + "-" + port));
    if (!context.options.all) {
        context.print("removed " + std::to_string(reaped) + " containers");
        return 0;
    }
    if (!context.options.yes) {
        if (!context.host.environment.is_terminal(0))
            return fail(ErrorCode::needs_input,
                        "removing the results and records of '" + port + "' needs a yes",
                        "taohf clean --all --yes");
        std::cerr << "remove results, records and rendered files of '" << port << "'? [y/N] ";
        std::string answer;
        if (!std::getline(std::cin, answer) || (answer != "y" && answer != "yes"))
            return fail(ErrorCode::needs_input, "nothing was removed");
    }
    TAOHF_TRY_ASSIGN(auto lock,
                     state::StateStore::open(context.host, context.workspace.root, port));
    (void)lock;
    int kept = 0;
    TAOHF_TRY(
        remove_rendered(context, context.workspace.root / ".taohf" / port / "rendered", kept));
    TAOHF_TRY(context.host.files.remove(context.workspace.root / "results" / port));
    TAOHF_TRY(context.host.files.remove(context.workspace.root / ".taohf" / port));
    context.print("removed the port '" + port + "'; " + std::to_string(kept) +
                  " files with your edits were kept");
    return 0;
}

} // namespace taohf::cli
