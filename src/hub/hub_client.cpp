#include "hub_client.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "json_fields.hpp"

namespace taohf::hub {

namespace {

constexpr int k_tries = 5;
constexpr std::chrono::milliseconds k_first_wait{500};
constexpr std::chrono::seconds k_longest_wait{300};
constexpr std::uint64_t k_max_listing = 64u << 20;

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
std::string first_header(const host::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.first_headers)
        if (key == name)
            return value;
    return header_of(response, name);
}

bool is_transient(int status) {
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

std::uint64_t unsigned_number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::chrono::milliseconds wait_time(const host::HttpResponse& response, int attempt) {
    const auto wanted = unsigned_number(header_of(response, "retry-after"));
    if (wanted > 0)
        return std::min<std::chrono::milliseconds>(
            std::chrono::seconds(std::min<std::uint64_t>(wanted, 3600)), k_longest_wait);
    return k_first_wait * (1 << attempt);
}

std::string plain_etag(std::string etag) {
    if (etag.starts_with("W/"))
        etag.erase(0, 2);
    std::erase(etag, '"');
    return etag;
}

bool is_hex(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

Result<RemoteModel> read_listing(const Json& document, const ModelId& id) {
    RemoteModel model;
    model.commit = text_field(document, "sha");
    const Json* siblings = field(document, "siblings");
    if (!is_commit(model.commit) || !siblings || !siblings->is_array())
        return fail(ErrorCode::net,
                    fmt::format("the answer for {} has no commit or file list: is a proxy in "
                                "between?",
                                id.repository));
    for (const auto& sibling : *siblings) {
        RemoteFile file;
        const auto size = integer_field(sibling, "size");
        file.size = size && *size > 0 ? static_cast<std::uint64_t>(*size) : 0;
        file.etag = text_field(sibling, "blobId");
        if (const Json* lfs = field(sibling, "lfs"))
            file.etag = text_field(*lfs, "sha256");
        if (!is_hex(file.etag) || (file.etag.size() != 40 && file.etag.size() != 64))
            file.etag.clear();
        if (auto name = text_field(sibling, "rfilename"); !name.empty())
            model.files.emplace(std::move(name), std::move(file));
    }
    return model;
}

} // namespace

Result<host::HttpResponse> HubClient::send(host::HttpRequest request) {
    request.bearer = settings_.token;
    request.headers.emplace_back("Accept-Encoding", "identity");
    request.headers.emplace_back("User-Agent", "taohf");
    for (int attempt = 0;; ++attempt) {
        auto response = host_.http.send(request);
        const bool again =
            response ? is_transient(response->status) : response.error().code == ErrorCode::net;
        if (!again || attempt + 1 == k_tries)
            return response;
        host_.clock.sleep_for(response ? wait_time(*response, attempt)
                                       : k_first_wait * (1 << attempt));
    }
}

std::string
HubClient::file_url(const ModelId& id, const std::string& commit, const std::string& path) const {
    return fmt::format("{}/{}/resolve/{}/{}",
                       settings_.endpoint,
                       id.repository,
                       quoted(commit, false),
                       quoted(path, true));
}

tl::unexpected<Error> HubClient::refusal(const ModelId& id,
                                         const std::string& what,
                                         const host::HttpResponse& response) const {
    const std::string code = first_header(response, "x-error-code");
    const std::string message = text::printable(first_header(response, "x-error-message"));
    const std::string page = fmt::format("https://huggingface.co/{}", id.repository);
    if (code == "GatedRepo")
        return fail(
            ErrorCode::auth,
            fmt::format("{} is gated: its conditions must be accepted first", id.repository),
            fmt::format("accept them at {}, then set HF_TOKEN", page));
    if (code == "RevisionNotFound")
        return fail(ErrorCode::input,
                    fmt::format("{} has no revision '{}'", id.repository, id.revision));
    if (code == "EntryNotFound")
        return fail(ErrorCode::input, fmt::format("{} has no {}", id.repository, what));
    if (message.find("disabled") != std::string::npos)
        return fail(ErrorCode::auth, fmt::format("{} is disabled on the Hub", id.repository));
    if (response.status == 401 && message.find("Invalid credentials") != std::string::npos)
        return fail(ErrorCode::auth, "the Hub does not know the token", "set a valid HF_TOKEN");
    if (response.status == 401)
        return fail(ErrorCode::auth,
                    fmt::format("{} does not exist, is private, or is gated (the Hub does not "
                                "tell which){}",
                                id.repository,
                                settings_.token.empty() ? ", and no token is set" : ""),
                    "check the name, or set HF_TOKEN");
    if (response.status == 403)
        return fail(ErrorCode::auth,
                    fmt::format("the token may not read {}: {}", id.repository, message));
    if (response.status == 404)
        return fail(ErrorCode::input,
                    fmt::format("{} does not exist on {}", id.repository, settings_.endpoint),
                    "check the name; a private model needs HF_TOKEN");
    if (response.status == 429)
        return fail(ErrorCode::net,
                    "the Hub's rate limit is reached",
                    "wait five minutes, or set HF_TOKEN for a higher limit");
    return fail(ErrorCode::net,
                fmt::format("the Hub answered {} for {} of {} (request {})",
                            response.status,
                            what,
                            id.repository,
                            text::printable(header_of(response, "x-request-id"))));
}

Result<RemoteModel> HubClient::model(const ModelId& id) {
    host::HttpRequest request;
    request.url = fmt::format("{}/api/models/{}/revision/{}?blobs=true",
                              settings_.endpoint,
                              id.repository,
                              quoted(id.revision, false));
    request.max_body = k_max_listing;
    TAOHF_TRY_ASSIGN(const host::HttpResponse response, send(std::move(request)));
    if (response.status != 200)
        return refusal(id, "the file list", response);
    const auto document = parse_json(response.body, "the Hub's answer");
    if (!document)
        return fail(ErrorCode::net,
                    fmt::format("the answer of {} is no JSON: a proxy or portal answered",
                                settings_.endpoint));
    return read_listing(*document, id);
}

Result<RemoteFile>
HubClient::file_facts(const ModelId& id, const std::string& commit, const std::string& path) {
    host::HttpRequest request;
    request.method = "HEAD";
    request.url = file_url(id, commit, path);
    TAOHF_TRY_ASSIGN(const host::HttpResponse response, send(std::move(request)));
    if (response.status != 200)
        return refusal(id, path, response);
    RemoteFile file;
    const std::string linked = first_header(response, "x-linked-etag");
    file.etag = plain_etag(linked.empty() ? first_header(response, "etag") : linked);
    const std::string size = first_header(response, "x-linked-size");
    file.size = unsigned_number(size.empty() ? header_of(response, "content-length") : size);
    if (!is_hex(file.etag) || (file.etag.size() != 40 && file.etag.size() != 64))
        return fail(ErrorCode::net,
                    fmt::format("{} of {} has no usable ETag", path, id.repository));
    return file;
}

Result<HubClient::Piece> HubClient::piece(const ModelId& id,
                                          const std::string& commit,
                                          const std::string& path,
                                          std::uint64_t offset,
                                          std::uint64_t count) {
    host::HttpRequest request;
    request.url = file_url(id, commit, path);
    request.headers.emplace_back("Range", fmt::format("bytes={}-{}", offset, offset + count - 1));
    request.max_body = count + 1; // more than asked for is an error, not a download
    TAOHF_TRY_ASSIGN(host::HttpResponse response, send(std::move(request)));
    if (response.status == 200)
        return Piece{std::move(response.body), true};
    if (response.status != 206)
        return refusal(id, path, response);
    const std::string range = header_of(response, "content-range");
    if (!range.starts_with(fmt::format("bytes {}-", offset)))
        return fail(
            ErrorCode::net,
            fmt::format("{} sent another range of {} than asked for", settings_.endpoint, path));
    return Piece{std::move(response.body), false};
}

} // namespace taohf::hub
