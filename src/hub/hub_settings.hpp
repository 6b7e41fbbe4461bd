#pragma once

#include <taohf/host/host.hpp>

#include <chrono>
#include <string>

namespace taohf::hub {

/// What huggingface_hub reads from its environment variables.
struct HubSettings {
    std::string endpoint; ///< without a trailing slash
    host::Path cache;     ///< the folder of the models--* entries
    std::string token;    ///< empty: anonymous; already known to the secret mask
    bool offline = false;
    std::chrono::seconds stall{60}; ///< HF_HUB_DOWNLOAD_TIMEOUT: a transfer this long too slow ends
};

/// USAGE error for a token that could smuggle a header.
Result<HubSettings> read_hub_settings(host::Host& host);

} // namespace taohf::hub
