#pragma once

#include <taohf/host/host.hpp>

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace taohf::container {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// docker answers short questions within milliseconds; one that takes this long is stuck.
constexpr std::chrono::seconds k_answer_limit{60};
/// Creating, starting and removing wait for the disk and for a GPU.
constexpr std::chrono::seconds k_change_limit{180};

/// Runs the docker program and returns how it ended; an error means that it could not be started.
/// A stop request ends it at once. What cleans up gets no `stop`: it has to be done after one.
Result<host::ProcessExit> ask(host::Host& host,
                              const std::string& program,
                              std::vector<std::string> arguments,
                              std::chrono::milliseconds limit = k_answer_limit,
                              Variables environment = {},
                              std::stop_token stop = {});

/// Takes the pairs whose values are secret out of `environment` and returns them; their names are
/// added to `inherited`, so that docker reads the values from its environment and not from argv.
Variables
take_secrets(const SecretMask& mask, Variables& environment, std::vector<std::string>& inherited);

} // namespace taohf::container
