#include <taohf/host/file_system.hpp>

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/hub/real_host.hpp"

namespace taohf::host {
namespace {

class KernelFiles : public testing::Test {
protected:
    taohf::test::TemporaryFolder folder;
    std::unique_ptr<FileSystem> files = make_file_system();
    Path root = folder.path();
};

TEST_F(KernelFiles, StampsTheTimeOfAWrite) {
    const auto before = std::chrono::system_clock::now() - std::chrono::seconds(1);
    ASSERT_TRUE(files->write_atomic(root / "a", "x"));
    EXPECT_GT(
        files->stat(root / "a")->mtime_ns,
        std::chrono::duration_cast<std::chrono::nanoseconds>(before.time_since_epoch()).count());
}

TEST_F(KernelFiles, TellsASymlinkFromItsTarget) {
    ASSERT_TRUE(files->write_atomic(root / "a", "x"));
    std::filesystem::create_symlink("a", root / "link");
    EXPECT_EQ(files->stat(root / "link", false)->kind, FileKind::symlink);
}

TEST_F(KernelFiles, FollowsASymlinkWhenAskedTo) {
    ASSERT_TRUE(files->write_atomic(root / "a", "x"));
    std::filesystem::create_symlink("a", root / "link");
    EXPECT_EQ(files->stat(root / "link", true)->kind, FileKind::regular);
}

TEST_F(KernelFiles, RemovesASymlinkAndNotItsTarget) {
    ASSERT_TRUE(files->make_dirs(root / "kept"));
    ASSERT_TRUE(files->write_atomic(root / "kept" / "a", "x"));
    std::filesystem::create_symlink("kept", root / "link");
    ASSERT_TRUE(files->remove(root / "link"));
    EXPECT_TRUE(files->stat(root / "kept" / "a"));
}

TEST_F(KernelFiles, ListsASymlinkedFolderWithoutWalkingIt) {
    ASSERT_TRUE(files->make_dirs(root / "b"));
    std::filesystem::create_symlink("..", root / "b" / "up");
    EXPECT_EQ(walk(*files, root).value(), std::vector<Path>{Path("b") / "up"});
}

TEST_F(KernelFiles, WalksPastAPipeThatNobodyFills) {
    ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
    EXPECT_TRUE(walk(*files, root).value().empty());
}

TEST_F(KernelFiles, LimitsAFileThatDoesNotTellItsSize) {
    EXPECT_FALSE(files->read("/dev/zero", 100));
}

TEST_F(KernelFiles, NamesTheProcessThatHoldsALock) {
    const auto held = files->lock(root / "lock");
    const std::string pid = std::to_string(::getpid());
    EXPECT_NE(files->lock(root / "lock").error().message.find("(process " + pid + ")"),
              std::string::npos);
}

TEST_F(KernelFiles, TakesALockWhoseHolderWasKilled) {
    ASSERT_TRUE(files->write_atomic(root / "lock", "99999999\n"));
    EXPECT_TRUE(files->lock(root / "lock"));
}

TEST_F(KernelFiles, CallsAFullDiskAStorageError) {
    EXPECT_EQ(files->append("/dev/full", "x").error().code, ErrorCode::storage);
}

TEST_F(KernelFiles, SaysWhatToDoAboutAFullDisk) {
    EXPECT_EQ(files->append("/dev/full", "x").error().next,
              "free some space and run the same command again");
}

/// Writes far over the limit for files in a child process; the exit code tells what was seen.
int write_over_limit(FileSystem& files, const Path& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{4096, 4096};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const Status status = files.write_atomic(path, std::string(100'000, 'x'));
        ::_exit(status ? 0 : exit_code(status.error()));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

TEST_F(KernelFiles, CallsATooLargeFileAStorageError) {
    EXPECT_EQ(write_over_limit(*files, root / "a"), 16);
}

TEST_F(KernelFiles, KeepsTheOldContentWhenAWriteFails) {
    ASSERT_TRUE(files->write_atomic(root / "a", "old"));
    write_over_limit(*files, root / "a");
    EXPECT_EQ(files->read(root / "a").value(), "old");
}

TEST_F(KernelFiles, LeavesNoTemporaryFileWhenAWriteFails) {
    write_over_limit(*files, root / "a");
    EXPECT_TRUE(files->list(root)->empty());
}

TEST_F(KernelFiles, DigestsAFileOfManyPieces) {
    ASSERT_TRUE(files->write_atomic(root / "a", std::string(3'000'000, 'a')));
    EXPECT_EQ(files->sha256(root / "a").value(),
              "2a152c894398719c0570f83fac34ac03a0f6e8e474b995c2403aa5434f7b9dd4");
}

TEST_F(KernelFiles, TellsTheFreeSpace) {
    EXPECT_GT(files->free_space(root).value(), 0u);
}

class Below : public testing::TestWithParam<std::tuple<const char*, const char*, bool>> {};

TEST_P(Below, IsJudgedAfterNormalising) {
    const auto& [folder, path, expected] = GetParam();
    EXPECT_EQ(stays_below(folder, path), expected);
}

INSTANTIATE_TEST_SUITE_P(Paths,
                         Below,
                         testing::Values(std::tuple("/ws", "/ws/a", true),
                                         std::tuple("/ws", "/ws/a/../b", true),
                                         std::tuple("/ws/", "/ws/a", true),
                                         std::tuple("/ws", "/ws/../etc", false),
                                         std::tuple("/ws", "/ws/a/../../etc", false),
                                         std::tuple("/ws", "/wsx/a", false),
                                         std::tuple("/ws", "/etc", false),
                                         std::tuple(".", "a/b", true),
                                         std::tuple(".", "../a", false),
                                         std::tuple("/ws", "a", false)));

} // namespace
} // namespace taohf::host
