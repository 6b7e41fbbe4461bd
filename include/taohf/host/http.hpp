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

struct HttpResponse;

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string bearer;      ///< sent to the first host only, never after a redirect elsewhere
    std::string unix_socket; ///< path of a local socket (docker); empty: TCP
    std::string body;
    int max_redirects = 5;
    std::chrono::milliseconds connect_timeout{10000};
    std::chrono::milliseconds stall_timeout{30000}; ///< too slow for this long; 0: wait for ever
    std::uint64_t lowest_speed = 1;     ///< bytes a second, below it the stall timeout runs
    std::uint64_t max_body = 64u << 20; ///< more is an INPUT error (ignored with a sink)
    /// Sees status and headers before the sink gets anything: false ends the transfer, and the sink
    /// stays without.
    std::function<bool(const HttpResponse& head)> may_pour = {};
    bool cut_at_max = false; ///< the transfer ends at max_body, and that is no error
};

struct HttpResponse {
    int status = 0;
    std::string effective_url;
    std::vector<std::pair<std::string, std::string>>
        headers; ///< names in lower case, last response
    std::vector<std::pair<std::string, std::string>>
        first_headers; ///< of the first host's answers, the last one's first (hub metadata)
    std::string body;
    std::uint64_t bytes = 0; ///< body bytes received
    bool was_cut = false;    ///< there was more than max_body, and cut_at_max was set

    const std::string* header(std::string_view lower_case_name) const;
};

/// Gets body pieces as they arrive; returning false ends the transfer. Called from a thread of the
/// transport that serves every transfer: it must not wait for another one.
using BodySink = std::function<bool(std::string_view piece)>;

/// Seam 3 of 5: HTTP. Any status is a response; an error (class NET) means there was none, and its
/// `transient` says whether another try may help. send() may be called from many threads at once.
class Http {
public:
    virtual ~Http() = default;
    virtual Result<HttpResponse>
    send(const HttpRequest& request, const BodySink& sink = {}, std::stop_token stop = {}) = 0;
};

/// libcurl; proxies and CA bundles as curl's and Python's users expect.
std::unique_ptr<Http> make_curl_http();

} // namespace taohf::host
