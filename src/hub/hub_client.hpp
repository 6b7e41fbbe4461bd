#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/host.hpp>

#include <cstdint>
#include <map>
#include <string>

#include "hub_settings.hpp"
#include "model_id.hpp"

namespace taohf::hub {

struct RemoteFile {
    std::uint64_t size = 0;
    std::string etag; ///< sha256 of an LFS file, git's sha1 of another; names the blob
};

struct RemoteModel {
    std::string commit;
    std::map<std::string, RemoteFile> files; ///< by path; etag empty when the listing lacks it
};

/// The Hub over HTTP. Transient failures are tried again; every other answer becomes an error that
/// tells missing, gated, private and offline apart.
class HubClient final {
public:
    HubClient(host::Host& host, const HubSettings& settings) : host_(host), settings_(settings) {}

    /// Commit and file list of a revision.
    Result<RemoteModel> model(const ModelId& id);
    /// Size and etag by HEAD, for servers whose listing has none.
    Result<RemoteFile>
    file_facts(const ModelId& id, const std::string& commit, const std::string& path);

    /// Bytes [offset, offset + count) of a file; the whole file when the server ignores ranges.
    struct Piece {
        std::string bytes;
        bool whole = false; ///< the server sent everything from byte 0
    };

    Result<Piece> piece(const ModelId& id,
                        const std::string& commit,
                        const std::string& path,
                        std::uint64_t offset,
                        std::uint64_t count);

private:
    Result<host::HttpResponse> send(host::HttpRequest request);
    std::string
    file_url(const ModelId& id, const std::string& commit, const std::string& path) const;
    tl::unexpected<Error>
    refusal(const ModelId& id, const std::string& what, const host::HttpResponse& response) const;

    host::Host& host_;
    const HubSettings& settings_;
};

} // namespace taohf::hub
