#pragma once

#include <taohf/host/file_system.hpp>
#include <taohf/state/record.hpp>

#include <string>
#include <unordered_map>

namespace taohf::actions {

/// SHA-256 of files and folders, remembered by (size, mtime, inode) in one text file, so that a
/// second look at an unchanged tree costs one stat a file. Within a process even that is done once,
/// until forget(): many steps and gates ask for the same folders.
class DigestCache final {
public:
    DigestCache(host::FileSystem& files, host::Path store);

    /// Of a file's bytes, or of a folder's sorted list of (path, digest); "absent" when there is
    /// nothing. `__pycache__` and `.pytest_cache` are not part of a folder.
    Result<std::string> digest(const host::Path& path);
    Result<state::Artefact> artefact(const host::Path& workspace, const std::string& relative);

    /// Something may have changed since: what was measured before counts no longer.
    void forget() { measured_.clear(); }

    Status save();

private:
    struct Entry {
        std::uint64_t size = 0;
        std::int64_t mtime_ns = 0;
        std::uint64_t inode = 0;
        std::string sha256;
    };

    Result<std::string> measure(const host::Path& path);
    Result<std::string> folder_digest(const host::Path& path);
    Result<std::string> file_digest(const std::string& path, const host::FileInfo& info);
    void load();

    host::FileSystem& files_;
    host::Path store_;
    std::unordered_map<std::string, Entry> entries_;
    std::unordered_map<std::string, std::string> measured_; ///< path -> digest
    bool changed_ = false;
};

} // namespace taohf::actions
