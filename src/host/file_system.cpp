#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>
#include <taohf/host/file_system.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace taohf::host {

namespace {

/// Closes its descriptor.
class Descriptor final {
public:
    explicit Descriptor(int value) : value_(value) {}

    ~Descriptor() {
        if (value_ >= 0)
            ::close(value_);
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return value_; }

private:
    int value_;
};

tl::unexpected<Error> failure(const std::string& what, const Path& path, int number) {
    const bool storage =
        number == ENOSPC || number == EROFS || number == EDQUOT || number == EIO || number == EFBIG;
    return fail(storage ? ErrorCode::storage : ErrorCode::input,
                "cannot " + what + " '" + path.string() + "': " + std::strerror(number),
                number == ENOSPC || number == EDQUOT
                    ? "free some space and run the same command again"
                    : "");
}

/// Whatever the kernel's reason, the place cannot take a folder.
tl::unexpected<Error> cannot_make(const Path& folder, int number) {
    auto error = failure("make the folder", folder, number);
    error.value().code = ErrorCode::storage;
    if (error.value().next.empty())
        error.value().next =
            "choose a place where you may write: ls -ld '" + folder.parent_path().string() + "'";
    return error;
}

FileKind kind_of(mode_t mode) {
    return S_ISREG(mode)   ? FileKind::regular
           : S_ISDIR(mode) ? FileKind::directory
           : S_ISLNK(mode) ? FileKind::symlink
                           : FileKind::other;
}

FileInfo info_of(const struct ::stat& found) {
    FileInfo info;
    info.kind = kind_of(found.st_mode);
    info.size = static_cast<std::uint64_t>(found.st_size);
    info.mtime_ns = found.st_mtim.tv_sec * 1'000'000'000LL + found.st_mtim.tv_nsec;
    info.inode = found.st_ino;
    info.mode = found.st_mode & 07777u;
    info.owner = found.st_uid;
    return info;
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

Status write_all(int descriptor, std::string_view bytes, const Path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failure("write", path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

class HeldLock final : public FileLock {
public:
    explicit HeldLock(int descriptor) : descriptor_(descriptor) {}

private:
    Descriptor descriptor_; // closing releases the flock
};

class KernelFileSystem final : public FileSystem {
public:
    Result<std::string> read(const Path& path, std::uint64_t limit) override {
        const auto info = stat(path, true);
        const auto too_large = [&] {
            return fail(ErrorCode::input,
                        "'" + path.string() + "' is larger than " + text::human_bytes(limit));
        };
        if (info && info->kind == FileKind::regular && info->size > limit)
            return too_large();
        TAOHF_TRY_ASSIGN(std::string bytes, read_range(path, 0, limit + 1));
        if (bytes.size() > limit) // it grew, or its size is not told (a device, /proc)
            return too_large();
        return bytes;
    }

    Result<std::string>
    read_range(const Path& path, std::uint64_t offset, std::uint64_t size) override {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file.get() < 0)
            return failure("read", path, errno);

        struct ::stat found {};

        if (::fstat(file.get(), &found) != 0 || S_ISDIR(found.st_mode))
            return failure("read", path, S_ISDIR(found.st_mode) ? EISDIR : errno);
        std::string bytes;
        if (S_ISREG(found.st_mode))
            bytes.reserve(std::min<std::uint64_t>(size, static_cast<std::uint64_t>(found.st_size)));
        char buffer[1 << 16];
        while (bytes.size() < size) {
            const auto wanted = std::min<std::uint64_t>(sizeof buffer, size - bytes.size());
            const ssize_t got =
                ::pread(file.get(), buffer, wanted, static_cast<off_t>(offset + bytes.size()));
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return failure("read", path, errno);
            if (got == 0)
                break;
            bytes.append(buffer, static_cast<std::size_t>(got));
        }
        return bytes;
    }

    Status write_atomic(const Path& path, std::string_view bytes, unsigned mode) override {
        return replace(path, mode, [&](int target) { return write_all(target, bytes, path); });
    }

    Status append(const Path& path, std::string_view bytes) override {
        const Descriptor file(
            ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
        if (file.get() < 0)
            return failure("write", path, errno);
        return write_all(file.get(), bytes, path);
    }

    std::optional<FileInfo> stat(const Path& path, bool follow) override {
        struct ::stat found {};

        if ((follow ? ::stat(path.c_str(), &found) : ::lstat(path.c_str(), &found)) != 0)
            return std::nullopt;
        return info_of(found);
    }

    Result<std::vector<std::string>> list(const Path& folder) override {
        std::error_code error;
        std::vector<std::string> names;
        for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
             at.increment(error))
            names.push_back(at->path().filename().string());
        if (error)
            return failure("list", folder, error.value());
        std::ranges::sort(names);
        return names;
    }

    Result<std::vector<FoundFile>> look_into(const Path& folder) override {
        const std::unique_ptr<DIR, CloseFolder> opened(::opendir(folder.c_str()));
        if (opened == nullptr)
            return failure("list", folder, errno);
        std::vector<FoundFile> found;
        for (;;) {
            errno = 0;
            const dirent* entry = ::readdir(opened.get());
            if (entry == nullptr && errno != 0)
                return failure("list", folder, errno);
            if (entry == nullptr)
                break;
            const std::string_view name = entry->d_name;

            struct ::stat status {};

            // Relative to the folder, so that the kernel does not look up the whole path each time.
            if (name != "." && name != ".." &&
                ::fstatat(::dirfd(opened.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
                found.push_back({std::string(name), info_of(status)});
        }
        std::ranges::sort(found, {}, &FoundFile::path);
        return found;
    }

    Status make_dirs(const Path& folder) override {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error)
            return cannot_make(folder, error.value());
        return {};
    }

    Status copy(const Path& from, const Path& to) override {
        const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));

        struct ::stat found {};

        if (source.get() < 0 || ::fstat(source.get(), &found) != 0)
            return failure("read", from, errno);
        return replace(to, found.st_mode & 0777u, [&](int target) {
            return pump(source.get(), target, from, to);
        });
    }

    Status remove(const Path& path) override {
        std::error_code error;
        std::filesystem::remove_all(path, error); // does not follow symlinks
        if (error)
            return failure("remove", path, error.value());
        return {};
    }

    Status rename(const Path& from, const Path& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0)
            return failure("rename", from, errno);
        return {};
    }

    Result<std::unique_ptr<FileLock>> lock(const Path& path) override {
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0)
            return failure("lock", path, errno);
        auto held = std::make_unique<HeldLock>(file);
        if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK)
                return failure("lock", path, errno);
            return taken(path);
        }
        if (!is_still_named(file, path)) // a holder that removes its lock file was faster
            return taken(path);
        const std::string pid = std::to_string(::getpid()) + "\n";
        if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) < 0)
            return failure("lock", path, errno);
        return held;
    }

    Result<std::string> sha256(const Path& path) override {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (file.get() < 0)
            return failure("read", path, errno);
        Sha256 hash;
        std::string buffer(1 << 18, '\0');
        for (;;) {
            const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return failure("read", path, errno);
            if (got == 0)
                return hash.hex();
            hash.update(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
        }
    }

    Result<std::uint64_t> free_space(const Path& path) override {
        struct statvfs found {};

        if (::statvfs(path.c_str(), &found) != 0)
            return failure("ask for the free space of", path, errno);
        return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
    }

private:
    tl::unexpected<Error> taken(const Path& path) {
        const std::string holder(text::trim(read_range(path, 0, 32).value_or("")));
        const std::string message = "another taohf run holds '" + path.string() + "'";
        if (holder.empty()) // it holds the lock and has not written its number yet
            return fail(ErrorCode::lock, message, "wait for it to end");
        return fail(ErrorCode::lock,
                    message + " (process " + holder + ")",
                    "wait for it to end, or stop it with: kill " + holder);
    }

    static bool is_still_named(int file, const Path& path) {
        struct ::stat held {};

        struct ::stat named {};

        return ::fstat(file, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
               held.st_ino == named.st_ino && held.st_dev == named.st_dev;
    }

    /// Temporary file beside the target, filled, on the disk, and only then under its name.
    template <class Fill> static Status replace(const Path& path, unsigned mode, const Fill& fill) {
        const Path temporary =
            path.parent_path() / ("." + path.filename().string() + "." + random_hex(8) + ".tmp");
        Status status;
        {
            const Descriptor file(
                ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
            if (file.get() < 0)
                return failure("write", path, errno);
            status = fill(file.get());
            if (status && (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0))
                status = failure("write", path, errno);
        }
        if (status && ::rename(temporary.c_str(), path.c_str()) != 0)
            status = failure("write", path, errno);
        if (status)
            sync_folder(path.parent_path());
        else
            ::unlink(temporary.c_str());
        return status;
    }

    /// Makes a rename survive a power cut; some file systems refuse it, and that is no failure.
    static void sync_folder(const Path& folder) {
        const Descriptor opened(
            ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (opened.get() >= 0)
            ::fsync(opened.get());
    }

    static Status pump(int source, int target, const Path& from, const Path& to) {
        std::string buffer(1 << 18, '\0');
        for (;;) {
            const ssize_t got = ::read(source, buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return failure("read", from, errno);
            if (got == 0)
                return {};
            TAOHF_TRY(write_all(
                target, std::string_view(buffer).substr(0, static_cast<std::size_t>(got)), to));
        }
    }
};

Status survey_into(FileSystem& files,
                   const std::string& folder,
                   const std::string& inside,
                   const std::function<bool(std::string_view)>& skips,
                   std::vector<FoundFile>& found) {
    TAOHF_TRY_ASSIGN(auto entries, files.look_into(folder));
    for (FoundFile& entry : entries) {
        if (skips && skips(entry.path))
            continue;
        const std::string name = entry.path;
        entry.path = inside + name;
        if (entry.info.kind == FileKind::directory)
            TAOHF_TRY(survey_into(files, folder + "/" + name, entry.path + "/", skips, found));
        else if (entry.info.kind != FileKind::other) // reading a pipe would never end
            found.push_back(std::move(entry));
    }
    return {};
}

} // namespace

std::unique_ptr<FileSystem> make_file_system() {
    return std::make_unique<KernelFileSystem>();
}

Result<std::vector<FoundFile>> FileSystem::look_into(const Path& folder) {
    TAOHF_TRY_ASSIGN(auto names, list(folder));
    std::vector<FoundFile> found;
    for (std::string& name : names)
        if (const auto info = stat(folder / name, false))
            found.push_back({std::move(name), *info});
    return found;
}

Result<std::vector<FoundFile>>
survey(FileSystem& files, const Path& folder, const std::function<bool(std::string_view)>& skips) {
    std::vector<FoundFile> found;
    TAOHF_TRY(survey_into(files, folder.string(), {}, skips, found));
    return found;
}

Result<std::vector<Path>> walk(FileSystem& files, const Path& folder) {
    TAOHF_TRY_ASSIGN(const auto found, survey(files, folder));
    std::vector<Path> paths;
    paths.reserve(found.size());
    for (const FoundFile& file : found)
        paths.emplace_back(file.path);
    return paths;
}

bool stays_below(const Path& folder, const Path& path) {
    const Path relative = path.lexically_normal().lexically_relative(folder.lexically_normal());
    return !relative.empty() && *relative.begin() != "..";
}

} // namespace taohf::host
