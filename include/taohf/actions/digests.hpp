#pragma once

#include <map>
#include <string>

#include <taohf/host/file_system.hpp>
#include <taohf/state/record.hpp>

namespace taohf::actions {

/// SHA-256 of files and folders, remembered by (size, mtime, inode) in one text file, so that a
/// second look at an unchanged tree costs one stat a file.
class DigestCache final {
  public:
    DigestCache(host::FileSystem& files, host::Path store);

    /// Of a file's bytes, or of a folder's sorted list of (path, digest); "absent" when there is
    /// nothing. `__pycache__` and `.pytest_cache` are not part of a folder.
    Result<std::string> digest(const host::Path& path);
    Result<state::Artefact> artefact(const host::Path& workspace, const std::string& relative);
    Status save();

  private:
    struct Entry {
        std::uint64_t size = 0;
        std::int64_t mtime_ns = 0;
        std::uint64_t inode = 0;
        std::string sha256;
    };
    Result<std::string> file_digest(const host::Path& path, const host::FileInfo& info);
    void load();

    host::FileSystem& files_;
    host::Path store_;
    std::map<std::string, Entry> entries_;
    bool changed_ = false;
};

} // namespace taohf::actions
