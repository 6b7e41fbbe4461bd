#include <taohf/host/environment.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace taohf::host {
namespace {

/// Sets HOME for one test.
class Home : public testing::Test {
protected:
    Home() : before_(make_environment()->get("HOME").value_or("/")) {}

    ~Home() override { ::setenv("HOME", before_.c_str(), 1); }

private:
    std::string before_;
};

TEST_F(Home, IsTheOneOfTheEnvironment) {
    ::setenv("HOME", "/home/ann", 1);
    EXPECT_EQ(make_environment()->home(), "/home/ann");
}

TEST_F(Home, IsTheUsersOwnWhenNotTold) {
    ::unsetenv("HOME");
    EXPECT_TRUE(make_environment()->home().is_absolute());
}

TEST(ProcessEnvironment, HasNoVariableThatIsNotSet) {
    EXPECT_EQ(make_environment()->get("TAOHF_NOT_SET"), std::nullopt);
}

TEST(ProcessEnvironment, TellsAnEmptyVariableFromNone) {
    ::setenv("TAOHF_EMPTY", "", 1);
    EXPECT_EQ(make_environment()->get("TAOHF_EMPTY"), "");
}

TEST(ProcessEnvironment, KnowsTheUser) {
    EXPECT_EQ(make_environment()->user_id(), ::getuid());
}

TEST(ProcessEnvironment, CallsAFileNoTerminal) {
    const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_FALSE(make_environment()->is_terminal(file));
    ::close(file);
}

TEST(ProcessEnvironment, SurvivesARemovedWorkingDirectory) {
    const auto before = std::filesystem::current_path();
    std::string folder = (std::filesystem::temp_directory_path() / "taohf-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    std::filesystem::current_path(folder);
    std::filesystem::remove(folder);
    EXPECT_EQ(make_environment()->working_directory(), "/");
    std::filesystem::current_path(before);
}

} // namespace
} // namespace taohf::host
