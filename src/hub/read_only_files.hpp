#pragma once

#include <taohf/host/file_system.hpp>

#include <atomic>

namespace taohf::hub {

/// A file system that only looks. Whatever would change something is a BUG error.
class ReadOnlyFiles : public host::FileSystem {
public:
    Status write_atomic(const host::Path& path, std::string_view, unsigned) override {
        return refuse(path);
    }

    Status append(const host::Path& path, std::string_view) override { return refuse(path); }

    Status make_dirs(const host::Path& folder) override { return refuse(folder); }

    Status copy(const host::Path&, const host::Path& to) override { return refuse(to); }

    Status remove(const host::Path& path) override { return refuse(path); }

    Status rename(const host::Path& from, const host::Path&) override { return refuse(from); }

    Result<std::unique_ptr<host::FileLock>> lock(const host::Path& path) override {
        return refuse(path);
    }

    Result<std::string> sha256(const host::Path& path) override { return refuse(path); }

    Result<std::uint64_t> free_space(const host::Path& path) override { return refuse(path); }

    /// How much was read through it so far.
    virtual std::uint64_t bytes_read() const = 0;

private:
    static tl::unexpected<Error> refuse(const host::Path& path) {
        return fail(ErrorCode::bug, "'" + path.string() + "' is only looked at");
    }
};

/// Another file system, with what is read through it counted.
class CountedFiles final : public ReadOnlyFiles {
public:
    explicit CountedFiles(host::FileSystem& files) : files_(files) {}

    Result<std::string> read(const host::Path& path, std::uint64_t limit) override {
        return counted(files_.read(path, limit));
    }

    Result<std::string>
    read_range(const host::Path& path, std::uint64_t offset, std::uint64_t size) override {
        return counted(files_.read_range(path, offset, size));
    }

    std::optional<host::FileInfo> stat(const host::Path& path, bool follow) override {
        return files_.stat(path, follow);
    }

    Result<std::vector<std::string>> list(const host::Path& folder) override {
        return files_.list(folder);
    }

    std::uint64_t bytes_read() const override { return bytes_; }

private:
    Result<std::string> counted(Result<std::string> bytes) {
        bytes_ += bytes ? bytes->size() : 0;
        return bytes;
    }

    host::FileSystem& files_;
    std::atomic<std::uint64_t> bytes_ = 0;
};

} // namespace taohf::hub
