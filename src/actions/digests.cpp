#include <taohf/actions/digests.hpp>
#include <taohf/base/digest.hpp>
#include <taohf/base/text.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace taohf::actions {

namespace {

template <class T> bool number(std::string_view text, T& out) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool is_cache(std::string_view name) {
    return name == "__pycache__" || name == ".pytest_cache" || name == ".git";
}

} // namespace

DigestCache::DigestCache(host::FileSystem& files, host::Path store)
    : files_(files), store_(std::move(store)) {
    load();
}

/// One line a file: sha256 size mtime inode path. A line that does not parse is forgotten.
void DigestCache::load() {
    if (!files_.stat(store_))
        return;
    const auto text = files_.read(store_);
    if (!text)
        return;
    std::string_view rest = *text;
    entries_.reserve(static_cast<std::size_t>(std::ranges::count(rest, '\n')));
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        std::string_view fields[4];
        std::string_view tail = line;
        bool whole = true;
        for (auto& field : fields) {
            const auto space = tail.find(' ');
            whole = whole && space != std::string_view::npos;
            if (!whole)
                break;
            field = tail.substr(0, space);
            tail.remove_prefix(space + 1);
        }
        Entry entry;
        if (whole && fields[0].size() == 64 && number(fields[1], entry.size) &&
            number(fields[2], entry.mtime_ns) && number(fields[3], entry.inode)) {
            entry.sha256 = fields[0];
            entries_.insert_or_assign(std::string(tail), std::move(entry));
        }
    }
}

Status DigestCache::save() {
    if (!changed_)
        return {};
    std::vector<std::string> paths;
    for (const auto& [path, entry] : entries_)
        if (!entry.sha256.empty()) // a file that could not be read
            paths.push_back(path);
    std::ranges::sort(paths);
    std::string text;
    for (const std::string& path : paths) {
        const Entry& entry = entries_.at(path);
        text += entry.sha256 + " " + std::to_string(entry.size) + " " +
                std::to_string(entry.mtime_ns) + " " + std::to_string(entry.inode) + " " + path +
                "\n";
    }
    changed_ = false;
    return files_.write_atomic(store_, text);
}

Result<std::string> DigestCache::file_digest(const std::string& path, const host::FileInfo& info) {
    Entry& entry = entries_[path];
    if (!entry.sha256.empty() && entry.size == info.size && entry.mtime_ns == info.mtime_ns &&
        entry.inode == info.inode)
        return entry.sha256;
    TAOHF_TRY_ASSIGN(std::string digest, files_.sha256(path));
    entry = {info.size, info.mtime_ns, info.inode, digest};
    changed_ = true;
    return digest;
}

Result<std::string> DigestCache::folder_digest(const host::Path& path) {
    TAOHF_TRY_ASSIGN(const auto found, host::survey(files_, path, is_cache));
    const std::string prefix = (path / "").string();
    Sha256 hash;
    for (const host::FoundFile& file : found) {
        const std::string whole = prefix + file.path;
        const auto info = file.info.kind == host::FileKind::symlink ? files_.stat(whole)
                                                                    : std::optional(file.info);
        if (!info || info->kind != host::FileKind::regular)
            continue;
        TAOHF_TRY_ASSIGN(const std::string digest, file_digest(whole, *info));
        hash.field(file.path).field(digest);
    }
    return hash.hex();
}

Result<std::string> DigestCache::measure(const host::Path& path) {
    const auto info = files_.stat(path);
    if (!info)
        return std::string("absent");
    return info->kind == host::FileKind::regular ? file_digest(path.string(), *info)
                                                 : folder_digest(path);
}

Result<std::string> DigestCache::digest(const host::Path& path) {
    const std::string key = path.string();
    if (const auto known = measured_.find(key); known != measured_.end())
        return known->second;
    TAOHF_TRY_ASSIGN(std::string digest, measure(path));
    measured_[key] = digest;
    return digest;
}

Result<state::Artefact> DigestCache::artefact(const host::Path& workspace,
                                              const std::string& relative) {
    const auto info = files_.stat(workspace / relative);
    if (!info)
        return fail(ErrorCode::step, "'" + relative + "' was promised but does not exist");
    TAOHF_TRY_ASSIGN(std::string digest, this->digest(workspace / relative));
    return state::Artefact{relative, std::move(digest), info->size, info->mtime_ns};
}

} // namespace taohf::actions
