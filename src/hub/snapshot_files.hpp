#pragma once

#include <taohf/hub/inspection.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "read_only_files.hpp"

namespace taohf::hub {

/// The files of one snapshot, on disk or on the Hub. Nothing outside the folder is read through it,
/// except the blobs of the cache entry that the snapshot belongs to. For any thread.
class SnapshotFiles final {
public:
    SnapshotFiles(host::Host& host, const Snapshot& snapshot);

    host::FileSystem& file_system() const { return *files_; }

    /// The model card's front matter where the Hub has read it, else nullptr.
    const Json* card() const;

    bool has(const std::string& name) const;
    /// Where the file is, once every symlink on the way is known to stay in the snapshot.
    Result<host::Path> resolve(const std::string& name) const;
    Result<std::string> read(const std::string& name, std::uint64_t limit);
    /// read() and parse_json(); an empty object when the file does not exist.
    Result<Json> read_optional_json(const std::string& name);
    /// Names at the top of the snapshot, sorted.
    std::vector<std::string> names() const;

    /// What was read so far; of a snapshot on the Hub everything that arrived, metadata included.
    std::uint64_t bytes_read() const { return files_->bytes_read(); }

private:
    host::Path folder_;
    std::shared_ptr<RemoteFolder> remote_;
    std::shared_ptr<ReadOnlyFiles> files_;
};

/// A plain file name: no separator, no "..", no control character, not hidden.
bool is_plain_name(const std::string& name);

} // namespace taohf::hub
