#include <taohf/base/log.hpp>

#include <gtest/gtest.h>

namespace taohf {
namespace {

/// What a function writes to standard error.
template <class Function> std::string errors_of(const Function& function) {
    testing::internal::CaptureStderr();
    function();
    return testing::internal::GetCapturedStderr();
}

class DevelopersLog : public testing::Test {
protected:
    ~DevelopersLog() override { log::start("off"); }
};

TEST_F(DevelopersLog, IsOffUnlessAskedFor) {
    EXPECT_EQ(errors_of([] { log::info("hello"); }), "");
}

TEST_F(DevelopersLog, NeverWritesToStandardOutput) {
    testing::internal::CaptureStdout();
    log::info("hello");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST_F(DevelopersLog, WritesItsLevelAndAbove) {
    EXPECT_TRUE(errors_of([] {
                    log::start("info");
                    log::info("hello");
                }).ends_with(" info hello\n"));
}

TEST_F(DevelopersLog, LeavesOutWhatIsBelowItsLevel) {
    EXPECT_EQ(errors_of([] {
                  log::start("info");
                  log::debug("hello");
              }),
              "");
}

} // namespace
} // namespace taohf
