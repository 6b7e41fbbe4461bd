#include "blob_transfer.hpp"

#include <taohf/base/log.hpp>
#include <taohf/base/text.hpp>

#include <fmt/format.h>

#include "git_blob.hpp"

namespace taohf::hub {

namespace {

constexpr int k_tries = 5;
constexpr std::uint64_t k_progress = 1u << 20;   ///< that makes a broken attempt worth repeating
constexpr std::uint64_t k_max_small = 64u << 20; ///< of a file that is not in LFS
constexpr std::uint64_t k_spare = 64u << 20;     ///< left free on the cache's file system
constexpr std::size_t k_buffer = 1u << 20;
constexpr std::chrono::seconds k_tell_every{5};

std::string time_left(double seconds) {
    const auto whole = static_cast<long long>(seconds);
    return whole < 60 ? fmt::format("{} s", whole)
                      : fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

} // namespace

BlobTransfer::BlobTransfer(host::Host& host,
                           HubClient& client,
                           const Watch& watch,
                           const CacheEntry& cache,
                           std::string commit,
                           std::string name,
                           RemoteFile file)
    : host_(host), client_(client), watch_(watch), cache_(cache), commit_(std::move(commit)),
      name_(std::move(name)), file_(std::move(file)),
      part_(cache.blob(file_.etag).string() + ".incomplete"), started_(host.clock.steady()),
      told_(started_) {}

Status BlobTransfer::run() {
    const auto kept = host_.files.stat(part_);
    done_ = begun_at_ = kept ? kept->size : 0;
    if (done_ > file_.size) {
        TAOHF_TRY(host_.files.remove(part_));
        done_ = begun_at_ = 0;
    }
    TAOHF_TRY(check_space());
    log::info(fmt::format("downloading {} ({}) of {}",
                          name_,
                          text::human_bytes(file_.size),
                          client_.id().repository));
    if (file_.size == 0)
        TAOHF_TRY(host_.files.write_atomic(part_, ""));
    TAOHF_TRY(receive());
    TAOHF_TRY(verify());
    return host_.files.rename(part_, cache_.blob(file_.etag));
}

Status BlobTransfer::check_space() const {
    TAOHF_TRY_ASSIGN(const std::uint64_t free, host_.files.free_space(cache_.folder()));
    const std::uint64_t needed = file_.size - done_;
    if (free < needed + k_spare)
        return fail(ErrorCode::storage,
                    fmt::format("{} needs {}, but {} has {} free",
                                name_,
                                text::human_bytes(needed),
                                cache_.folder().string(),
                                text::human_bytes(free)),
                    "free space, or set HF_HUB_CACHE to another disk");
    return {};
}

Error BlobTransfer::with_what_is_kept(Error error) const {
    if (done_ > 0 && error.code == ErrorCode::net) {
        error.kept = fmt::format(
            "{} of {} are kept", text::human_bytes(done_), text::human_bytes(file_.size));
        error.next = "run the same command again to go on";
    }
    return error;
}

/// A line that breaks again and again without getting ahead is given up.
Status BlobTransfer::receive() {
    int failures = 0;
    while (done_ < file_.size) {
        const std::uint64_t before = done_;
        const Status arrived = receive_once();
        if (arrived && done_ == before)
            return fail(ErrorCode::net, fmt::format("the Hub sent nothing of {}", name_));
        if (arrived)
            continue;
        failures = done_ >= before + k_progress ? 0 : failures + 1;
        if (!arrived.error().transient || failures == k_tries)
            return tl::unexpected<Error>(with_what_is_kept(arrived.error()));
        TAOHF_TRY(client_.pause(failures));
    }
    return {};
}

Status BlobTransfer::receive_once() {
    Status written;
    const auto arrived = client_.stream(commit_, name_, file_, done_, [&](std::string_view piece) {
        written = keep(piece);
        return written.has_value();
    });
    const Status flushed = flush();
    if (!written)
        return written;
    TAOHF_TRY(flushed);
    if (!arrived)
        return tl::unexpected<Error>(arrived.error());
    if (*arrived == HubClient::Arrival::restarted) {
        TAOHF_TRY(host_.files.remove(part_));
        done_ = begun_at_ = 0;
        return receive_once();
    }
    return {};
}

Status BlobTransfer::keep(std::string_view piece) {
    if (piece.size() > file_.size - done_)
        return fail(ErrorCode::input,
                    fmt::format("more arrived of {} than the {} bytes that the Hub announced",
                                name_,
                                file_.size),
                    "run the same command again");
    unwritten_ += piece;
    done_ += piece.size();
    tell();
    return unwritten_.size() < k_buffer ? Status() : flush();
}

Status BlobTransfer::flush() {
    if (unwritten_.empty())
        return {};
    const std::string bytes = std::exchange(unwritten_, {});
    return host_.files.append(part_, bytes);
}

void BlobTransfer::tell() {
    const auto now = host_.clock.steady();
    if (now - told_ < k_tell_every)
        return;
    told_ = now;
    const double seconds = std::chrono::duration<double>(now - started_).count();
    const double speed = static_cast<double>(done_ - begun_at_) / seconds;
    const std::string line =
        fmt::format("{}: {} of {}, {}/s, {} left",
                    name_,
                    text::human_bytes(done_),
                    text::human_bytes(file_.size),
                    text::human_bytes(static_cast<unsigned long long>(speed)),
                    time_left(static_cast<double>(file_.size - done_) / std::max(speed, 1.0)));
    log::info(line);
    if (watch_.tell)
        watch_.tell(line);
}

/// Wrong bytes are thrown away: going on from them could never succeed.
Status BlobTransfer::verify() {
    std::string digest;
    if (file_.etag.size() == 64) {
        TAOHF_TRY_ASSIGN(digest, host_.files.sha256(part_));
    } else {
        TAOHF_TRY_ASSIGN(const std::string bytes, host_.files.read(part_, k_max_small));
        digest = git_blob_sha1(bytes);
    }
    const Status checked =
        check_digest(fmt::format("{} of {}", name_, client_.id().repository), digest, file_);
    if (!checked)
        TAOHF_TRY(host_.files.remove(part_));
    return checked;
}

} // namespace taohf::hub
