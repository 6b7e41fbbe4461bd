#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace taohf::test {

struct LoopbackRequest {
    std::string method;
    std::string target;                                       ///< path and query
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;

    std::optional<std::string> header(const std::string& lower_case_name) const;
};

struct LoopbackResponse {
    int status = 200;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    bool hangs = false;  ///< half of the body, and then nothing until the server ends
    bool breaks = false; ///< half of the body, and then the connection is closed
};

/// A real HTTP/1.1 server on 127.0.0.1 (or a local socket) with keep-alive, for tests of clients.
class LoopbackServer final {
public:
    using Handler = std::function<LoopbackResponse(const LoopbackRequest&)>;

    explicit LoopbackServer(Handler handler, const std::string& unix_socket = {});
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    /// "http://127.0.0.1:PORT" and the target.
    std::string url(const std::string& target) const;
    std::vector<LoopbackRequest> requests() const;
    int connections() const;

private:
    void accept_all();
    void serve(int connection);

    Handler handler_;
    int listener_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<LoopbackRequest> requests_;
    std::vector<int> open_; ///< closed by the destructor only, so that no number is used twice
    std::list<std::jthread> serving_;
    std::jthread accepting_;
};

} // namespace taohf::test
