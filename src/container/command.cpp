#include "command.hpp"

#include "docker_error.hpp"

namespace taohf::container {

Result<host::ProcessExit> ask(host::Host& host,
                              const std::string& program,
                              std::vector<std::string> arguments,
                              std::chrono::milliseconds limit,
                              Variables environment,
                              std::stop_token stop) {
    host::ProcessSpec spec;
    spec.argv = std::move(arguments);
    spec.argv.insert(spec.argv.begin(), program);
    spec.environment = std::move(environment);
    spec.timeout = limit;
    auto exit = host.processes.run(spec, {}, std::move(stop));
    if (!exit)
        return tl::unexpected<Error>(program_missing(program, exit.error()));
    return exit;
}

Variables
take_secrets(const SecretMask& mask, Variables& environment, std::vector<std::string>& inherited) {
    Variables secrets;
    Variables open;
    for (auto& variable : environment) {
        if (mask.mask(variable.second) == variable.second) {
            open.push_back(std::move(variable));
            continue;
        }
        inherited.push_back(variable.first);
        secrets.push_back(std::move(variable));
    }
    environment = std::move(open);
    return secrets;
}

} // namespace taohf::container
