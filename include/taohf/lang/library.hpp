#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/file_system.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taohf::lang {

/// The texts of phases/ or templates/: embedded in the binary, or from a folder given by
/// --phases / --templates. Read once; paths are relative to that folder ("3-trainer.yaml").
class Library final {
public:
    /// `root` is "phases" or "templates".
    static Library embedded(std::string_view root);
    static Result<Library> from_folder(host::FileSystem& files, const host::Path& folder);
    static Library from_map(std::map<std::string, std::string> texts); ///< for tests

    const std::string* find(const std::string& path) const;
    /// A YAML file as JSON, parsed once; SPEC error when it is missing or has slips.
    const Result<Json>& document(const std::string& path) const;
    /// SHA-256 of a text, computed once; nullopt when it is missing.
    std::optional<std::string> digest(const std::string& path) const;

    /// What messages call a file: below the folder it was read from, or below phases/ or
    /// templates/.
    std::string place(const std::string& path) const { return prefix_ + path; }

    /// Paths that start with a prefix, sorted.
    std::vector<std::string> list(std::string_view prefix = {}) const;

    /// "embedded" or the folder.
    const std::string& origin() const { return origin_; }

private:
    std::map<std::string, std::string> texts_;
    std::string origin_;
    std::string prefix_;
    mutable std::map<std::string, Result<Json>> documents_;
    mutable std::map<std::string, std::string> digests_;
};

} // namespace taohf::lang
