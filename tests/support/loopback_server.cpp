#include "support/loopback_server.hpp"

#include <taohf/base/text.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace taohf::test {

namespace {

template <class Address> void bind_to(int listener, const Address& address) {
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 16) != 0)
        throw std::runtime_error(std::string("no loopback server: ") + std::strerror(errno));
}

int bind_tcp(int listener) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind_to(listener, address);
    socklen_t size = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void bind_unix(int listener, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    bind_to(listener, address);
}

/// Reads until the buffer has `size` bytes; false when the peer is gone.
bool fill(int connection, std::string& buffer, std::size_t size) {
    char bytes[4096];
    while (buffer.size() < size) {
        const ssize_t got = ::recv(connection, bytes, sizeof bytes, 0);
        if (got <= 0)
            return false;
        buffer.append(bytes, static_cast<std::size_t>(got));
    }
    return true;
}

void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

LoopbackRequest parse_head(const std::string& head) {
    LoopbackRequest request;
    const auto lines = text::split(head, '\n');
    const auto words = text::split(text::trim(lines[0]), ' ');
    request.method = words[0];
    request.target = words.size() > 1 ? words[1] : "";
    for (std::size_t i = 1; i < lines.size(); ++i)
        if (const auto colon = lines[i].find(':'); colon != std::string::npos)
            request.headers.emplace_back(text::lower(lines[i].substr(0, colon)),
                                         text::trim(std::string_view(lines[i]).substr(colon + 1)));
    return request;
}

std::optional<LoopbackRequest> read_request(int connection, std::string& buffer) {
    std::size_t end = buffer.find("\r\n\r\n");
    for (; end == std::string::npos; end = buffer.find("\r\n\r\n"))
        if (!fill(connection, buffer, buffer.size() + 1))
            return std::nullopt;
    LoopbackRequest request = parse_head(buffer.substr(0, end));
    buffer.erase(0, end + 4);
    const std::size_t size = std::stoul(request.header("content-length").value_or("0"));
    if (!fill(connection, buffer, size))
        return std::nullopt;
    request.body = buffer.substr(0, size);
    buffer.erase(0, size);
    return request;
}

std::string head_of(const LoopbackResponse& response) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " Status\r\n";
    for (const auto& [name, value] : response.headers)
        head += name + ": " + value + "\r\n";
    return head + "Content-Length: " + std::to_string(response.body.size()) + "\r\n\r\n";
}

} // namespace

std::optional<std::string> LoopbackRequest::header(const std::string& lower_case_name) const {
    for (const auto& [name, value] : headers)
        if (name == lower_case_name)
            return value;
    return std::nullopt;
}

LoopbackServer::LoopbackServer(Handler handler, const std::string& unix_socket)
    : handler_(std::move(handler)) {
    listener_ = ::socket(unix_socket.empty() ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (unix_socket.empty())
        port_ = bind_tcp(listener_);
    else
        bind_unix(listener_, unix_socket);
    accepting_ = std::jthread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    for (const int connection : open_)
        ::shutdown(connection, SHUT_RDWR);
    serving_.clear(); // joins
    for (const int connection : open_)
        ::close(connection);
    ::close(listener_);
}

std::string LoopbackServer::url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
}

std::vector<LoopbackRequest> LoopbackServer::requests() const {
    const std::lock_guard guard(mutex_);
    return requests_;
}

int LoopbackServer::connections() const {
    const std::lock_guard guard(mutex_);
    return static_cast<int>(open_.size());
}

void LoopbackServer::accept_all() {
    for (;;) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0)
            return;
        const std::lock_guard guard(mutex_);
        open_.push_back(connection);
        serving_.emplace_back([this, connection] { serve(connection); });
    }
}

void LoopbackServer::serve(int connection) {
    std::string buffer;
    while (const auto request = read_request(connection, buffer)) {
        {
            const std::lock_guard guard(mutex_);
            requests_.push_back(*request);
        }
        const LoopbackResponse response = handler_(*request);
        const bool is_partial = response.hangs || response.breaks;
        const std::string_view body = response.body;
        send_all(connection, head_of(response));
        if (request->method != "HEAD")
            send_all(connection, is_partial ? body.substr(0, body.size() / 2) : body);
        if (response.breaks) {
            ::shutdown(connection, SHUT_RDWR);
            return;
        }
    }
}

} // namespace taohf::test
