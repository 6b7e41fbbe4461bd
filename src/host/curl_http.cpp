#include <taohf/base/text.hpp>
#include <taohf/host/clock.hpp>
#include <taohf/host/http.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <mutex>
#include <thread>

#include "network.hpp"

namespace taohf::host {

const std::string* HttpResponse::header(std::string_view lower_case_name) const {
    const auto found =
        std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? nullptr : &found->second;
}

namespace {

constexpr const char* k_look_at_server =
    "ask who runs that server, or name another one (HF_ENDPOINT for a hub)";

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One transfer: what is asked, what arrived. Lives on the stack of the caller that waits for it.
struct Transfer {
    Transfer(const HttpRequest& asked, const BodySink& body_sink, std::stop_token stop_token)
        : request(asked), sink(body_sink), stop(std::move(stop_token)) {}

    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    ~Transfer() {
        curl_slist_free_all(headers);
        curl_easy_cleanup(curl);
    }

    /// Once all headers are there, and before anybody looks at them.
    void complete_head() {
        long status = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        response.status = static_cast<int>(status);
        response.effective_url = request.url;
        response.first_headers = earlier_headers;
        if (is_first_origin)
            response.first_headers.insert(
                response.first_headers.begin(), response.headers.begin(), response.headers.end());
    }

    const HttpRequest& request;
    const BodySink& sink;
    std::stop_token stop;
    Headers earlier_headers; ///< of the first host
    bool is_first_origin = true;
    std::optional<Network> nearest; ///< of a redirect: no nearer address may be connected to
    CURL* curl = curl_easy_init();
    curl_slist* headers = nullptr;
    char reason[CURL_ERROR_SIZE] = "";
    HttpResponse response;
    CURLcode code = CURLE_OK;
    bool too_large = false;
    bool was_ended = false;   ///< by the sink, or at the limit
    bool was_refused = false; ///< an address too near
    bool is_done = false;     ///< guarded by the loop's mutex
};

bool is_redirect(CURL* curl) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status >= 300 && status < 400 && status != 304;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    HttpResponse& response = transfer.response;
    if (response.bytes == 0)
        transfer.complete_head();
    response.bytes += size;
    if (is_redirect(transfer.curl))
        return size;
    if (transfer.sink) {
        const bool is_refused = response.bytes == size && transfer.request.may_pour &&
                                !transfer.request.may_pour(response);
        transfer.was_ended = is_refused || !transfer.sink({data, size});
        return transfer.was_ended ? 0 : size;
    }
    const std::uint64_t room = transfer.request.max_body - response.body.size();
    if (size > room) {
        response.was_cut = transfer.was_ended = transfer.request.cut_at_max;
        transfer.too_large = !transfer.was_ended;
        response.body.append(data, static_cast<std::size_t>(transfer.was_ended ? room : 0));
        return 0;
    }
    response.body.append(data, size);
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

/// Names are resolved by curl: only here is it known where a redirect really leads.
curl_socket_t on_socket(void* user, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (transfer.nearest && !may_redirect(*transfer.nearest, network_of(address->addr))) {
        transfer.was_refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Through a proxy the address that is connected to says nothing about the host.
bool has_proxy() {
    return std::ranges::any_of(
        std::initializer_list<const char*>{
            "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"},
        [](const char* name) {
            const char* value = std::getenv(name);
            return value != nullptr && *value != '\0';
        });
}

/// The CA bundle as curl's and Python's users name it.
const char* ca_bundle() {
    for (const char* name : {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return value;
    return nullptr;
}

std::string part_of(const std::string& url, CURLUPart which) {
    CURLU* parsed = curl_url();
    std::string result;
    char* part = nullptr;
    if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
        curl_url_get(parsed, which, &part, CURLU_DEFAULT_PORT) == CURLUE_OK) {
        result = part;
        curl_free(part);
    }
    curl_url_cleanup(parsed);
    return result;
}

/// Scheme, host and port: what a token is meant for.
std::string origin_of(const std::string& url) {
    return part_of(url, CURLUPART_SCHEME) + "|" + part_of(url, CURLUPART_HOST) + "|" +
           part_of(url, CURLUPART_PORT);
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

void set_transport(const Transfer& transfer) {
    CURL* curl = transfer.curl;
    const HttpRequest& request = transfer.request;
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 1L); // many streams rather than many connections
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_NETRC, CURL_NETRC_IGNORED);
    curl_easy_setopt(
        curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
    const long long stall = request.stall_timeout.count(); // 0: wait for ever
    curl_easy_setopt(
        curl, CURLOPT_LOW_SPEED_LIMIT, stall > 0 ? static_cast<long>(request.lowest_speed) : 0L);
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
void set_message(Transfer& transfer) {
    CURL* curl = transfer.curl;
    const HttpRequest& request = transfer.request;
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
    // Without a value a header is left out: some servers never say 100, and curl would call
    // every body a form.
    curl_slist* headers = curl_slist_append(nullptr, "Expect:");
    if (!has_header(request, "content-type"))
        headers = curl_slist_append(headers, "Content-Type:");
    for (const auto& [name, value] : request.headers)
        headers = curl_slist_append(headers, std::string(name).append(": ").append(value).c_str());
    if (!request.bearer.empty())
        headers = curl_slist_append(headers, ("Authorization: Bearer " + request.bearer).c_str());
    transfer.headers = headers;
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE); // the proxy gets none of them
}

void set_callbacks(Transfer& transfer) {
    CURL* curl = transfer.curl;
    curl_easy_setopt(curl, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer.reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
    if (transfer.nearest) {
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &transfer);
    }
}

/// The thread that drives all transfers: connections, TLS sessions, HTTP/2 streams and the trusted
/// certificates are shared by every caller.
class Loop final {
public:
    Loop() : multi_(curl_multi_init()) {
        curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, k_connections);
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 2 * k_connections);
        thread_ = std::jthread([this](const std::stop_token& stop) { turn(stop); });
    }

    ~Loop() {
        thread_.request_stop();
        curl_multi_wakeup(multi_);
        thread_.join();
        curl_multi_cleanup(multi_);
    }

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Returns when the transfer has ended, one way or another.
    void perform(Transfer& transfer) {
        const std::stop_callback wake(transfer.stop, [this] { curl_multi_wakeup(multi_); });
        std::unique_lock lock(mutex_);
        waiting_.push_back(&transfer);
        curl_multi_wakeup(multi_);
        done_.wait(lock, [&transfer] { return transfer.is_done; });
    }

private:
    static constexpr long k_connections = 32; ///< to one host

    void turn(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            start_waiting();
            int running = 0;
            curl_multi_perform(multi_, &running);
            int left = 0;
            while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
                if (message->msg == CURLMSG_DONE)
                    finish(owner_of(message->easy_handle), message->data.result);
            end_stopped();
            curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
        }
    }

    static Transfer& owner_of(CURL* curl) {
        void* owner = nullptr;
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &owner);
        return *static_cast<Transfer*>(owner);
    }

    void start_waiting() {
        std::vector<Transfer*> fresh;
        {
            const std::lock_guard guard(mutex_);
            fresh.swap(waiting_);
        }
        for (Transfer* transfer : fresh) {
            running_.push_back(transfer);
            if (curl_multi_add_handle(multi_, transfer->curl) != CURLM_OK)
                finish(*transfer, CURLE_FAILED_INIT);
        }
    }

    void end_stopped() {
        const auto running = running_;
        for (Transfer* transfer : running)
            if (transfer->stop.stop_requested())
                finish(*transfer, CURLE_ABORTED_BY_CALLBACK);
    }

    void finish(Transfer& transfer, CURLcode code) {
        curl_multi_remove_handle(multi_, transfer.curl);
        std::erase(running_, &transfer);
        const std::lock_guard guard(mutex_); // the transfer may be gone once it is released
        transfer.code = code;
        transfer.is_done = true;
        done_.notify_all();
    }

    CURLM* multi_;
    std::vector<Transfer*> running_; ///< the loop's own
    std::mutex mutex_;
    std::condition_variable done_;
    std::vector<Transfer*> waiting_;
    std::jthread thread_;
};

/// OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
bool is_about_time(const Transfer& transfer) {
    long verdict = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_SSL_VERIFYRESULT, &verdict);
    return verdict == 9 || verdict == 10 ||
           std::string_view(transfer.reason).find("not yet valid") != std::string_view::npos;
}

std::string what_to_do(const Transfer& transfer) {
    switch (transfer.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "check the name, the network and the DNS server, or set HTTPS_PROXY";
    case CURLE_COULDNT_RESOLVE_PROXY:
        return "check HTTPS_PROXY";
    case CURLE_PEER_FAILED_VERIFICATION:
        if (is_about_time(transfer))
            return "the clock of this machine says " + utc_text(std::chrono::system_clock::now()) +
                   ": set it right, or ask who runs the server";
        return "give the certificates of a proxy or private hub by CURL_CA_BUNDLE=FILE";
    case CURLE_SSL_CACERT_BADFILE:
        return "check the file that CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE or SSL_CERT_FILE names";
    case CURLE_COULDNT_CONNECT:
        return "check that a server listens there, the network, and HTTPS_PROXY";
    default:
        return "run the same command again; if it goes on, look at the network and at HTTPS_PROXY";
    }
}

/// A broken line may hold the next time; a refused or untrusted one will not.
bool is_transient(const Transfer& transfer) {
    curl_off_t connected = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_CONNECT_TIME_T, &connected);
    switch (transfer.code) {
    case CURLE_OPERATION_TIMEDOUT:
        return connected > 0;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

tl::unexpected<Error> no_answer(const Transfer& transfer) {
    const std::string url = shown(transfer.request.url);
    long proxy_status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (proxy_status == 407)
        return fail(ErrorCode::auth,
                    "the proxy on the way to " + url + " wants a name and a password",
                    "set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT, or NO_PROXY for this host");
    if (transfer.was_refused)
        return fail(ErrorCode::policy,
                    "a redirect leads to " + url + ", into a network of this machine",
                    k_look_at_server);
    const char* reason = *transfer.reason ? transfer.reason : curl_easy_strerror(transfer.code);
    auto failure =
        fail(ErrorCode::net, "no answer from " + url + ": " + reason, what_to_do(transfer));
    failure.value().transient = is_transient(transfer);
    return failure;
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
            return fail(ErrorCode::usage,
                        "a header or the token for " + shown(original.url) +
                            " contains a line break",
                        "set the token anew, without line breaks");
        Journey journey{
            original, origin_of(original.url), std::nullopt, shown(original.url), {}, 0};
        // Redirects are followed here and not by curl, because the token must stay with its host.
        for (int hop = 0;; ++hop) {
            TAOHF_TRY_ASSIGN(HttpResponse response, once(journey, sink, stop));
            journey.first_headers = response.first_headers;
            journey.bytes += response.bytes;
            response.bytes = journey.bytes;
            const std::string* location = response.header("location");
            if (response.status < 300 || response.status >= 400 || location == nullptr ||
                original.max_redirects == 0)
                return response;
            if (hop >= original.max_redirects)
                return fail(ErrorCode::net,
                            shown(original.url) + " was redirected more than " +
                                std::to_string(original.max_redirects) + " times: " + journey.chain,
                            k_look_at_server);
            TAOHF_TRY(redirect(journey, response.status, *location));
        }
    }

private:
    /// A request on its way through redirects.
    struct Journey {
        HttpRequest request;
        std::string first_origin;
        std::optional<Network> first_network; ///< known after the first answer
        std::string chain;                    ///< every URL so far
        Headers first_headers;                ///< of the first host's answers so far
        std::uint64_t bytes = 0;              ///< of all bodies so far
    };

    static Status redirect(Journey& journey, int status, const std::string& location) {
        HttpRequest& request = journey.request;
        const std::string next = absolute(request.url, location);
        if (!next.starts_with("http://") && !next.starts_with("https://"))
            return fail(ErrorCode::policy,
                        shown(request.url) + " was redirected to something that is not HTTP",
                        k_look_at_server);
        if (request.url.starts_with("https://") && !next.starts_with("https://"))
            return fail(ErrorCode::policy,
                        shown(request.url) + " was redirected to the unencrypted " + shown(next),
                        k_look_at_server);
        const auto network = network_of(part_of(next, CURLUPART_HOST));
        if (network && !may_redirect(journey.first_network.value_or(Network::open), *network))
            return fail(ErrorCode::policy,
                        shown(request.url) + " was redirected to " + shown(next) +
                            ", into a network of this machine",
                        k_look_at_server);
        request.url = next;
        journey.chain += " -> " + shown(next);
        follow_method(status, request);
        if (origin_of(next) != journey.first_origin) { // gone for good, also after a redirect back
            request.bearer.clear();
            std::erase_if(request.headers,
                          [](const auto& header) { return is_for_first_host_only(header.first); });
        }
        return {};
    }

    Result<HttpResponse> once(Journey& journey, const BodySink& sink, const std::stop_token& stop) {
        const HttpRequest& request = journey.request;
        Transfer transfer(request, sink, stop);
        transfer.earlier_headers = journey.first_headers;
        transfer.is_first_origin = origin_of(request.url) == journey.first_origin;
        if (!has_proxy())
            transfer.nearest = journey.first_network;
        set_transport(transfer);
        set_message(transfer);
        set_callbacks(transfer);
        loop().perform(transfer);
        if (stop.stop_requested())
            return fail(ErrorCode::interrupted,
                        "the transfer of " + shown(request.url) + " was interrupted");
        if (transfer.too_large)
            return fail(ErrorCode::input,
                        shown(request.url) + " answered with more than " +
                            text::human_bytes(request.max_body),
                        k_look_at_server);
        if (transfer.code != CURLE_OK &&
            !(transfer.code == CURLE_WRITE_ERROR && transfer.was_ended))
            return no_answer(transfer);
        if (!journey.first_network)
            journey.first_network = network_reached(transfer);
        transfer.complete_head();
        return std::move(transfer.response);
    }

    static Network network_reached(const Transfer& transfer) {
        if (const auto literal = network_of(part_of(transfer.request.url, CURLUPART_HOST)))
            return *literal;
        const char* address = nullptr;
        curl_easy_getinfo(transfer.curl, CURLINFO_PRIMARY_IP, &address);
        if (has_proxy() || address == nullptr)
            return Network::open;
        return network_of(std::string(address)).value_or(Network::open);
    }

    /// Its thread exists from the first request on: most commands send none.
    Loop& loop() {
        const std::lock_guard guard(mutex_);
        if (!loop_)
            loop_ = std::make_unique<Loop>();
        return *loop_;
    }

    std::mutex mutex_;
    std::unique_ptr<Loop> loop_;
};

} // namespace

std::unique_ptr<Http> make_curl_http() {
    return std::make_unique<CurlHttp>();
}

} // namespace taohf::host
