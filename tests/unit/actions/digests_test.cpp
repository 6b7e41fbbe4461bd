#include <taohf/actions/digests.hpp>

#include <gtest/gtest.h>

#include "support/memory_file_system.hpp"

namespace taohf::actions {
namespace {

/// Counts how often folders are looked into and contents are read.
class CountingFileSystem final : public test::MemoryFileSystem {
public:
    int looks = 0;
    int reads = 0;

    Result<std::vector<host::FoundFile>> look_into(const Path& folder) override {
        ++looks;
        return MemoryFileSystem::look_into(folder);
    }

    Result<std::string> sha256(const Path& path) override {
        ++reads;
        return MemoryFileSystem::sha256(path);
    }
};

class DigestsTest : public testing::Test {
protected:
    DigestsTest() {
        files_.put("/data/train/a.png", "a");
        files_.put("/data/train/b.png", "b");
        files_.put("/ws/.taohf/p/lock", "");
    }

    std::string now(const host::Path& path = "/data") {
        return digests_.digest(path).value_or("failed");
    }

    CountingFileSystem files_;
    DigestCache digests_{files_, "/ws/.taohf/p/digests"};
};

TEST_F(DigestsTest, AFolderIsLookedIntoOnceHoweverManyStepsAsk) {
    const std::string first = now();
    const int looks = files_.looks;
    EXPECT_EQ(looks, 2); // it and the folder inside
    for (int step = 0; step < 10; ++step)
        EXPECT_EQ(now(), first);
    EXPECT_EQ(files_.looks, looks);
}

TEST_F(DigestsTest, AfterForgetAChangedFileCounts) {
    const std::string before = now();
    files_.set_time(2'000'000'000);
    files_.put("/data/train/a.png", "A");
    digests_.forget();
    EXPECT_NE(now(), before);
    EXPECT_EQ(files_.reads, 3); // the unchanged one is not read again
}

TEST_F(DigestsTest, AnotherProcessReadsNothingAgain) {
    const std::string before = now();
    ASSERT_TRUE(digests_.save());
    const int reads = files_.reads;
    DigestCache second(files_, "/ws/.taohf/p/digests");
    EXPECT_EQ(second.digest("/data").value_or(""), before);
    EXPECT_EQ(files_.reads, reads);
}

TEST_F(DigestsTest, NothingIsWrittenWhenNothingChanged) {
    (void)now();
    ASSERT_TRUE(digests_.save());
    const int writes = files_.writes();
    (void)now("/data/train");
    ASSERT_TRUE(digests_.save());
    DigestCache second(files_, "/ws/.taohf/p/digests");
    (void)second.digest("/data");
    ASSERT_TRUE(second.save());
    EXPECT_EQ(files_.writes(), writes);
}

TEST_F(DigestsTest, CachesAreNoPartOfAFolder) {
    const std::string before = now();
    files_.put("/data/__pycache__/a.pyc", "x");
    files_.put("/data/train/.git/HEAD", "x");
    digests_.forget();
    EXPECT_EQ(now(), before);
}

TEST_F(DigestsTest, ASymlinkCountsAsTheFileItNames) {
    files_.put("/data/train/c.png", "c");
    const std::string copied = now();
    (void)files_.remove("/data/train/c.png");
    files_.put("/elsewhere/c.png", "c");
    files_.put_symlink("/data/train/c.png", "/elsewhere/c.png");
    digests_.forget();
    EXPECT_EQ(now(), copied);
}

} // namespace
} // namespace taohf::actions
