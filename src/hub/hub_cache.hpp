#pragma once

#include <taohf/hub/inspection.hpp>

#include <optional>
#include <string>

#include "hub_settings.hpp"
#include "model_id.hpp"

namespace taohf::hub {

/// One model's entry of the HuggingFace cache, in the layout that huggingface_hub reads and writes:
/// blobs/<etag>, refs/<revision>, snapshots/<commit>/<name> -> ../../blobs/<etag>.
class CacheEntry final {
public:
    CacheEntry(host::FileSystem& files, const HubSettings& settings, const ModelId& id);

    const host::Path& folder() const { return folder_; }

    host::Path blob(const std::string& etag) const { return folder_ / "blobs" / etag; }

    host::Path snapshot(const std::string& commit) const { return folder_ / "snapshots" / commit; }

    /// huggingface_hub takes the same lock while it fetches the blob.
    host::Path lock_file(const std::string& etag) const { return locks_ / (etag + ".lock"); }

    /// The commit that the cache holds for the revision.
    std::optional<std::string> commit(const std::string& revision) const;
    /// config.json and every weight file of the first set that loaders would take are there.
    bool is_complete(const std::string& commit) const;
    /// There is Python code. A download takes all of it, and before the weights; only where the
    /// weights were there already can an interruption leave a part, which the import then tells.
    bool has_code(const std::string& commit) const;
    bool has_file(const std::string& commit, const std::string& name) const;

    /// Makes the snapshot's link to a blob that is already complete.
    Status link(const std::string& commit, const std::string& name, const std::string& etag);
    Status write_ref(const std::string& revision, const std::string& commit);

private:
    host::FileSystem& files_;
    host::Path folder_;
    host::Path locks_;
};

/// Shard names of an index file; INPUT error when one is no plain name.
Result<std::vector<std::string>> index_shards(const std::string& bytes, const std::string& index);

} // namespace taohf::hub
