#pragma once

#include <taohf/base/json.hpp>
#include <taohf/hub/inspection.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
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
    std::string repository;                  ///< its name today, another one after a rename
    std::map<std::string, RemoteFile> files; ///< by path; etag empty when the listing lacks it
    Json info;                               ///< the Hub's document without the file list
};

/// The Hub over HTTP, for any thread. Transient failures are tried again, five times in all and for
/// five minutes at most; every other answer becomes an error that tells missing, gated, private,
/// renamed, rate-limited and offline apart.
class HubClient final {
public:
    HubClient(host::Host& host, HubSettings settings, ModelId id, Watch watch = {})
        : host_(host), settings_(std::move(settings)), id_(std::move(id)), watch_(std::move(watch)),
          repository_(id_.repository) {}

    const ModelId& id() const { return id_; }

    /// Commit, file list and metadata of the revision; every later request speaks of that commit.
    Result<RemoteModel> model();
    /// Size and etag by HEAD, for servers whose listing has none.
    Result<RemoteFile> file_facts(const std::string& commit, const std::string& path);
    /// A whole file of a size that fits into memory; INPUT error unless size and checksum are
    /// right.
    Result<std::string>
    whole(const std::string& commit, const std::string& path, const RemoteFile& file);
    /// The bytes [offset, offset + count), fewer only at the end of the file. A server that ignores
    /// ranges is read up to there and no further.
    Result<std::string> range(const std::string& commit,
                              const std::string& path,
                              const RemoteFile& file,
                              std::uint64_t offset,
                              std::uint64_t count);

    enum class Arrival {
        continued, ///< the sink got what follows the offset
        restarted  ///< the server ignores ranges, and the sink got nothing
    };

    /// One attempt at everything from the offset on. What the sink got stays its own on failure.
    Result<Arrival> stream(const std::string& commit,
                           const std::string& path,
                           const RemoteFile& file,
                           std::uint64_t offset,
                           const host::BodySink& sink);

    /// Sleeps before the next attempt at a stream, INTERRUPTED error when stopped.
    Status pause(int attempt);

    /// Body bytes that arrived so far, of every answer.
    std::uint64_t bytes_received() const { return bytes_; }

private:
    Result<host::HttpResponse> send(host::HttpRequest request, const host::BodySink& sink = {});
    host::HttpRequest request_for(const std::string& commit, const std::string& path);
    Status check_answer(const host::HttpResponse& response,
                        const std::string& commit,
                        const std::string& path,
                        const RemoteFile& file);
    Result<std::string> part_of(host::HttpResponse response,
                                const std::string& path,
                                std::uint64_t offset,
                                std::uint64_t count);
    tl::unexpected<Error> refusal(const std::string& what, const host::HttpResponse& response);
    tl::unexpected<Error> missing(const host::HttpResponse& response);
    tl::unexpected<Error> unauthorised(const host::HttpResponse& response);
    tl::unexpected<Error> rate_limited(const host::HttpResponse& response);
    void remember_storage(const std::string& path, const host::HttpResponse& response);
    void forget_storage(const std::string& path);

    host::Host& host_;
    HubSettings settings_;
    ModelId id_;
    Watch watch_;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::mutex mutex_;
    std::string
        repository_; ///< the name of today, once it is known: one redirect less for each file
    std::map<std::string, std::string> storage_; ///< by path: where the Hub sent us for its bytes
};

/// Wrong bytes under the right size are an INPUT error that names both checksums.
Status check_digest(const std::string& what, const std::string& digest, const RemoteFile& file);

} // namespace taohf::hub
