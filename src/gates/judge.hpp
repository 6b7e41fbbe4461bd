#pragma once

#include <taohf/gates/gates.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace taohf::gates {

/// What was read once and serves all gates of one call: digests and parsed evidence. An entry is
/// named by path, size, time and inode, so a file that changes meanwhile is read again.
struct Readings {
    std::map<std::string, std::optional<std::string>> digests;
    std::map<std::string, std::shared_ptr<const Result<Json>>> documents;
};

/// One judgement in progress: collects the evidence's paths and answers questions about files.
class Judge final {
public:
    Judge(const GateContext& context, Readings& readings)
        : context_(context), readings_(readings) {}

    host::FileSystem& files() const { return context_.files; }

    /// Where a workspace path, a container's path (/workspace/..., /data/<port>/...) or a path
    /// below the data set lies on this host; nullopt when it is none of these.
    std::optional<host::Path> locate(const std::string& path) const;
    /// The file's information through symlinks; nullopt when absent or outside.
    std::optional<host::FileInfo> stat(const std::string& path) const;
    /// Of a regular file as it is now; nullopt when there is none or it cannot be read.
    std::optional<std::string> digest(const std::string& path);
    /// Of a file or folder as a step's record has it; "absent" for nothing, "unreadable" for what
    /// fails.
    std::string recorded_digest(const std::string& path);

    const Json& scope() const { return context_.scope; }

    /// A JSON or YAML document, parsed once.
    std::shared_ptr<const Result<Json>> json(const std::string& path);
    std::shared_ptr<const Result<Json>> yaml(const std::string& path);
    /// Newest modification of a file, or of the files in a folder; nullopt when there is none.
    std::optional<std::int64_t> newest(const std::string& path);

    /// Records a path as evidence; an engine made by the emulation marks the judgement.
    void saw(const std::string& path);
    bool is_emulated_engine(const std::string& path) const;

    void rests_on_emulation() { emulated_ = true; }

    bool emulated() const { return emulated_; }

    const std::set<std::string>& evidence() const { return evidence_; }

private:
    using Parser = Result<Json> (*)(const std::string& text, const std::string& name);
    std::shared_ptr<const Result<Json>> document(const std::string& path, Parser parse);

    const GateContext& context_;
    Readings& readings_;
    std::set<std::string> evidence_;
    bool emulated_ = false;
};

/// Header of what the sandbox's TensorRT emulation writes instead of an engine.
constexpr std::string_view k_emulated_engine = "TAOHF-EMULATED-TENSORRT-ENGINE\n";

} // namespace taohf::gates
