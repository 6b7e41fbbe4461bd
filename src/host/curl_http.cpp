#include <taohf/base/text.hpp>
#include <taohf/host/http.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace taohf::host {

const std::string* HttpResponse::header(std::string_view lower_case_name) const {
    const auto found =
        std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? nullptr : &found->second;
}

namespace {

struct Handle {
    CURL* curl = curl_easy_init();
    curl_slist* headers = nullptr;

    ~Handle() {
        curl_slist_free_all(headers);
        curl_easy_cleanup(curl);
    }
};

/// What the callbacks of one transfer share.
struct Transfer {
    HttpResponse response;
    const BodySink* sink = nullptr;
    std::uint64_t max_body = 0;
    std::stop_token stop;
    bool too_large = false;
    bool was_ended = false; ///< by the sink
    CURL* curl = nullptr;
};

bool is_redirect(CURL* curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status >= 300 && status < 400 && status != 304;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (is_redirect(transfer.curl))
        return size;
    transfer.response.bytes += size;
    if (*transfer.sink) {
        transfer.was_ended = !(*transfer.sink)({data, size});
        return transfer.was_ended ? 0 : size;
    }
    if (transfer.response.body.size() + size > transfer.max_body) {
        transfer.too_large = true;
        return 0;
    }
    transfer.response.body.append(data, size);
    return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {
        transfer.response.headers.clear();
        return size;
    }
    const auto colon = line.find(':');
    if (colon != std::string_view::npos)
        transfer.response.headers.emplace_back(text::lower(line.substr(0, colon)),
                                               text::trim(line.substr(colon + 1)));
    return size;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

/// The CA bundle as curl's and Python's users name it.
const char* ca_bundle() {
    for (const char* name : {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return value;
    return nullptr;
}

std::string host_of(const std::string& url) {
    CURLU* parsed = curl_url();
    std::string result;
    char* part = nullptr;
    if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK) {
        for (const CURLUPart which : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT})
            if (curl_url_get(parsed, which, &part, CURLU_DEFAULT_PORT) == CURLUE_OK) {
                result += std::string(part) + "|";
                curl_free(part);
            }
    }
    curl_url_cleanup(parsed);
    return result;
}

std::string absolute(const std::string& base, const std::string& location) {
    CURLU* parsed = curl_url();
    std::string result;
    char* whole = nullptr;
    if (curl_url_set(parsed, CURLUPART_URL, base.c_str(), 0) == CURLUE_OK &&
        curl_url_set(parsed, CURLUPART_URL, location.c_str(), 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_URL, &whole, 0) == CURLUE_OK) {
        result = whole;
        curl_free(whole);
    }
    curl_url_cleanup(parsed);
    return result;
}

/// The URL as it may be shown: presigned links carry secrets behind the '?', some before the '@'.
std::string shown(const std::string& url) {
    std::string text = url.substr(0, url.find_first_of("?#"));
    const auto authority = text.find("://");
    const auto end = authority == std::string::npos ? authority : text.find('/', authority + 3);
    const auto at = text.rfind('@', end);
    if (authority != std::string::npos && at != std::string::npos && at > authority)
        text.erase(authority + 3, at - authority - 2);
    return "'" + text + "'";
}

bool is_for_first_host_only(const std::string& name) {
    const std::string lower = text::lower(name);
    return lower == "authorization" || lower == "cookie" || lower == "proxy-authorization";
}

bool has_header(const HttpRequest& request, std::string_view lower_case_name) {
    return std::ranges::any_of(request.headers, [&](const auto& header) {
        return text::lower(header.first) == lower_case_name;
    });
}

bool has_line_break(const HttpRequest& request) {
    const auto broken = [](const std::string& text) {
        return text.find_first_of("\r\n") != std::string::npos;
    };
    return broken(request.bearer) || std::ranges::any_of(request.headers, [&](const auto& header) {
               return broken(header.first) || broken(header.second);
           });
}

/// What a browser and curl do: 303 always, and 301 and 302 after POST, go on with GET.
void follow_method(int status, HttpRequest& request) {
    const bool is_post = request.method == "POST";
    if ((status == 303 && request.method != "HEAD") ||
        ((status == 301 || status == 302) && is_post)) {
        request.method = "GET";
        request.body.clear();
    }
}

class CurlHttp final : public Http {
public:
    CurlHttp() {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    }

    Result<HttpResponse>
    send(const HttpRequest& original, const BodySink& sink, std::stop_token stop) override {
        if (has_line_break(original))
            return fail(ErrorCode::input,
                        "a header or the token for " + shown(original.url) +
                            " contains a line break");
        const std::lock_guard guard(mutex_);
        HttpRequest request = original;
        const std::string first_host = host_of(request.url);
        std::vector<std::pair<std::string, std::string>> first_headers;
        // Redirects are followed here and not by curl, because the token must stay with its host.
        for (int hop = 0;; ++hop) {
            TAOHF_TRY_ASSIGN(HttpResponse response, once(request, sink, stop));
            if (hop == 0)
                first_headers = response.headers;
            response.first_headers = first_headers;
            const std::string* location = response.header("location");
            if (response.status < 300 || response.status >= 400 || location == nullptr ||
                request.max_redirects == 0)
                return response;
            if (hop >= request.max_redirects)
                return fail(ErrorCode::net,
                            shown(original.url) + " was redirected more than " +
                                std::to_string(request.max_redirects) + " times");
            TAOHF_TRY(redirect(request, response.status, *location, first_host));
        }
    }

private:
    static Status redirect(HttpRequest& request,
                           int status,
                           const std::string& location,
                           const std::string& first_host) {
        const std::string next = absolute(request.url, location);
        if (!next.starts_with("http://") && !next.starts_with("https://"))
            return fail(ErrorCode::policy,
                        shown(request.url) + " was redirected to something that is not HTTP");
        if (request.url.starts_with("https://") && !next.starts_with("https://"))
            return fail(ErrorCode::policy,
                        shown(request.url) + " was redirected to the unencrypted " + shown(next));
        request.url = next;
        follow_method(status, request);
        if (host_of(next) != first_host) { // gone for good, also after a redirect back
            request.bearer.clear();
            std::erase_if(request.headers,
                          [](const auto& header) { return is_for_first_host_only(header.first); });
        }
        return {};
    }

    Result<HttpResponse>
    once(const HttpRequest& request, const BodySink& sink, const std::stop_token& stop) {
        curl_easy_reset(handle_.curl); // keeps connections and TLS sessions
        Transfer transfer;
        transfer.sink = &sink;
        transfer.max_body = request.max_body;
        transfer.stop = stop;
        transfer.curl = handle_.curl;
        set_transport(request);
        set_message(request);
        set_callbacks(transfer);
        char reason[CURL_ERROR_SIZE] = "";
        curl_easy_setopt(handle_.curl, CURLOPT_ERRORBUFFER, reason);
        const CURLcode code = curl_easy_perform(handle_.curl);
        curl_easy_setopt(handle_.curl, CURLOPT_ERRORBUFFER, nullptr);
        const std::string url = shown(request.url);
        if (stop.stop_requested())
            return fail(ErrorCode::interrupted, "the transfer of " + url + " was interrupted");
        if (transfer.too_large)
            return fail(ErrorCode::input,
                        url + " answered with more than " + text::human_bytes(request.max_body));
        if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && transfer.was_ended))
            return fail(ErrorCode::net,
                        "no answer from " + url + ": " +
                            (*reason ? reason : curl_easy_strerror(code)));
        long status = 0;
        curl_easy_getinfo(handle_.curl, CURLINFO_RESPONSE_CODE, &status);
        transfer.response.status = static_cast<int>(status);
        transfer.response.effective_url = request.url;
        return std::move(transfer.response);
    }

    void set_transport(const HttpRequest& request) {
        CURL* curl = handle_.curl;
        curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(
            curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
        const long long stall = request.stall_timeout.count(); // 0: wait for ever
        curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, stall > 0 ? 1L : 0L);
        curl_easy_setopt(
            curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall > 0 ? (stall + 999) / 1000 : 0));
        if (const char* bundle = ca_bundle()) {
            std::error_code ignored;
            const bool is_folder = std::filesystem::is_directory(bundle, ignored);
            curl_easy_setopt(curl, is_folder ? CURLOPT_CAPATH : CURLOPT_CAINFO, bundle);
        }
        if (!request.unix_socket.empty()) {
            curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
            curl_easy_setopt(curl, CURLOPT_PROXY, ""); // also when HTTP_PROXY is set
        }
    }

    /// The request must live until the transfer ends: curl reads its body in place.
    void set_message(const HttpRequest& request) {
        CURL* curl = handle_.curl;
        const bool sends_body = !request.body.empty() || request.method == "POST" ||
                                request.method == "PUT" || request.method == "PATCH";
        if (sends_body) {
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
            curl_easy_setopt(
                curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        }
        if (request.method == "HEAD")
            curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
        else if (sends_body || request.method != "GET")
            curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "taohf");
        curl_slist_free_all(handle_.headers);
        // Without a value a header is left out: some servers never say 100, and curl would call
        // every body a form.
        handle_.headers = curl_slist_append(nullptr, "Expect:");
        if (!has_header(request, "content-type"))
            handle_.headers = curl_slist_append(handle_.headers, "Content-Type:");
        for (const auto& [name, value] : request.headers)
            handle_.headers = curl_slist_append(
                handle_.headers, std::string(name).append(": ").append(value).c_str());
        if (!request.bearer.empty())
            handle_.headers = curl_slist_append(
                handle_.headers, ("Authorization: Bearer " + request.bearer).c_str());
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_.headers);
    }

    void set_callbacks(Transfer& transfer) {
        CURL* curl = handle_.curl;
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    }

    std::mutex mutex_;
    Handle handle_;
};

} // namespace

std::unique_ptr<Http> make_curl_http() {
    return std::make_unique<CurlHttp>();
}

} // namespace taohf::host
