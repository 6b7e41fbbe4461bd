#include <taohf/base/text.hpp>
#include <taohf/cli/command.hpp>

namespace taohf::cli {

namespace {

struct Finding {
    std::string check;
    std::string state; ///< ok, warning or missing
    std::string found;
    std::string next;
};

Finding program(host::Host& host,
                const std::string& name,
                const std::vector<std::string>& arguments,
                bool required,
                const std::string& next) {
    host::ProcessSpec spec;
    spec.argv = {name};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    const auto exit = host.processes.run(spec);
    if (exit && exit->ok())
        return {name, "ok", std::string(text::trim(exit->out.substr(0, exit->out.find('\n')))), ""};
    return {name, required ? "missing" : "warning", "not found", next};
}

Finding docker(host::Host& host) {
    container::Engine engine(host);
    const auto facts = engine.probe();
    if (!facts)
        return {"docker engine", "missing", facts.error().message, facts.error().next};
    return {"docker engine",
            "ok",
            facts->version + ", runtimes: " + text::join(facts->runtimes, " "),
            ""};
}

Finding gpu(host::Host& host) {
    Finding finding =
        program(host,
                "nvidia-smi",
                {"-L"},
                false,
                "needed for --profile tao only; --profile sandbox works without a GPU");
    finding.check = "GPU";
    return finding;
}

Finding space(const Context& context) {
    const auto free = context.host.files.free_space(
        context.host.files.stat(context.workspace.root) ? context.workspace.root : host::Path("/"));
    if (!free)
        return {"free space", "warning", free.error().message, ""};
    const bool enough = *free > (10ull << 30);
    return {"free space",
            enough ? "ok" : "warning",
            text::human_bytes(*free),
            enough ? "" : "the sandbox's images take about 8 GB"};
}

} // namespace

/// All findings in one pass; exit code ENV when something required is missing.
CommandResult command_doctor(Context& context) {
    const std::vector<Finding> findings = {
        program(context.host, "git", {"--version"}, true, "install git"),
        docker(context.host),
        program(context.host,
                "debootstrap",
                {"--version"},
                false,
                "needed once, to make the sandbox's base image where no registry answers"),
        gpu(context.host),
        space(context),
    };
    bool ready = true;
    Json rows = Json::array();
    std::string text;
    for (const Finding& finding : findings) {
        ready = ready && finding.state != "missing";
        rows.push_back({{"check", finding.check},
                        {"state", finding.state},
                        {"found", finding.found},
                        {"next", finding.next}});
        text += finding.state + std::string(9 - finding.state.size(), ' ') + finding.check + ": " +
                finding.found + "\n";
        if (!finding.next.empty())
            text += "         " + finding.next + "\n";
    }
    if (context.options.json)
        context.print(Json{{"schema", "taohf/doctor/v1"}, {"ready", ready}, {"checks", rows}});
    else
        context.print(text + (ready ? "ready" : "not ready"));
    return ready ? 0 : static_cast<int>(ErrorCode::env);
}

} // namespace taohf::cli
