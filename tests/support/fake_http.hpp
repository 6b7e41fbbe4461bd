#pragma once

#include <taohf/host/http.hpp>

#include <deque>
#include <string>
#include <vector>

namespace taohf::test {

/// Answers by method and exact URL; an unknown URL is an error of class NET.
class FakeHttp final : public host::Http {
public:
    using Handler = std::function<Result<host::HttpResponse>(const host::HttpRequest&)>;

    void answer(const std::string& url, int status, std::string body = {});
    void answer(const std::string& url, host::HttpResponse response);
    /// Serves the bytes with `Range: bytes=a-b` honoured (206) and `content-length` set, for GET
    /// and HEAD.
    void serve(const std::string& url, std::string bytes);
    /// Any method; replaces what the URL answered before.
    void handle(const std::string& url, Handler handler);
    /// The next `times` requests of the URL end without an answer (class NET).
    void break_connection(const std::string& url, int times = 1);

    const std::vector<host::HttpRequest>& requests() const { return requests_; }

    int count(const std::string& url) const;

    Result<host::HttpResponse> send(const host::HttpRequest& request,
                                    const host::BodySink& sink,
                                    std::stop_token stop) override;

private:
    struct Route {
        std::string url;
        Handler handler;
        int broken = 0;
    };

    Route& route(const std::string& url);

    std::deque<Route> routes_;
    std::vector<host::HttpRequest> requests_;
};

} // namespace taohf::test
