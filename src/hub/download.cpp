#include "download.hpp"

#include <taohf/base/log.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "git_blob.hpp"
#include "json_fields.hpp"
#include "weights.hpp"

namespace taohf::hub {

namespace {

constexpr std::uint64_t k_piece = 32u << 20;
constexpr std::uint64_t k_max_small = 64u << 20; ///< of a file that is not in LFS
constexpr std::uint64_t k_spare = 64u << 20;     ///< left free on the cache's file system

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
    Download(host::Host& host, const HubSettings& settings, const ModelId& id)
        : host_(host), id_(id), client_(host, settings), cache_(host.files, settings, id) {}

    Result<std::string> run() {
        TAOHF_TRY(host_.files.make_dirs(cache_.lock_file().parent_path()));
        TAOHF_TRY_ASSIGN(const auto lock, host_.files.lock(cache_.lock_file()));
        TAOHF_TRY_ASSIGN(remote_, client_.model(id_));
        TAOHF_TRY(host_.files.make_dirs(cache_.folder() / "blobs"));
        for (const char* name : k_small_files)
            if (remote_.files.contains(name))
                TAOHF_TRY(fetch(name));
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
            return false;
        if (!classes || !classes->is_array() || classes->empty() || !classes->front().is_string())
            return true; // timm, or a configuration that leaves the class open
        const auto name = classes->front().get<std::string>();
        for (const char* head :
             {"ForImageClassification", "Detection", "Segmentation", "DepthEstimation"})
            if (name.find(head) != std::string::npos)
                return true;
        return false;
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
            TAOHF_TRY_ASSIGN(file, client_.file_facts(id_, remote_.commit, name));
        }
        const auto blob = host_.files.stat(cache_.blob(file.etag));
        if (!blob)
            TAOHF_TRY(fetch_blob(name, file));
        return cache_.link(remote_.commit, name, file.etag);
    }

    Status check_space(const std::string& name, std::uint64_t needed) {
        TAOHF_TRY_ASSIGN(const std::uint64_t free, host_.files.free_space(cache_.folder()));
        if (free < needed + k_spare)
            return fail(ErrorCode::storage,
                        fmt::format("{} needs {}, but {} has {} free",
                                    name,
                                    text::human_bytes(needed),
                                    cache_.folder().string(),
                                    text::human_bytes(free)),
                        "free space, or set HF_HUB_CACHE to another disk");
        return {};
    }

    Status fetch_blob(const std::string& name, const RemoteFile& file) {
        const host::Path part = cache_.blob(file.etag).string() + ".incomplete";
        const auto kept = host_.files.stat(part);
        std::uint64_t done = kept ? kept->size : 0;
        if (done > file.size) {
            TAOHF_TRY(host_.files.remove(part));
            done = 0;
        }
        TAOHF_TRY(check_space(name, file.size - done));
        log::info(fmt::format(
            "downloading {} ({}) of {}", name, text::human_bytes(file.size), id_.repository));
        if (file.size == 0)
            TAOHF_TRY(host_.files.write_atomic(part, ""));
        while (done < file.size) {
            TAOHF_TRY_ASSIGN(const HubClient::Piece piece, next_piece(name, file, done));
            if (piece.whole) {
                TAOHF_TRY(host_.files.write_atomic(part, piece.bytes));
                done = piece.bytes.size();
                break;
            }
            TAOHF_TRY(host_.files.append(part, piece.bytes));
            done += piece.bytes.size();
        }
        TAOHF_TRY(verify(part, name, file, done));
        return host_.files.rename(part, cache_.blob(file.etag));
    }

    Result<HubClient::Piece>
    next_piece(const std::string& name, const RemoteFile& file, std::uint64_t done) {
        const std::uint64_t count = std::min(k_piece, file.size - done);
        auto piece = client_.piece(id_, remote_.commit, name, done, count);
        if (!piece && done > 0) {
            piece.error().kept = fmt::format(
                "{} of {} are kept", text::human_bytes(done), text::human_bytes(file.size));
            piece.error().next = "run the same command again to go on";
        }
        if (piece && piece->bytes.empty())
            return fail(ErrorCode::net, fmt::format("the Hub sent nothing of {}", name));
        return piece;
    }

    /// Wrong bytes are thrown away: going on from them could never succeed.
    Status verify(const host::Path& part,
                  const std::string& name,
                  const RemoteFile& file,
                  std::uint64_t size) {
        std::string digest;
        if (file.etag.size() == 64) {
            TAOHF_TRY_ASSIGN(digest, host_.files.sha256(part));
        } else {
            TAOHF_TRY_ASSIGN(const std::string bytes, host_.files.read(part, k_max_small));
            digest = git_blob_sha1(bytes);
        }
        if (size == file.size && digest == file.etag)
            return {};
        TAOHF_TRY(host_.files.remove(part));
        return fail(ErrorCode::input,
                    fmt::format("{} of {} arrived damaged: checksum {} of {} bytes, expected {} "
                                "of {}",
                                name,
                                id_.repository,
                                digest,
                                size,
                                file.etag,
                                file.size),
                    "run the same command again");
    }

    host::Host& host_;
    const ModelId& id_;
    HubClient client_;
    CacheEntry cache_;
    RemoteModel remote_;
};

} // namespace

Result<std::string>
download_model(host::Host& host, const HubSettings& settings, const ModelId& id) {
    return Download(host, settings, id).run();
}

} // namespace taohf::hub
