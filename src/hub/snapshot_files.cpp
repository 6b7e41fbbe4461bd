#include "snapshot_files.hpp"

#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "remote_folder.hpp"

namespace taohf::hub {

namespace {

constexpr std::uint64_t k_max_json = 64u << 20;

bool below(const host::Path& folder, const host::Path& path) {
    const auto [end, ignored] =
        std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return end == folder.end();
}

} // namespace

bool is_plain_name(const std::string& name) {
    return !name.empty() && name.size() <= 255 && name.front() != '.' && name.front() != '-' &&
           name.back() != ' ' && name.back() != '.' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != '/' && c != '\\' && c != ':' &&
                      c != 0x7f;
           });
}

SnapshotFiles::SnapshotFiles(host::Host& host, const Snapshot& snapshot)
    : folder_(snapshot.folder), remote_(snapshot.remote), files_(snapshot.remote) {
    if (!files_)
        files_ = std::make_shared<CountedFiles>(host.files);
}

const Json* SnapshotFiles::card() const {
    return remote_ ? remote_->card() : nullptr;
}

bool SnapshotFiles::has(const std::string& name) const {
    const auto info = files_->stat(folder_ / name, true);
    return info && info->kind == host::FileKind::regular;
}

Result<host::Path> SnapshotFiles::resolve(const std::string& name) const {
    if (!is_plain_name(name))
        return fail(ErrorCode::input,
                    fmt::format("'{}' is no plain file name", text::printable(name)));
    if (remote_)
        return folder_ / name;
    std::error_code error;
    const auto root = std::filesystem::canonical(folder_, error);
    const auto file = error ? host::Path() : std::filesystem::canonical(folder_ / name, error);
    if (error)
        return fail(ErrorCode::input,
                    fmt::format("cannot read {} of {}: {}",
                                text::printable(name),
                                folder_.string(),
                                error.message()));
    if (below(root, file))
        return file;
    // models--org--name/snapshots/<commit>/<file> -> models--org--name/blobs/<etag>
    if (root.parent_path().filename() == "snapshots" &&
        file.parent_path() == root.parent_path().parent_path() / "blobs")
        return file;
    return fail(ErrorCode::policy,
                fmt::format("{} is a symlink that leads out of the snapshot, to {}",
                            text::printable(name),
                            file.string()));
}

Result<std::string> SnapshotFiles::read(const std::string& name, std::uint64_t limit) {
    TAOHF_TRY_ASSIGN(const host::Path file, resolve(name));
    return files_->read(file, limit);
}

Result<Json> SnapshotFiles::read_optional_json(const std::string& name) {
    if (!has(name))
        return Json::object();
    TAOHF_TRY_ASSIGN(const std::string bytes, read(name, k_max_json));
    TAOHF_TRY_ASSIGN(Json document, parse_json(bytes, name));
    if (!document.is_object())
        return fail(ErrorCode::input, fmt::format("{} holds no JSON object", name));
    return document;
}

std::vector<std::string> SnapshotFiles::names() const {
    auto names = files_->list(folder_);
    return names ? *std::move(names) : std::vector<std::string>();
}

} // namespace taohf::hub
