#include "support/memory_file_system.hpp"

#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace taohf::test {

namespace {

constexpr int k_max_links = 40;

/// The words of the kernel's file system, so that a test of a message holds for both.
tl::unexpected<Error> failure(const std::string& what, const host::Path& path, int number) {
    const bool is_storage = number == ENOSPC || number == EROFS || number == EIO;
    return fail(is_storage ? ErrorCode::storage : ErrorCode::input,
                "cannot " + what + " '" + path.string() + "': " + std::strerror(number));
}

class MemoryLock final : public host::FileLock {
public:
    MemoryLock(std::set<host::Path>& held, host::Path path) : held_(held), path_(std::move(path)) {
        held_.insert(path_);
    }

    ~MemoryLock() override { held_.erase(path_); }

private:
    std::set<host::Path>& held_;
    host::Path path_;
};

} // namespace

void MemoryFileSystem::put(const Path& path, std::string_view bytes, unsigned mode) {
    if (const Path parent = path.lexically_normal().parent_path(); !parent.empty())
        (void)make_dirs(parent);
    Node& node = make_node(path, host::FileKind::regular, mode);
    node.bytes = bytes;
    node.info.size = bytes.size();
}

void MemoryFileSystem::put_symlink(const Path& path, const Path& target) {
    put(path, target.string(), 0777);
    nodes_.at(path.lexically_normal()).info.kind = host::FileKind::symlink;
}

std::string MemoryFileSystem::content(const Path& path) const {
    const Node* node = find(path);
    return node == nullptr ? std::string() : node->bytes;
}

bool MemoryFileSystem::exists(const Path& path) const {
    return find(path, false) != nullptr;
}

void MemoryFileSystem::set_mtime(const Path& path, std::int64_t nanoseconds) {
    nodes_.at(path.lexically_normal()).info.mtime_ns = nanoseconds;
}

void MemoryFileSystem::set_owner(const Path& path, unsigned user) {
    nodes_.at(path.lexically_normal()).info.owner = user;
}

void MemoryFileSystem::fail_write(int nth, ErrorCode code) {
    failing_write_ = writes_ + nth;
    failing_code_ = code;
}

const MemoryFileSystem::Node* MemoryFileSystem::find(const Path& path, bool follow) const {
    Path at = path.lexically_normal();
    if (!at.has_filename() && at != at.root_path())
        at = at.parent_path();
    for (int links = 0; links < k_max_links; ++links) {
        const auto found = nodes_.find(at);
        if (found == nodes_.end())
            return nullptr;
        if (!follow || found->second.info.kind != host::FileKind::symlink)
            return &found->second;
        at = (at.parent_path() / found->second.bytes).lexically_normal();
    }
    return nullptr;
}

Result<const MemoryFileSystem::Node*> MemoryFileSystem::file(const Path& path) const {
    const Node* node = find(path);
    if (node == nullptr)
        return failure("read", path, ENOENT);
    if (node->info.kind == host::FileKind::directory)
        return failure("read", path, EISDIR);
    return node;
}

MemoryFileSystem::Node&
MemoryFileSystem::make_node(const Path& path, host::FileKind kind, unsigned mode) {
    Node& node = nodes_[path.lexically_normal()];
    node = Node();
    node.info.kind = kind;
    node.info.mode = mode;
    node.info.mtime_ns = time_ns_;
    node.info.inode = next_inode_++;
    return node;
}

Status MemoryFileSystem::begin_write(const Path& path) {
    if (++writes_ == failing_write_)
        return fail(failing_code_,
                    "cannot write '" + path.string() + "': " + std::strerror(ENOSPC),
                    "free some space and run the same command again");
    const Path parent = path.lexically_normal().parent_path();
    if (!parent.empty() && parent != parent.root_path() && find(parent) == nullptr)
        return failure("write", path, ENOENT);
    if (const Node* node = find(path); node && node->info.kind == host::FileKind::directory)
        return failure("write", path, EISDIR);
    return {};
}

Result<std::string> MemoryFileSystem::read(const Path& path, std::uint64_t limit) {
    TAOHF_TRY_ASSIGN(const Node* node, file(path));
    if (node->bytes.size() > limit)
        return fail(ErrorCode::input,
                    "'" + path.string() + "' is larger than " + text::human_bytes(limit));
    return node->bytes;
}

Result<std::string>
MemoryFileSystem::read_range(const Path& path, std::uint64_t offset, std::uint64_t size) {
    TAOHF_TRY_ASSIGN(const Node* node, file(path));
    return offset >= node->bytes.size() ? std::string() : node->bytes.substr(offset, size);
}

Status MemoryFileSystem::write_atomic(const Path& path, std::string_view bytes, unsigned mode) {
    TAOHF_TRY(begin_write(path));
    put(path, bytes, mode);
    return {};
}

Status MemoryFileSystem::append(const Path& path, std::string_view bytes) {
    const Status begun = begin_write(path);
    const bool is_torn = !begun && writes_ == failing_write_;
    if (!begun && !is_torn)
        return begun;
    const Node* old = find(path);
    const std::string before = old == nullptr ? std::string() : old->bytes;
    const unsigned mode = old == nullptr ? 0644 : old->info.mode;
    put(path, before + std::string(is_torn ? bytes.substr(0, bytes.size() / 2) : bytes), mode);
    return begun;
}

std::optional<host::FileInfo> MemoryFileSystem::stat(const Path& path, bool follow) {
    const Node* node = find(path, follow);
    return node == nullptr ? std::nullopt : std::optional(node->info);
}

Result<std::vector<std::string>> MemoryFileSystem::list(const Path& folder) {
    const Node* node = find(folder);
    if (node == nullptr || node->info.kind != host::FileKind::directory)
        return failure("list", folder, node == nullptr ? ENOENT : ENOTDIR);
    Path normal = folder.lexically_normal();
    if (!normal.has_filename() && normal != normal.root_path())
        normal = normal.parent_path();
    std::vector<std::string> names;
    for (const auto& [path, child] : nodes_)
        if (path != normal && path.parent_path() == normal)
            names.push_back(path.filename().string());
    std::ranges::sort(names);
    return names;
}

Status MemoryFileSystem::make_dirs(const Path& folder) {
    Path at;
    for (const Path& part : folder.lexically_normal()) {
        if (part.empty())
            continue;
        at /= part;
        const Node* node = find(at);
        if (node != nullptr && node->info.kind != host::FileKind::directory)
            return fail(ErrorCode::storage,
                        "cannot make the folder '" + folder.string() +
                            "': " + std::strerror(ENOTDIR));
        if (node == nullptr)
            make_node(at, host::FileKind::directory, 0755);
    }
    return {};
}

Status MemoryFileSystem::copy(const Path& from, const Path& to) {
    TAOHF_TRY_ASSIGN(const Node* source, file(from));
    const Node original = *source;
    TAOHF_TRY(begin_write(to));
    put(to, original.bytes, original.info.mode);
    return {};
}

Status MemoryFileSystem::remove(const Path& path) {
    const Path normal = path.lexically_normal();
    std::erase_if(nodes_, [&normal](const auto& row) {
        return row.first == normal || host::stays_below(normal, row.first);
    });
    return {};
}

Status MemoryFileSystem::rename(const Path& from, const Path& to) {
    if (find(from, false) == nullptr)
        return failure("rename", from, ENOENT);
    const Path source = from.lexically_normal();
    const Path target = to.lexically_normal();
    std::map<Path, Node> moved;
    for (auto at = nodes_.begin(); at != nodes_.end();) {
        if (at->first != source && !host::stays_below(source, at->first)) {
            ++at;
            continue;
        }
        const Path below = at->first.lexically_relative(source);
        moved[below == "." ? target : target / below] = std::move(at->second);
        at = nodes_.erase(at);
    }
    for (auto& [path, node] : moved)
        nodes_[path] = std::move(node);
    return {};
}

Result<std::unique_ptr<host::FileLock>> MemoryFileSystem::lock(const Path& path) {
    const Path normal = path.lexically_normal();
    const auto other = foreign_locks_.find(normal);
    if (other != foreign_locks_.end() || held_.contains(normal)) {
        const std::string holder =
            other == foreign_locks_.end() ? "1" : std::to_string(other->second);
        return fail(ErrorCode::lock,
                    "another taohf run holds '" + path.string() + "' (process " + holder + ")",
                    "wait for it to end, or stop it with: kill " + holder);
    }
    if (find(path) == nullptr)
        put(path, "1\n");
    return std::make_unique<MemoryLock>(held_, normal);
}

Result<std::string> MemoryFileSystem::sha256(const Path& path) {
    TAOHF_TRY_ASSIGN(const Node* node, file(path));
    return taohf::sha256(node->bytes);
}

Result<std::uint64_t> MemoryFileSystem::free_space(const Path&) {
    return free_space_;
}

} // namespace taohf::test
