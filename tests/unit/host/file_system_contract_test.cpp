#include <taohf/host/file_system.hpp>

#include <gtest/gtest.h>

#include "support/memory_file_system.hpp"
#include "unit/hub/real_host.hpp"

namespace taohf::host {
namespace {

struct OnDisk {
    taohf::test::TemporaryFolder folder;
    std::unique_ptr<FileSystem> system = make_file_system();
    FileSystem& files = *system;
    Path root = folder.path();
};

struct InMemory {
    taohf::test::MemoryFileSystem files;
    Path root = "/root-folder";

    InMemory() { (void)files.make_dirs(root); }
};

/// What the kernel's file system and the fake both promise.
template <class Bench> class FileSystemContract : public testing::Test {
protected:
    Bench bench;
    FileSystem& files = bench.files;
    Path file = bench.root / "a.txt";

    /// The message of a failed call, or "done".
    template <class Outcome> static std::string told(const Outcome& outcome) {
        return outcome ? "done" : outcome.error().message;
    }
};

using Benches = testing::Types<OnDisk, InMemory>;
TYPED_TEST_SUITE(FileSystemContract, Benches);

TYPED_TEST(FileSystemContract, ReadsWhatWasWritten) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "one"));
    EXPECT_EQ(this->files.read(this->file).value_or("none"), "one");
}

TYPED_TEST(FileSystemContract, ReplacesTheOldContent) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "a long first content"));
    ASSERT_TRUE(this->files.write_atomic(this->file, "two"));
    EXPECT_EQ(this->files.read(this->file).value_or("none"), "two");
}

TYPED_TEST(FileSystemContract, WritesTheModeAskedFor) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "x", 0600));
    EXPECT_EQ(this->files.stat(this->file)->mode, 0600u);
}

TYPED_TEST(FileSystemContract, LeavesNothingBesideAWrittenFile) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "x"));
    EXPECT_EQ(this->files.list(this->bench.root).value(), std::vector<std::string>{"a.txt"});
}

TYPED_TEST(FileSystemContract, SaysWhyAMissingFileCannotBeRead) {
    EXPECT_EQ(this->told(this->files.read(this->file)),
              "cannot read '" + this->file.string() + "': No such file or directory");
}

TYPED_TEST(FileSystemContract, CallsAMissingFileBadInput) {
    EXPECT_EQ(this->files.read(this->file).error().code, ErrorCode::input);
}

TYPED_TEST(FileSystemContract, DoesNotReadAFolder) {
    EXPECT_EQ(this->told(this->files.read(this->bench.root)),
              "cannot read '" + this->bench.root.string() + "': Is a directory");
}

TYPED_TEST(FileSystemContract, DoesNotReadMoreThanTheLimit) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "12345"));
    EXPECT_EQ(this->told(this->files.read(this->file, 4)),
              "'" + this->file.string() + "' is larger than 4 B");
}

TYPED_TEST(FileSystemContract, ReadsAFileAsLargeAsTheLimit) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "1234"));
    EXPECT_TRUE(this->files.read(this->file, 4));
}

TYPED_TEST(FileSystemContract, ReadsARange) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "0123456789"));
    EXPECT_EQ(this->files.read_range(this->file, 3, 4).value(), "3456");
}

TYPED_TEST(FileSystemContract, ReadsARangeUpToTheEnd) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "0123456789"));
    EXPECT_EQ(this->files.read_range(this->file, 8, 40).value(), "89");
}

TYPED_TEST(FileSystemContract, ReadsNothingBehindTheEnd) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "0123456789"));
    EXPECT_EQ(this->files.read_range(this->file, 11, 4).value(), "");
}

TYPED_TEST(FileSystemContract, DoesNotMakeTheFolderOfAFile) {
    EXPECT_FALSE(this->files.write_atomic(this->bench.root / "no" / "a.txt", "x"));
}

TYPED_TEST(FileSystemContract, AppendsToAFile) {
    ASSERT_TRUE(this->files.append(this->file, "one\n"));
    ASSERT_TRUE(this->files.append(this->file, "two\n"));
    EXPECT_EQ(this->files.read(this->file).value(), "one\ntwo\n");
}

TYPED_TEST(FileSystemContract, FindsNothingWhereNothingIs) {
    EXPECT_EQ(this->files.stat(this->file), std::nullopt);
}

TYPED_TEST(FileSystemContract, TellsTheSize) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "12345"));
    EXPECT_EQ(this->files.stat(this->file)->size, 5u);
}

TYPED_TEST(FileSystemContract, GivesAReplacedFileANewInode) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "1"));
    const auto before = this->files.stat(this->file)->inode;
    ASSERT_TRUE(this->files.write_atomic(this->file, "2"));
    EXPECT_NE(this->files.stat(this->file)->inode, before);
}

TYPED_TEST(FileSystemContract, MakesFoldersWithTheirParents) {
    ASSERT_TRUE(this->files.make_dirs(this->bench.root / "b" / "c"));
    EXPECT_EQ(this->files.stat(this->bench.root / "b" / "c")->kind, FileKind::directory);
}

TYPED_TEST(FileSystemContract, MakesNoFolderBelowAFile) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "x"));
    EXPECT_FALSE(this->files.make_dirs(this->file / "b"));
}

TYPED_TEST(FileSystemContract, ListsNamesSorted) {
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "b", ""));
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "a", ""));
    ASSERT_TRUE(this->files.make_dirs(this->bench.root / "B" / "c"));
    EXPECT_EQ(this->files.list(this->bench.root).value(),
              (std::vector<std::string>{"B", "a", "b"}));
}

TYPED_TEST(FileSystemContract, DoesNotListAMissingFolder) {
    EXPECT_FALSE(this->files.list(this->bench.root / "no"));
}

TYPED_TEST(FileSystemContract, CopiesBytes) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "bytes"));
    ASSERT_TRUE(this->files.copy(this->file, this->bench.root / "b"));
    EXPECT_EQ(this->files.read(this->bench.root / "b").value(), "bytes");
}

TYPED_TEST(FileSystemContract, CopiesPermissionBits) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "bytes", 0750));
    ASSERT_TRUE(this->files.copy(this->file, this->bench.root / "b"));
    EXPECT_EQ(this->files.stat(this->bench.root / "b")->mode, 0750u);
}

TYPED_TEST(FileSystemContract, RemovesAFolderWithItsFiles) {
    ASSERT_TRUE(this->files.make_dirs(this->bench.root / "b"));
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "b" / "c", ""));
    ASSERT_TRUE(this->files.remove(this->bench.root / "b"));
    EXPECT_EQ(this->files.stat(this->bench.root / "b" / "c"), std::nullopt);
}

TYPED_TEST(FileSystemContract, RemovesOnlyWhatWasNamed) {
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "b", ""));
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "bb", ""));
    ASSERT_TRUE(this->files.remove(this->bench.root / "b"));
    EXPECT_EQ(this->files.list(this->bench.root).value(), std::vector<std::string>{"bb"});
}

TYPED_TEST(FileSystemContract, RemovesNothingWithoutComplaint) {
    EXPECT_TRUE(this->files.remove(this->file));
}

TYPED_TEST(FileSystemContract, RenamesAFolderWithItsFiles) {
    ASSERT_TRUE(this->files.make_dirs(this->bench.root / "b"));
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "b" / "c", "x"));
    ASSERT_TRUE(this->files.rename(this->bench.root / "b", this->bench.root / "d"));
    EXPECT_EQ(this->files.read(this->bench.root / "d" / "c").value_or("none"), "x");
}

TYPED_TEST(FileSystemContract, DoesNotRenameWhatIsMissing) {
    EXPECT_FALSE(this->files.rename(this->file, this->bench.root / "b"));
}

TYPED_TEST(FileSystemContract, RefusesASecondLock) {
    const auto held = this->files.lock(this->file);
    EXPECT_EQ(this->files.lock(this->file).error().code, ErrorCode::lock);
}

TYPED_TEST(FileSystemContract, GivesTheLockAgainOnceReleased) {
    { const auto held = this->files.lock(this->file); }
    EXPECT_TRUE(this->files.lock(this->file));
}

TYPED_TEST(FileSystemContract, DigestsAFile) {
    ASSERT_TRUE(this->files.write_atomic(this->file, "abc"));
    EXPECT_EQ(this->files.sha256(this->file).value(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TYPED_TEST(FileSystemContract, LooksIntoAFolderAsListAndStatDo) {
    (void)this->files.write_atomic(this->bench.root / "b.txt", "bb");
    (void)this->files.write_atomic(this->bench.root / ".hidden", "");
    (void)this->files.make_dirs(this->bench.root / "a" / "deep");
    const auto found = this->files.look_into(this->bench.root);
    ASSERT_TRUE(found) << this->told(found);
    std::vector<std::string> names;
    for (const FoundFile& one : *found) {
        names.push_back(one.path);
        const auto info = this->files.stat(this->bench.root / one.path, false);
        ASSERT_TRUE(info);
        EXPECT_EQ(one.info.kind, info->kind);
        EXPECT_EQ(one.info.size, info->size);
        EXPECT_EQ(one.info.mtime_ns, info->mtime_ns);
        EXPECT_EQ(one.info.inode, info->inode);
    }
    EXPECT_EQ(names, this->files.list(this->bench.root).value_or(std::vector<std::string>{}));
    EXPECT_EQ(names.size(), 3u);
    EXPECT_FALSE(this->files.look_into(this->bench.root / "absent"));
}

TYPED_TEST(FileSystemContract, AFolderThatCannotBeMadeIsAMatterOfStorage) {
    (void)this->files.write_atomic(this->file, "x");
    const auto made = this->files.make_dirs(this->file / "below");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::storage);
}

TYPED_TEST(FileSystemContract, WalksFilesBelowAFolder) {
    ASSERT_TRUE(this->files.make_dirs(this->bench.root / "b" / "empty"));
    ASSERT_TRUE(this->files.write_atomic(this->bench.root / "b" / "c", ""));
    ASSERT_TRUE(this->files.write_atomic(this->file, ""));
    EXPECT_EQ(walk(this->files, this->bench.root).value(),
              (std::vector<Path>{"a.txt", Path("b") / "c"}));
}

} // namespace
} // namespace taohf::host
