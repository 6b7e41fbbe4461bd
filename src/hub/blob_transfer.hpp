#pragma once

#include <chrono>
#include <string>

#include "hub_cache.hpp"
#include "hub_client.hpp"

namespace taohf::hub {

/// Brings one file into blobs/, for whoever holds its lock. Bytes go into blobs/<etag>.incomplete
/// as they arrive, which both this program and huggingface_hub go on from; the name without the
/// ending appears when size and checksum were right.
class BlobTransfer final {
public:
    BlobTransfer(host::Host& host,
                 HubClient& client,
                 const Watch& watch,
                 const CacheEntry& cache,
                 std::string commit,
                 std::string name,
                 RemoteFile file);

    Status run();

private:
    Status check_space() const;
    Status receive();
    Status receive_once();
    Status keep(std::string_view piece);
    Status flush();
    Status verify();
    void tell();
    Error with_what_is_kept(Error error) const;

    host::Host& host_;
    HubClient& client_;
    const Watch& watch_;
    const CacheEntry& cache_;
    std::string commit_;
    std::string name_;
    RemoteFile file_;
    host::Path part_;
    std::uint64_t done_ = 0; ///< bytes in the part, those not yet written included
    std::string unwritten_;
    std::uint64_t begun_at_ = 0; ///< what was there before this run
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point told_;
};

} // namespace taohf::hub
