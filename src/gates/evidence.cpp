#include <taohf/base/text.hpp>
#include <taohf/lang/node.hpp>

#include <algorithm>

#include "judge.hpp"

namespace taohf::gates {

namespace {

constexpr std::uint64_t k_max_document = 64u << 20;

/// Names one content of one file for as long as nobody writes to it.
std::string reading_key(const host::Path& file, const host::FileInfo& info) {
    return file.string() + '\0' + std::to_string(info.size) + '/' + std::to_string(info.mtime_ns) +
           '/' + std::to_string(info.inode);
}

std::string scope_text(const Json& scope, std::string_view dotted) {
    const Json* value = find_path(scope, dotted);
    return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

Result<Json> parse_yaml(const std::string& text, const std::string& name) {
    Diagnostics diagnostics;
    const auto node = lang::read_yaml(text, name, diagnostics);
    if (!node)
        return tl::unexpected<Error>(diagnostics.to_error(ErrorCode::input));
    return lang::to_json(*node);
}

Result<Json> parse_evidence(const std::string& text, const std::string& name) {
    return parse_json(text, name);
}

} // namespace

std::optional<host::Path> Judge::locate(const std::string& path) const {
    constexpr std::string_view inside = "/workspace/";
    if (path.empty() || path.find('\0') != std::string::npos)
        return std::nullopt;
    host::Path found = context_.workspace / path; // an absolute path replaces the workspace
    if (host::stays_below(context_.workspace, found))
        return found;
    const std::string data = scope_text(context_.scope, "paths.data");
    const std::string dataset = scope_text(context_.scope, "paths.dataset");
    const host::Path images = context_.workspace / dataset;
    if (path.starts_with(inside)) {
        found = context_.workspace / path.substr(inside.size());
        return host::stays_below(context_.workspace, found) ? std::optional(found) : std::nullopt;
    }
    if (dataset.empty())
        return std::nullopt;
    if (!data.empty() && path.starts_with(data + "/"))
        found = images / path.substr(data.size() + 1);
    return host::stays_below(images, found) ? std::optional(found) : std::nullopt;
}

std::optional<host::FileInfo> Judge::stat(const std::string& path) const {
    const auto file = locate(path);
    return file ? context_.files.stat(*file) : std::nullopt;
}

std::optional<std::string> Judge::digest(const std::string& path) {
    const auto info = stat(path);
    if (!info || info->kind != host::FileKind::regular)
        return std::nullopt;
    const host::Path file = *locate(path);
    const auto [entry, is_new] = readings_.digests.try_emplace(reading_key(file, *info));
    if (is_new && context_.digest)
        entry->second = context_.digest(file);
    else if (is_new)
        if (const auto hex = context_.files.sha256(file))
            entry->second = *hex;
    return entry->second;
}

std::string Judge::recorded_digest(const std::string& path) {
    const auto file = locate(path);
    if (!file || !context_.files.stat(*file))
        return "absent";
    return context_.digest ? context_.digest(*file) : digest(path).value_or("unreadable");
}

std::shared_ptr<const Result<Json>> Judge::document(const std::string& path, Parser parse) {
    const auto info = stat(path);
    const auto file = locate(path);
    const std::string key = info && file ? reading_key(*file, *info) : path;
    auto& entry = readings_.documents[key];
    if (entry == nullptr && !info)
        return std::make_shared<Result<Json>>(
            fail(ErrorCode::input, "'" + path + "' does not exist"));
    if (entry == nullptr) {
        auto text = context_.files.read(*file, k_max_document);
        entry = std::make_shared<Result<Json>>(
            text ? parse(*text, path) : Result<Json>(tl::unexpected<Error>(text.error())));
    }
    return entry;
}

std::shared_ptr<const Result<Json>> Judge::json(const std::string& path) {
    return document(path, parse_evidence);
}

std::shared_ptr<const Result<Json>> Judge::yaml(const std::string& path) {
    return document(path, parse_yaml);
}

std::optional<std::int64_t> Judge::newest(const std::string& path) {
    const auto info = stat(path);
    if (!info || info->kind != host::FileKind::directory)
        return info ? std::optional(info->mtime_ns) : std::nullopt;
    const host::Path folder = *locate(path);
    std::optional<std::int64_t> newest;
    const auto found = host::walk(context_.files, folder);
    for (const auto& file : found ? *found : std::vector<host::Path>{})
        if (const auto inner = context_.files.stat(folder / file))
            newest = std::max(newest.value_or(inner->mtime_ns), inner->mtime_ns);
    return newest;
}

void Judge::saw(const std::string& path) {
    const auto file = locate(path);
    const bool ours = file && host::stays_below(context_.workspace, *file);
    evidence_.insert(ours ? file->lexically_relative(context_.workspace).string() : path);
    emulated_ = emulated_ || is_emulated_engine(path);
}

bool Judge::is_emulated_engine(const std::string& path) const {
    const auto info = stat(path);
    if (!info || info->kind != host::FileKind::regular || info->size < k_emulated_engine.size())
        return false;
    const auto head = context_.files.read_range(*locate(path), 0, k_emulated_engine.size());
    return head && *head == k_emulated_engine;
}

} // namespace taohf::gates
