#pragma once

#include <taohf/hub/inspection.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace taohf::hub {

/// The files of one snapshot. Nothing outside the folder is read through it, except the blobs of
/// the cache entry that the snapshot belongs to.
class SnapshotFiles final {
public:
    SnapshotFiles(host::Host& host, const Snapshot& snapshot);

    host::FileSystem& file_system() const { return host_.files; }

    bool has(const std::string& name) const;
    /// Where the file is, once every symlink on the way is known to stay in the snapshot.
    Result<host::Path> resolve(const std::string& name) const;
    Result<std::string> read(const std::string& name, std::uint64_t limit);
    /// read() and parse_json(); an empty object when the file does not exist.
    Result<Json> read_optional_json(const std::string& name);
    /// Names at the top of the snapshot, sorted.
    std::vector<std::string> names() const;

    void count(std::uint64_t bytes) { bytes_read_ += bytes; }

    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    host::Host& host_;
    host::Path folder_;
    std::uint64_t bytes_read_ = 0;
};

/// A plain file name: no separator, no "..", no control character, not hidden.
bool is_plain_name(const std::string& name);

} // namespace taohf::hub
