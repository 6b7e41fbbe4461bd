#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub_client.hpp"
#include "read_only_files.hpp"

namespace taohf::hub {

/// One revision on the Hub, looked at as a folder: names and sizes come from its file list, bytes
/// by request. Small files are read whole and checked, of others only the ranges that are asked
/// for. What was read, or could not be, is remembered: nothing is asked for twice. For any thread.
class RemoteFolder final : public ReadOnlyFiles {
public:
    static Result<std::shared_ptr<RemoteFolder>>
    open(host::Host& host, const HubSettings& settings, const ModelId& id, const Watch& watch);

    RemoteFolder(std::unique_ptr<HubClient> client, RemoteModel model);

    const std::string& commit() const { return model_.commit; }

    /// The name that the Hub gives the model today.
    const std::string& repository() const { return model_.repository; }

    /// The front matter of the model card, or nullptr; the Hub has read it already.
    const Json* card() const;
    /// What an inspection of the folder will want, in one go.
    void prefetch();

    Result<std::string> read(const host::Path& path, std::uint64_t limit) override;
    Result<std::string>
    read_range(const host::Path& path, std::uint64_t offset, std::uint64_t size) override;
    std::optional<host::FileInfo> stat(const host::Path& path, bool follow) override;
    Result<std::vector<std::string>> list(const host::Path& folder) override;

    std::uint64_t bytes_read() const override { return client_->bytes_received(); }

private:
    /// Bytes of a file from an offset on.
    struct Extent {
        std::uint64_t offset = 0;
        std::string bytes;
    };

    /// What is known of one file; each is read by one thread at a time.
    struct Known {
        std::mutex mutex;
        std::vector<Extent> extents;
        std::optional<Error> failure;
    };

    const RemoteFile* find(const host::Path& path) const;
    Known& known(const std::string& name);
    Result<RemoteFile> complete(const std::string& name, RemoteFile file);
    bool may_be_portable() const;
    void prefetch_weights();

    std::unique_ptr<HubClient> client_;
    RemoteModel model_;
    std::mutex mutex_;
    std::map<std::string, Known> known_;
};

} // namespace taohf::hub
