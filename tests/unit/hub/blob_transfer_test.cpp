#include <taohf/base/digest.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/hub/blob_transfer.hpp"
#include "support/fake_host.hpp"

namespace taohf::hub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string k_commit(40, 'a');
const std::string k_bytes = "0123456789 and what follows";

class Transfer : public testing::Test {
protected:
    Transfer() {
        EXPECT_TRUE(fake.files.make_dirs(cache.folder() / "blobs"));
        serve([](const host::HttpRequest&) {});
    }

    /// The file as the Hub serves it, after `before` has seen the request.
    void serve(std::function<void(const host::HttpRequest&)> before) {
        fake.http.handle(url, [this, before](const host::HttpRequest& request) {
            before(request);
            host::HttpResponse response;
            response.headers = {{"x-repo-commit", k_commit}};
            std::size_t offset = 0;
            for (const auto& [name, value] : request.headers)
                if (name == "Range")
                    offset = std::stoul(value.substr(6));
            response.status = offset > 0 && ranges ? 206 : 200;
            response.body = content.substr(response.status == 206 ? offset : 0);
            if (response.status == 206)
                response.headers.emplace_back("content-range",
                                              "bytes " + std::to_string(offset) + "-");
            return response;
        });
    }

    Status run() {
        return BlobTransfer(fake.host, client, watch, cache, k_commit, "f", file).run();
    }

    host::Path blob() const { return cache.blob(file.etag); }

    host::Path part() const { return blob().string() + ".incomplete"; }

    test::FakeHost fake;
    HubSettings settings{"https://hub.test", "/cache", "", false};
    ModelId id{"org/model", "main"};
    HubClient client{fake.host, settings, id};
    CacheEntry cache{fake.files, settings, id};
    RemoteFile file{k_bytes.size(), sha256(k_bytes)};
    std::vector<std::string> told;
    Watch watch{{}, [this](const std::string& line) { told.push_back(line); }};
    std::string url = "https://hub.test/org/model/resolve/" + k_commit + "/f";
    std::string content = k_bytes;
    bool ranges = true;
};

TEST_F(Transfer, GivesTheNameToTheWholeFile) {
    const auto done = run();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(fake.files.content(blob()), k_bytes);
    EXPECT_FALSE(fake.files.stat(part(), true));
}

TEST_F(Transfer, GoesOnWhereAnotherStopped) {
    fake.files.put(part(), "0123456789");
    std::string asked;
    serve([&asked](const host::HttpRequest& request) { asked = request.headers.at(0).second; });
    ASSERT_TRUE(run());
    EXPECT_EQ(asked, "bytes=10-");
    EXPECT_EQ(fake.files.content(blob()), k_bytes);
}

TEST_F(Transfer, BeginsAnewWithoutRanges) {
    ranges = false;
    fake.files.put(part(), "something else");
    ASSERT_TRUE(run());
    EXPECT_EQ(fake.files.content(blob()), k_bytes);
}

TEST_F(Transfer, BeginsAnewAfterAPartThatIsTooLong) {
    fake.files.put(part(), k_bytes + "more");
    ASSERT_TRUE(run());
    EXPECT_EQ(fake.files.content(blob()), k_bytes);
}

TEST_F(Transfer, TriesABrokenLineFiveTimes) {
    fake.files.put(part(), "0123");
    fake.http.break_connection(url, 4);
    EXPECT_TRUE(run());
    fake.files.put(part(), "0123");
    EXPECT_TRUE(fake.files.remove(blob()));
    fake.http.break_connection(url, 5);
    const auto broken = run();
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::net);
    EXPECT_THAT(broken.error().kept, HasSubstr("4 B of 27 B are kept"));
    EXPECT_EQ(fake.files.content(part()), "0123");
}

TEST_F(Transfer, ThrowsWrongBytesAway) {
    content[3] = 'x';
    const auto damaged = run();
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, ErrorCode::input);
    EXPECT_FALSE(fake.files.stat(part(), true));
    EXPECT_FALSE(fake.files.stat(blob(), true));
}

TEST_F(Transfer, TakesNoMoreThanWasAnnounced) {
    content += "more";
    const auto refused = run();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("more arrived of f than the 27 bytes"));
    EXPECT_FALSE(fake.files.stat(blob(), true));
}

TEST_F(Transfer, KeepsNothingOfARefusal) {
    fake.http.answer(url, 403, "a page that is no part of the file");
    EXPECT_EQ(run().error().code, ErrorCode::auth);
    EXPECT_FALSE(fake.files.stat(part(), true));
}

TEST_F(Transfer, TellsAmountSpeedAndTimeLeft) {
    serve([this](const host::HttpRequest&) { fake.clock.advance(std::chrono::seconds(7)); });
    ASSERT_TRUE(run());
    EXPECT_THAT(told, ElementsAre("f: 7 B of 27 B, 1 B/s, 20 s left")); // pieces of seven bytes
}

TEST_F(Transfer, DoesNotWriteWhatTheDiskHasNoRoomFor) {
    file.size = std::uint64_t(1) << 62;
    EXPECT_EQ(run().error().code, ErrorCode::storage);
    EXPECT_EQ(fake.http.requests().size(), 0u);
}

} // namespace
} // namespace taohf::hub
