#pragma once

#include <taohf/base/error.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::host {

using Path = std::filesystem::path;

enum class FileKind { regular, directory, symlink, other };

struct FileInfo {
    FileKind kind = FileKind::regular;
    std::uint64_t size = 0;    ///< bytes
    std::int64_t mtime_ns = 0; ///< nanoseconds since the epoch
    std::uint64_t inode = 0;
    unsigned mode = 0;  ///< permission bits
    unsigned owner = 0; ///< uid
};

/// Something below a folder; the information is of the name itself, symlinks are not followed.
struct FoundFile {
    std::string path; ///< relative to the folder that was looked into
    FileInfo info;
};

/// Released by the destructor.
class FileLock {
public:
    virtual ~FileLock() = default;
};

/// Seam 1 of 5: files. Errors carry errno's text; ENOSPC, EROFS, EDQUOT and EIO are class STORAGE.
class FileSystem {
public:
    virtual ~FileSystem() = default;
    virtual Result<std::string> read(const Path& path, std::uint64_t limit = 64u << 20) = 0;
    /// `size` bytes from `offset`; shorter only at the end of the file.
    virtual Result<std::string>
    read_range(const Path& path, std::uint64_t offset, std::uint64_t size) = 0;
    /// Temporary file, fsync, rename: a reader sees the old or the new content, never a part.
    virtual Status write_atomic(const Path& path, std::string_view bytes, unsigned mode = 0644) = 0;
    virtual Status append(const Path& path, std::string_view bytes) = 0;
    /// Follows symlinks when asked to; nullopt when there is nothing.
    virtual std::optional<FileInfo> stat(const Path& path, bool follow = true) = 0;
    /// Names (not paths) in a folder, sorted.
    virtual Result<std::vector<std::string>> list(const Path& folder) = 0;
    /// list() with a stat() of each name; what vanished meanwhile is left out.
    virtual Result<std::vector<FoundFile>> look_into(const Path& folder);
    virtual Status make_dirs(const Path& folder) = 0;
    /// Bytes and permission bits of a regular file; the target appears atomically.
    virtual Status copy(const Path& from, const Path& to) = 0;
    /// A file or a whole folder; succeeds when there is nothing. Never follows symlinks.
    virtual Status remove(const Path& path) = 0;
    virtual Status rename(const Path& from, const Path& to) = 0;
    /// Exclusive advisory lock; class LOCK with the holder's pid when it is taken.
    virtual Result<std::unique_ptr<FileLock>> lock(const Path& path) = 0;
    /// Streams; 64 hex digits.
    virtual Result<std::string> sha256(const Path& path) = 0;
    /// Bytes free for us on the file system of the path.
    virtual Result<std::uint64_t> free_space(const Path& path) = 0;
};

/// The kernel's file system.
std::unique_ptr<FileSystem> make_file_system();

/// Every regular file below a folder, relative and sorted; symlinks are listed, not followed.
Result<std::vector<Path>> walk(FileSystem& files, const Path& folder);

/// What walk() finds with its information, in the same order. Names that `skips` takes are left
/// out, and so is what lies below them.
Result<std::vector<FoundFile>> survey(FileSystem& files,
                                      const Path& folder,
                                      const std::function<bool(std::string_view name)>& skips = {});

/// True when the path, once normalised, stays below the folder (no "..", not absolute elsewhere).
bool stays_below(const Path& folder, const Path& path);

} // namespace taohf::host
