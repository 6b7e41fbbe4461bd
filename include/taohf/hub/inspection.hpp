#pragma once

#include <taohf/base/json.hpp>
#include <taohf/host/host.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace taohf::hub {

struct TensorInfo {
    std::string name;
    std::vector<std::int64_t> shape;
    std::string dtype;       ///< "F32", "BF16", ... as in safetensors
    std::uint64_t begin = 0; ///< byte range in the data section of its file
    std::uint64_t end = 0;
    std::string file; ///< which file of the snapshot
};

class RemoteFolder;

/// A snapshot on disk (a local folder or an entry of the HuggingFace cache) or, for look_at(), one
/// that is still on the Hub.
struct Snapshot {
    host::Path folder;
    std::string model;                              ///< what the user typed
    std::string revision;                           ///< 40 hex digits, or "" for a plain folder
    std::string source;                             ///< "folder", "cache" or "hub"
    std::shared_ptr<RemoteFolder> remote = nullptr; ///< set: nothing of it is on disk
    double seconds = 0;                             ///< that it took to find it
    std::string renamed_to = {}; ///< the model's name today, when the Hub moved it
};

/// How a caller follows, and ends, what takes long.
struct Watch {
    std::stop_token stop = {};
    /// Gets a line every few seconds: file, amount, speed, time left.
    std::function<void(const std::string& line)> tell = {};
};

/// What becomes of code that a model's repository brings along. Nothing here runs it in any case.
enum class RemoteCode {
    refused, ///< the model is refused
    allowed, ///< its files are fetched, and the class in `auto_map` counts
};

/// Resolves a folder, `org/name[@rev]`, a hub URL or `hf://…`; looks in the HuggingFace cache first
/// and downloads what the port needs otherwise (NET/AUTH errors tell the kinds apart).
Result<Snapshot> locate(host::Host& host,
                        const std::string& model,
                        const Watch& watch = {},
                        RemoteCode code = RemoteCode::refused);

/// The same without a download: what is not in the cache is read from the Hub, and of weights only
/// what tells names and shapes. Writes nothing. May be called from many threads.
Result<Snapshot> look_at(host::Host& host,
                         const std::string& model,
                         const Watch& watch = {},
                         RemoteCode code = RemoteCode::refused);

/// Header of one safetensors file, checked by every rule of docs/parsers.md (sizes, overlaps,
/// holes, overflow, duplicate names, header length).
Result<std::vector<TensorInfo>> read_safetensors_header(host::FileSystem& files,
                                                        const host::Path& file);
/// The same from bytes: `prefix` = 8 length bytes + header, `file_size` = the whole file's size.
Result<std::vector<TensorInfo>>
parse_safetensors_header(std::string_view prefix, std::uint64_t file_size, const std::string& name);

/// Everything phases 1-2 need, without executing anything of the model. The document's fields:
/// schema, model, revision, source, library, model_type, architecture, task, task_evidence, verdict
/// (portable|refused), reason, remote_code, code_module, labels {count, names}, image {height,
/// width, channels, mean, std, rescale, resize, crop, interpolation, ...}, parameters, tensors,
/// reference {core, inlined}, strategy {choice, why, others}, licence, bytes_read, seconds. An
/// error means that the snapshot could not be read; a model that cannot be ported is no error but
/// verdict "refused" with its reason and the nearest alternative.
Result<Json> inspect(host::Host& host,
                     const Snapshot& snapshot,
                     const Json& family_table,
                     RemoteCode code = RemoteCode::refused);

} // namespace taohf::hub
