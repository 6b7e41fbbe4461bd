#include "hub_client.hpp"

#include <taohf/base/digest.hpp>
#include <taohf/base/log.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>

#include "git_blob.hpp"
#include "json_fields.hpp"

namespace taohf::hub {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int k_tries = 5;
constexpr milliseconds k_first_wait{500};
constexpr seconds k_total_wait{300};
constexpr std::uint64_t k_max_listing = 8u << 20;
constexpr std::uint64_t k_max_in_memory = 101u << 20; ///< the longest safetensors header and more
constexpr std::uint64_t k_lowest_speed = 1000;
constexpr seconds k_connect{15};

/// Percent-encoding of everything but unreserved characters and, if wanted, slashes.
std::string quoted(std::string_view text, bool keep_slash) {
    std::string result;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~' ||
                           (keep_slash && c == '/');
        result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

std::string header_of(const host::HttpResponse& response, std::string_view name) {
    const std::string* value = response.header(name);
    return value ? *value : std::string();
}

/// The Hub's own headers are on the answer before the redirect to its storage.
std::string hub_header(const host::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.first_headers)
        if (key == name)
            return value;
    return {};
}

bool is_transient(int status) {
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

std::uint64_t number_in(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// `"api";r=0;t=55`: the value of one parameter.
std::optional<std::uint64_t> parameter(const std::string& header, const std::string& name) {
    const auto at = header.find(";" + name + "=");
    return at == std::string::npos
               ? std::nullopt
               : std::optional(number_in(std::string_view(header).substr(at + name.size() + 2)));
}

/// What the server asks for, if it does. A 429 with requests left comes from another limit.
std::optional<seconds> asked_wait(const host::HttpResponse& response) {
    const std::string limit = header_of(response, "ratelimit");
    if (response.status == 429 && parameter(limit, "r") == 0 && parameter(limit, "t"))
        return seconds(std::min<std::uint64_t>(*parameter(limit, "t"), 86400) + 1);
    const auto asked = number_in(header_of(response, "retry-after"));
    return asked > 0 ? std::optional(seconds(std::min<std::uint64_t>(asked, 86400))) : std::nullopt;
}

/// Between half and all of twice the last wait, so that many clients do not come back at once.
milliseconds jittered(int attempt) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    const auto longest = k_first_wait * (1 << attempt);
    return longest / 2 + milliseconds(static_cast<long long>(random()) % (longest.count() / 2 + 1));
}

std::string plain_etag(std::string etag) {
    if (etag.starts_with("W/"))
        etag.erase(0, 2);
    std::erase(etag, '"');
    return etag;
}

bool is_digest(const std::string& text) {
    return (text.size() == 40 || text.size() == 64) && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

/// A repository's file list can hold names that no folder of ours may: those are left out there.
Result<RemoteFile> read_sibling(const Json& sibling) {
    RemoteFile file;
    const Json* size = field(sibling, "size");
    if (size && !size->is_number_unsigned())
        return fail(ErrorCode::input, "'siblings[].size' is no whole number");
    file.size = size ? size->get<std::uint64_t>() : 0;
    file.etag = text_field(sibling, "blobId");
    if (const Json* lfs = field(sibling, "lfs"))
        file.etag = text_field(*lfs, "sha256");
    if (!is_digest(file.etag))
        file.etag.clear();
    return file;
}

Result<RemoteModel> read_model(Json document, const std::string& name) {
    const auto wrong = [&](const std::string& what) {
        return fail(ErrorCode::input,
                    fmt::format("the Hub's answer for {}: {}", name, what),
                    "look at HF_ENDPOINT: is that a hub?");
    };
    RemoteModel model;
    model.commit = text_field(document, "sha");
    if (!is_commit(model.commit))
        return wrong("'sha' is no commit");
    const Json* siblings = field(document, "siblings");
    if (!siblings || !siblings->is_array())
        return wrong("'siblings' is no list");
    for (const auto& sibling : *siblings) {
        const auto path = text_field(sibling, "rfilename");
        if (path.empty())
            return wrong("'siblings[].rfilename' is no text");
        auto file = read_sibling(sibling);
        if (!file)
            return wrong(file.error().message);
        model.files.emplace(path, *std::move(file));
    }
    model.repository = text_field(document, "id");
    if (model.repository.empty())
        model.repository = name;
    document.erase("siblings");
    model.info = std::move(document);
    return model;
}

/// A body that came compressed, or a page, is not what a hub sends.
tl::unexpected<Error> not_a_hub(const std::string& endpoint, const host::HttpResponse& response) {
    const std::string type = header_of(response, "content-type");
    return fail(ErrorCode::net,
                fmt::format("{} answered with {} instead of a hub's answer: a proxy or portal "
                            "is in between",
                            endpoint,
                            type.empty() ? "something unknown" : text::printable(type)),
                "open the address in a browser, or set HTTPS_PROXY or HF_ENDPOINT");
}

} // namespace

Status check_digest(const std::string& what, const std::string& digest, const RemoteFile& file) {
    if (digest == file.etag)
        return {};
    return fail(
        ErrorCode::input,
        fmt::format("{} arrived damaged: checksum {}, expected {}", what, digest, file.etag),
        "run the same command again");
}

Result<host::HttpResponse> HubClient::send(host::HttpRequest request, const host::BodySink& sink) {
    request.headers.emplace_back("Accept-Encoding", "identity");
    request.connect_timeout = k_connect;
    request.stall_timeout = settings_.stall;
    request.lowest_speed = k_lowest_speed;
    milliseconds waited{0};
    for (int attempt = 0;; ++attempt) {
        auto response = host_.http.send(request, sink, watch_.stop);
        bytes_ += response ? response->bytes : 0;
        const bool again =
            response ? is_transient(response->status) : response.error().transient && !sink;
        if (!again || attempt + 1 == k_tries)
            return response;
        const auto asked = response ? asked_wait(*response) : std::nullopt;
        const milliseconds wait =
            (asked ? milliseconds(*asked) : milliseconds(0)) + jittered(attempt);
        if (waited + wait > k_total_wait)
            return response;
        log::debug(fmt::format("asking for {} again in {} ms", id_.repository, wait.count()));
        if (!host_.clock.sleep_for(wait, watch_.stop))
            return fail(ErrorCode::interrupted, "the wait for the Hub was interrupted");
        waited += wait;
    }
}

Status HubClient::pause(int attempt) {
    if (host_.clock.sleep_for(jittered(attempt), watch_.stop))
        return {};
    return fail(ErrorCode::interrupted, "the wait for the Hub was interrupted");
}

host::HttpRequest HubClient::request_for(const std::string& commit, const std::string& path) {
    host::HttpRequest request;
    const std::lock_guard guard(mutex_);
    if (const auto known = storage_.find(path); known != storage_.end()) {
        request.url = known->second; // signed: it needs no token, and gets none
        return request;
    }
    request.url = fmt::format("{}/{}/resolve/{}/{}",
                              settings_.endpoint,
                              repository_,
                              quoted(commit, false),
                              quoted(path, true));
    request.bearer = settings_.token;
    return request;
}

void HubClient::remember_storage(const std::string& path, const host::HttpResponse& response) {
    const std::lock_guard guard(mutex_);
    if (!response.effective_url.starts_with(settings_.endpoint + "/"))
        storage_[path] = response.effective_url;
}

void HubClient::forget_storage(const std::string& path) {
    const std::lock_guard guard(mutex_);
    storage_.erase(path);
}

tl::unexpected<Error> HubClient::rate_limited(const host::HttpResponse& response) {
    const auto asked = asked_wait(response);
    const auto free = host_.clock.now() + asked.value_or(k_total_wait);
    return fail(ErrorCode::net,
                "the Hub's rate limit is reached",
                fmt::format("try again {} {}{}",
                            asked ? "after" : "in five minutes, at",
                            host::utc_text(free),
                            settings_.token.empty() ? ", or set HF_TOKEN for a higher limit" : ""));
}

tl::unexpected<Error> HubClient::unauthorised(const host::HttpResponse& response) {
    const std::string message = text::printable(hub_header(response, "x-error-message"));
    if (message.find("Invalid credentials") != std::string::npos)
        return fail(ErrorCode::auth,
                    "the Hub does not know the token: it is wrong or has expired",
                    "set a valid HF_TOKEN, or unset it for a public model");
    return fail(ErrorCode::auth,
                fmt::format("{} does not exist, is private or is gated (the Hub does not tell "
                            "which), or the token is invalid{}",
                            id_.repository,
                            settings_.token.empty() ? "; no token is set" : ""),
                "check the name, or set HF_TOKEN to a token that may read it");
}

tl::unexpected<Error> HubClient::missing(const host::HttpResponse& response) {
    if (hub_header(response, "x-error-code") == "RevisionNotFound")
        return fail(ErrorCode::input,
                    fmt::format("{} has no revision '{}'", id_.repository, id_.revision),
                    fmt::format("see its branches and tags at {}/{}/tree/main",
                                settings_.endpoint,
                                id_.repository));
    return fail(ErrorCode::input,
                fmt::format("{} does not exist on {}", id_.repository, settings_.endpoint),
                "check the name; a private model needs HF_TOKEN");
}

tl::unexpected<Error> HubClient::refusal(const std::string& what,
                                         const host::HttpResponse& response) {
    const std::string code = hub_header(response, "x-error-code");
    const std::string message = text::printable(hub_header(response, "x-error-message"));
    if (code == "EntryNotFound")
        return fail(ErrorCode::input,
                    fmt::format("{} at '{}' has no {}", id_.repository, id_.revision, what),
                    "look at the files of the model's page");
    if (code == "GatedRepo")
        return fail(
            ErrorCode::auth,
            fmt::format("{} is gated: its conditions must be accepted first", id_.repository),
            fmt::format("accept them at {}/{}, then set HF_TOKEN to a token of that account",
                        settings_.endpoint,
                        id_.repository));
    if (message.find("disabled") != std::string::npos)
        return fail(ErrorCode::auth,
                    fmt::format("{} was disabled by the Hub", id_.repository),
                    "name another model");
    if (code == "RevisionNotFound" || code == "RepoNotFound" || response.status == 404)
        return response.status == 401 ? unauthorised(response) : missing(response);
    if (response.status == 401)
        return unauthorised(response);
    if (response.status == 403)
        return fail(ErrorCode::auth,
                    fmt::format("the token may not read {}: {}", id_.repository, message),
                    "give the token the right to read it, or set another HF_TOKEN");
    if (response.status == 407)
        return fail(
            ErrorCode::auth,
            "the proxy on the way to the Hub wants a name and a password",
            "set HTTP_PROXY and HTTPS_PROXY to http://NAME:PASSWORD@HOST:PORT, or NO_PROXY");
    if (response.status == 429)
        return rate_limited(response);
    return fail(ErrorCode::net,
                fmt::format("the Hub answered {} for {} of {} (request {})",
                            response.status,
                            what,
                            id_.repository,
                            text::printable(header_of(response, "x-request-id"))),
                "try again later");
}

Result<RemoteModel> HubClient::model() {
    host::HttpRequest request;
    request.url = fmt::format("{}/api/models/{}/revision/{}?blobs=true",
                              settings_.endpoint,
                              id_.repository,
                              quoted(id_.revision, false));
    request.bearer = settings_.token;
    request.max_body = k_max_listing;
    TAOHF_TRY_ASSIGN(const host::HttpResponse response, send(std::move(request)));
    if (response.status != 200)
        return refusal("the file list", response);
    const std::string encoding = text::lower(header_of(response, "content-encoding"));
    if (!encoding.empty() && encoding != "identity") // it may unpack to any size
        return fail(ErrorCode::input,
                    fmt::format("{} answered in {}, although plain text was asked for",
                                settings_.endpoint,
                                text::printable(encoding)),
                    "look at HF_ENDPOINT: is that a hub?");
    auto document = parse_json(response.body, "the Hub's answer");
    if (!document || !document->is_object())
        return not_a_hub(settings_.endpoint, response);
    TAOHF_TRY_ASSIGN(RemoteModel model, read_model(*std::move(document), id_.repository));
    if (!is_repository_name(model.repository))
        return fail(ErrorCode::input,
                    fmt::format("the Hub's answer for {}: 'id' is no model id", id_.repository),
                    "look at HF_ENDPOINT: is that a hub?");
    const std::lock_guard guard(mutex_);
    repository_ = model.repository;
    return model;
}

Result<RemoteFile> HubClient::file_facts(const std::string& commit, const std::string& path) {
    host::HttpRequest request = request_for(commit, path);
    request.method = "HEAD";
    TAOHF_TRY_ASSIGN(const host::HttpResponse response, send(std::move(request)));
    if (response.status != 200)
        return refusal(path, response);
    RemoteFile file;
    const std::string linked = hub_header(response, "x-linked-etag");
    file.etag = plain_etag(linked.empty() ? hub_header(response, "etag") : linked);
    const std::string size = hub_header(response, "x-linked-size");
    file.size = number_in(size.empty() ? header_of(response, "content-length") : size);
    if (!is_digest(file.etag))
        return fail(ErrorCode::net,
                    fmt::format("{} of {} has no usable ETag", path, id_.repository),
                    "look at HF_ENDPOINT: is that a hub?");
    return file;
}

Status HubClient::check_answer(const host::HttpResponse& response,
                               const std::string& commit,
                               const std::string& path,
                               const RemoteFile& file) {
    const std::string seen = hub_header(response, "x-repo-commit");
    if (seen.empty() || header_of(response, "content-type").starts_with("text/html"))
        return not_a_hub(settings_.endpoint, response);
    const std::string linked = hub_header(response, "x-linked-etag");
    const std::string etag = plain_etag(linked.empty() ? hub_header(response, "etag") : linked);
    if (seen == commit && (file.etag.empty() || !is_digest(etag) || etag == file.etag))
        return {};
    return fail(ErrorCode::input,
                fmt::format("{} of {} changed while it was read: commit {} with checksum {}, "
                            "now {} with {}",
                            path,
                            id_.repository,
                            commit,
                            file.etag,
                            text::printable(seen),
                            text::printable(etag)),
                "run the same command again");
}

Result<std::string>
HubClient::whole(const std::string& commit, const std::string& path, const RemoteFile& file) {
    forget_storage(path);
    host::HttpRequest request = request_for(commit, path);
    request.max_body = file.size;
    request.cut_at_max = true; // who answered is asked before how much
    TAOHF_TRY_ASSIGN(host::HttpResponse response, send(std::move(request)));
    if (response.status != 200)
        return refusal(path, response);
    TAOHF_TRY(check_answer(response, commit, path, file));
    if (response.body.size() != file.size || response.was_cut)
        return fail(ErrorCode::input,
                    fmt::format("{} of {} arrived with {} than {} bytes",
                                path,
                                id_.repository,
                                response.was_cut ? "more" : "fewer",
                                file.size),
                    "run the same command again");
    const std::string digest =
        file.etag.size() == 64 ? sha256(response.body) : git_blob_sha1(response.body);
    TAOHF_TRY(check_digest(fmt::format("{} of {}", path, id_.repository), digest, file));
    return std::move(response.body);
}

Result<std::string> HubClient::range(const std::string& commit,
                                     const std::string& path,
                                     const RemoteFile& file,
                                     std::uint64_t offset,
                                     std::uint64_t count) {
    if (offset >= file.size || count == 0)
        return std::string();
    count = std::min(count, file.size - offset);
    if (count > k_max_in_memory)
        return fail(ErrorCode::input,
                    fmt::format("{} asks for {} at once", path, text::human_bytes(count)));
    host::HttpRequest request = request_for(commit, path);
    const bool is_stored = !request.url.starts_with(settings_.endpoint + "/");
    request.headers.emplace_back("Range", fmt::format("bytes={}-{}", offset, offset + count - 1));
    // Also what a server sends that ignores ranges is read up to the wanted bytes, if they are
    // near.
    request.max_body = offset + count <= k_max_in_memory ? offset + count : count;
    request.cut_at_max = true;
    TAOHF_TRY_ASSIGN(host::HttpResponse response, send(std::move(request)));
    if (is_stored && response.status >= 400) { // its signature has expired
        forget_storage(path);
        return range(commit, path, file, offset, count);
    }
    if (response.status != 206 && response.status != 200)
        return refusal(path, response);
    if (!is_stored) // only the Hub's own answers carry its headers
        TAOHF_TRY(check_answer(response, commit, path, file));
    TAOHF_TRY_ASSIGN(std::string bytes, part_of(std::move(response), path, offset, count));
    return bytes;
}

/// The wanted bytes of an answer that holds them, or all bytes up to them.
Result<std::string> HubClient::part_of(host::HttpResponse response,
                                       const std::string& path,
                                       std::uint64_t offset,
                                       std::uint64_t count) {
    if (response.status == 200 && response.body.size() < offset + count)
        return fail(ErrorCode::net,
                    fmt::format("{} ignores byte ranges, and what is needed of {} lies {} behind "
                                "its begin",
                                settings_.endpoint,
                                path,
                                text::human_bytes(offset)),
                    "download the model and name its folder");
    if (response.status == 200)
        return response.body.substr(static_cast<std::size_t>(offset), count);
    if (!header_of(response, "content-range").starts_with(fmt::format("bytes {}-", offset)) ||
        response.body.size() != count || response.was_cut)
        return fail(
            ErrorCode::input,
            fmt::format(
                "another part of {} arrived than the {} bytes from {} on", path, count, offset),
            "look at HF_ENDPOINT: is that a hub?");
    remember_storage(path, response);
    return std::move(response.body);
}

Result<HubClient::Arrival> HubClient::stream(const std::string& commit,
                                             const std::string& path,
                                             const RemoteFile& file,
                                             std::uint64_t offset,
                                             const host::BodySink& sink) {
    forget_storage(path); // a fresh signature for a long transfer
    host::HttpRequest request = request_for(commit, path);
    if (offset > 0)
        request.headers.emplace_back("Range", fmt::format("bytes={}-", offset));
    const auto check = [&](const host::HttpResponse& response) -> Result<Arrival> {
        if (response.status != 206 && response.status != 200)
            return refusal(path, response);
        TAOHF_TRY(check_answer(response, commit, path, file));
        if (response.status == 200 && offset > 0)
            return Arrival::restarted;
        if (response.status == 206 &&
            !header_of(response, "content-range").starts_with(fmt::format("bytes {}-", offset)))
            return fail(
                ErrorCode::input,
                fmt::format("another part of {} arrived than that from {} on", path, offset),
                "run the same command again");
        return Arrival::continued;
    };
    // Nothing that is not the file may get into what is kept of it.
    request.may_pour = [&](const host::HttpResponse& head) {
        const auto verdict = check(head);
        return verdict && *verdict == Arrival::continued;
    };
    TAOHF_TRY_ASSIGN(const host::HttpResponse response, send(std::move(request), sink));
    return check(response);
}

} // namespace taohf::hub
