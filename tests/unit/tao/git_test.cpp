#include <taohf/tao/git.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "unit/hub/real_host.hpp"

namespace taohf {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class GitRepository : public testing::Test {
protected:
    GitRepository() {
        folder_.write("a.txt", "one\n");
        const auto status = git_.initialise("Import");
        EXPECT_TRUE(status) << (status ? "" : status.error().message);
    }

    test::TemporaryFolder folder_;
    test::RealHost host_;
    tao::Git git_{host_.host, folder_.path()};
};

TEST_F(GitRepository, tells_commit_branch_and_changes) {
    EXPECT_EQ(git_.head().value_or("").size(), 40u);
    EXPECT_EQ(git_.branch().value_or("error"), "main");
    EXPECT_THAT(git_.changes().value(), ElementsAre());
    folder_.write("a.txt", "two\n");
    folder_.write("new folder/\xc3\xa9.txt", "x\n");
    EXPECT_THAT(git_.changes().value(), ElementsAre("a.txt", "new folder/\xc3\xa9.txt"));
}

TEST_F(GitRepository, diff_shows_new_files_and_leaves_the_index_alone) {
    folder_.write("a.txt", "two\n");
    folder_.write("b.txt", "new\n");
    const auto diff = git_.diff();
    ASSERT_TRUE(diff) << diff.error().message;
    EXPECT_THAT(*diff, HasSubstr("-one\n+two\n"));
    EXPECT_THAT(*diff, HasSubstr("+++ b/b.txt\n@@ -0,0 +1 @@\n+new\n"));
    EXPECT_THAT(git_.changes().value(), ElementsAre("a.txt", "b.txt"));
}

TEST_F(GitRepository, makes_the_branch_once_and_finds_it_again) {
    ASSERT_TRUE(git_.checkout_branch("feature/add-vit", {}));
    EXPECT_EQ(git_.branch().value_or(""), "feature/add-vit");
    ASSERT_TRUE(git_.checkout_branch("main", {}));
    ASSERT_TRUE(git_.checkout_branch("feature/add-vit", {}));
    EXPECT_EQ(git_.branch().value_or(""), "feature/add-vit");
}

TEST_F(GitRepository, refuses_changes_of_the_user_but_not_its_own) {
    folder_.write("mine.py", "");
    const auto refused = git_.checkout_branch("feature/x", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::repo);
    EXPECT_THAT(refused.error().message, HasSubstr("mine.py"));
    EXPECT_EQ(git_.branch().value_or(""), "main");
    EXPECT_TRUE(git_.checkout_branch("feature/x", {"mine.py"}));
}

TEST_F(GitRepository, refuses_branch_names_that_are_options) {
    for (const char* name : {"-x", "--orphan=x", "a..b", "a b", "x.lock", "HEAD", "", "\xc3\xa9"})
        EXPECT_EQ(git_.checkout_branch(name, {}).error().code, ErrorCode::usage) << name;
}

TEST_F(GitRepository, refuses_an_operation_in_progress) {
    folder_.write(".git/MERGE_HEAD", git_.head().value() + "\n");
    const auto status = git_.checkout_branch("feature/x", {});
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("MERGE_HEAD"));
}

TEST_F(GitRepository, says_that_a_head_is_detached) {
    folder_.write(".git/HEAD", git_.head().value() + "\n");
    EXPECT_EQ(git_.branch().value_or("error"), "");
    EXPECT_THAT(git_.checkout_branch("feature/x", {}).error().message, HasSubstr("detached"));
}

TEST_F(GitRepository, runs_no_hook_of_the_repository) {
    folder_.write(".git/hooks/post-checkout", "#!/bin/sh\ntouch \"$GIT_DIR/ran\"\n");
    std::filesystem::permissions(folder_.path() / ".git/hooks/post-checkout",
                                 std::filesystem::perms::owner_all);
    ASSERT_TRUE(git_.checkout_branch("feature/x", {}));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / ".git/ran"));
}

TEST(Git, a_plain_folder_is_no_repository) {
    const test::TemporaryFolder folder;
    test::RealHost host;
    const auto head = tao::Git(host.host, folder.path()).head();
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::repo);
}

} // namespace

} // namespace taohf
