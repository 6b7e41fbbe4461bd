#include "support/fake_http.hpp"

#include <taohf/base/text.hpp>

#include <algorithm>
#include <charconv>

namespace taohf::test {

namespace {

std::size_t number(std::string_view digits, std::size_t missing) {
    std::size_t value = missing;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

/// A static file server's answer.
host::HttpResponse serve_bytes(const std::string& bytes, const host::HttpRequest& request) {
    host::HttpResponse response;
    response.status = 200;
    response.body = bytes;
    for (const auto& [name, value] : request.headers) {
        if (text::lower(name) != "range" || !value.starts_with("bytes="))
            continue;
        const std::string range = value.substr(6);
        const auto dash = range.find('-');
        const std::size_t first = number(range.substr(0, dash), 0);
        const std::size_t last = std::min(number(range.substr(dash + 1), bytes.size()),
                                          bytes.size() - (bytes.empty() ? 0 : 1));
        response.status = first < bytes.size() ? 206 : 416;
        response.body = first < bytes.size() ? bytes.substr(first, last - first + 1) : "";
        if (response.status == 206)
            response.headers.emplace_back("content-range",
                                          "bytes " + std::to_string(first) + "-" +
                                              std::to_string(last) + "/" +
                                              std::to_string(bytes.size()));
    }
    response.headers.emplace_back("content-length", std::to_string(response.body.size()));
    if (request.method == "HEAD")
        response.body.clear();
    return response;
}

/// Small pieces, so that a reader of whole bodies only is found out.
void pour(host::HttpResponse& response, const host::BodySink& sink) {
    constexpr std::size_t k_piece = 7;
    for (std::string_view left = response.body; !left.empty();) {
        const std::string_view piece = left.substr(0, k_piece);
        response.bytes += piece.size();
        left.remove_prefix(piece.size());
        if (!sink(piece))
            break;
    }
    response.body.clear();
}

} // namespace

FakeHttp::Route& FakeHttp::route(const std::string& url) {
    const auto found = std::ranges::find(routes_, url, &Route::url);
    return found != routes_.end() ? *found : routes_.emplace_back(Route{url, {}, 0});
}

void FakeHttp::answer(const std::string& url, int status, std::string body) {
    host::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    answer(url, std::move(response));
}

void FakeHttp::answer(const std::string& url, host::HttpResponse response) {
    handle(url, [response = std::move(response)](const host::HttpRequest&) { return response; });
}

void FakeHttp::serve(const std::string& url, std::string bytes) {
    handle(url, [bytes = std::move(bytes)](const host::HttpRequest& request) {
        return serve_bytes(bytes, request);
    });
}

void FakeHttp::handle(const std::string& url, Handler handler) {
    route(url).handler = std::move(handler);
}

void FakeHttp::break_connection(const std::string& url, int times) {
    route(url).broken = times;
}

int FakeHttp::count(const std::string& url) const {
    return static_cast<int>(std::ranges::count(requests_, url, &host::HttpRequest::url));
}

Result<host::HttpResponse>
FakeHttp::send(const host::HttpRequest& request, const host::BodySink& sink, std::stop_token stop) {
    requests_.push_back(request);
    if (stop.stop_requested())
        return fail(ErrorCode::interrupted,
                    "the transfer of '" + request.url + "' was interrupted");
    const auto found = std::ranges::find(routes_, request.url, &Route::url);
    if (found == routes_.end() || found->broken > 0 || !found->handler) {
        if (found != routes_.end() && found->broken > 0)
            --found->broken;
        auto failure = fail(ErrorCode::net, "no answer from '" + request.url + "'");
        failure.value().transient = found != routes_.end();
        return failure;
    }
    TAOHF_TRY_ASSIGN(host::HttpResponse response, found->handler(request));
    if (response.effective_url.empty())
        response.effective_url = request.url;
    if (response.first_headers.empty())
        response.first_headers = response.headers;
    if (sink) {
        if (request.may_pour && !request.may_pour(response))
            return response;
        pour(response, sink);
        return response;
    }
    response.was_cut = request.cut_at_max && response.body.size() > request.max_body;
    if (response.was_cut)
        response.body.resize(request.max_body);
    if (response.body.size() > request.max_body)
        return fail(ErrorCode::input,
                    "'" + request.url + "' answered with more than " +
                        text::human_bytes(request.max_body));
    response.bytes = response.body.size();
    return response;
}

} // namespace taohf::test
