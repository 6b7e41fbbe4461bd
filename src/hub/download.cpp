#include "download.hpp"

#include <taohf/base/log.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <chrono>

#include "blob_transfer.hpp"
#include "json_fields.hpp"
#include "snapshot_files.hpp"
#include "weights.hpp"

namespace taohf::hub {

namespace {

constexpr std::chrono::milliseconds k_lock_wait{200};
constexpr int k_lock_tries = 3 * 3600 * 5; ///< three hours: the largest model over a slow line

/// Read by inspection or by the model's own loaders; taken when they exist.
constexpr const char* k_small_files[] = {"config.json",
                                         "preprocessor_config.json",
                                         "processor_config.json",
                                         "README.md",
                                         "model_index.json",
                                         "adapter_config.json",
                                         "tokenizer.json",
                                         "tokenizer_config.json",
                                         "special_tokens_map.json",
                                         "added_tokens.json",
                                         "vocab.txt",
                                         "vocab.json",
                                         "merges.txt"};

class Download final {
public:
    Download(host::Host& host,
             const HubSettings& settings,
             const ModelId& id,
             const Watch& watch,
             RemoteCode code)
        : host_(host), id_(id), watch_(watch), code_(code), client_(host, settings, id, watch),
          cache_(host.files, settings, id) {}

    Result<std::string> run() {
        TAOHF_TRY_ASSIGN(remote_, client_.model());
        TAOHF_TRY(host_.files.make_dirs(cache_.lock_file("").parent_path()));
        TAOHF_TRY(host_.files.make_dirs(cache_.folder() / "blobs"));
        for (const char* name : k_small_files)
            if (remote_.files.contains(name))
                TAOHF_TRY(fetch(name));
        if (code_ == RemoteCode::allowed)
            TAOHF_TRY(fetch_code());
        TAOHF_TRY_ASSIGN(const bool wanted, wants_weights());
        if (wanted)
            TAOHF_TRY(fetch_weights());
        TAOHF_TRY(cache_.write_ref(id_.revision, remote_.commit));
        return remote_.commit;
    }

private:
    /// A text model of many gigabytes is refused by its configuration alone.
    Result<bool> wants_weights() {
        if (!cache_.has_file(remote_.commit, "config.json"))
            return false;
        TAOHF_TRY_ASSIGN(const std::string bytes,
                         host_.files.read(cache_.snapshot(remote_.commit) / "config.json"));
        TAOHF_TRY_ASSIGN(const Json config, parse_json(bytes, "config.json"));
        const Json* classes = field(config, "architectures");
        if (field(config, "auto_map"))
            return code_ == RemoteCode::allowed;
        if (!classes || !classes->is_array() || classes->empty() || !classes->front().is_string())
            return true; // timm, or a configuration that leaves the class open
        return is_portable_class(classes->front().get<std::string>());
    }

    Status fetch_code() {
        for (const auto& [name, file] : remote_.files)
            if (name.ends_with(".py") && is_plain_name(name))
                TAOHF_TRY(fetch(name));
        return {};
    }

    Status fetch_weights() {
        for (const std::string name : k_weight_files) {
            if (!remote_.files.contains(name))
                continue;
            TAOHF_TRY(fetch(name));
            if (!name.ends_with(".json"))
                return {};
            TAOHF_TRY_ASSIGN(const std::string bytes,
                             host_.files.read(cache_.snapshot(remote_.commit) / name));
            TAOHF_TRY_ASSIGN(const auto shards, index_shards(bytes, name));
            for (const auto& shard : shards) {
                if (!remote_.files.contains(shard))
                    return fail(ErrorCode::input,
                                fmt::format("{} names {}, which {} does not have",
                                            name,
                                            text::printable(shard),
                                            id_.repository));
                TAOHF_TRY(fetch(shard));
            }
            return {};
        }
        return {}; // inspection says which files were looked for
    }

    Status fetch(const std::string& name) {
        if (cache_.has_file(remote_.commit, name))
            return {};
        RemoteFile file = remote_.files[name];
        if (file.etag.empty()) {
            TAOHF_TRY_ASSIGN(file, client_.file_facts(remote_.commit, name));
        }
        if (!host_.files.stat(cache_.blob(file.etag))) {
            TAOHF_TRY_ASSIGN(const auto lock, wait_for_lock(file.etag));
            if (!host_.files.stat(cache_.blob(file.etag))) // another client was faster
                TAOHF_TRY(
                    BlobTransfer(host_, client_, watch_, cache_, remote_.commit, name, file).run());
        }
        return cache_.link(remote_.commit, name, file.etag);
    }

    Result<std::unique_ptr<host::FileLock>> wait_for_lock(const std::string& etag) {
        for (int tries = 0;; ++tries) {
            auto lock = host_.files.lock(cache_.lock_file(etag));
            if (lock || lock.error().code != ErrorCode::lock || tries == k_lock_tries)
                return lock;
            if (tries == 0)
                log::info(fmt::format("another download of {} runs: waiting", etag));
            if (!host_.clock.sleep_for(k_lock_wait, watch_.stop))
                return fail(ErrorCode::interrupted, "the wait for another download was ended");
        }
    }

    host::Host& host_;
    const ModelId& id_;
    Watch watch_;
    RemoteCode code_;
    HubClient client_;
    CacheEntry cache_;
    RemoteModel remote_;
};

} // namespace

Result<std::string> download_model(host::Host& host,
                                   const HubSettings& settings,
                                   const ModelId& id,
                                   const Watch& watch,
                                   RemoteCode code) {
    return Download(host, settings, id, watch, code).run();
}

} // namespace taohf::hub
