#pragma once

#include <taohf/host/file_system.hpp>

#include <map>
#include <set>
#include <string>

namespace taohf::test {

/// Files in memory. Time stands still unless the test moves it, and a chosen write fails.
/// Symlinks are followed as the last part of a path only.
class MemoryFileSystem : public host::FileSystem {
public:
    using Path = host::Path;

    /// Arranges a file, its parents included; does not count as a write.
    void put(const Path& path, std::string_view bytes, unsigned mode = 0644);
    void put_symlink(const Path& path, const Path& target);
    /// The whole content; empty when there is no such file.
    std::string content(const Path& path) const;
    bool exists(const Path& path) const;

    /// What later writes are stamped with.
    void set_time(std::int64_t nanoseconds) { time_ns_ = nanoseconds; }

    void set_mtime(const Path& path, std::int64_t nanoseconds);
    void set_owner(const Path& path, unsigned user);

    void set_free_space(std::uint64_t bytes) { free_space_ = bytes; }

    /// The nth write from now on (1 is the next) fails once; write_atomic, append and copy count.
    /// A failed append leaves the first half of its bytes, as a full disk does.
    void fail_write(int nth, ErrorCode code = ErrorCode::storage);

    /// Writes since the start, the failed ones included.
    int writes() const { return writes_; }

    /// Every later lock of the path meets this holder.
    void lock_by_other(const Path& path, int pid) { foreign_locks_[path.lexically_normal()] = pid; }

    Result<std::string> read(const Path& path, std::uint64_t limit) override;
    Result<std::string>
    read_range(const Path& path, std::uint64_t offset, std::uint64_t size) override;
    Status write_atomic(const Path& path, std::string_view bytes, unsigned mode) override;
    Status append(const Path& path, std::string_view bytes) override;
    std::optional<host::FileInfo> stat(const Path& path, bool follow) override;
    Result<std::vector<std::string>> list(const Path& folder) override;
    Status make_dirs(const Path& folder) override;
    Status copy(const Path& from, const Path& to) override;
    Status remove(const Path& path) override;
    Status rename(const Path& from, const Path& to) override;
    Result<std::unique_ptr<host::FileLock>> lock(const Path& path) override;
    Result<std::string> sha256(const Path& path) override;
    Result<std::uint64_t> free_space(const Path& path) override;

private:
    struct Node {
        host::FileInfo info;
        std::string bytes; ///< content, or the target of a symlink
    };

    const Node* find(const Path& path, bool follow = true) const;
    Result<const Node*> file(const Path& path) const;
    Node& make_node(const Path& path, host::FileKind kind, unsigned mode);
    /// Counts a write and refuses it when it is the chosen one or its folder is missing.
    Status begin_write(const Path& path);

    std::map<Path, Node> nodes_;
    std::map<Path, int> foreign_locks_;
    std::set<Path> held_;
    std::int64_t time_ns_ = 1'000'000'000;
    std::uint64_t next_inode_ = 1;
    std::uint64_t free_space_ = 1ull << 40;
    int writes_ = 0;
    int failing_write_ = 0;
    ErrorCode failing_code_ = ErrorCode::storage;
};

} // namespace taohf::test
