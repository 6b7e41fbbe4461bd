#include <taohf/base/secrets.hpp>

#include <gtest/gtest.h>

namespace taohf {
namespace {

TEST(Secrets, AreMaskedWhereverTheyStand) {
    SecretMask mask;
    mask.add("hf_abcdef");
    EXPECT_EQ(mask.mask("a hf_abcdef and hf_abcdef"), "a *** and ***");
}

TEST(Secrets, ThatAreShortAreIgnored) {
    SecretMask mask;
    mask.add("train");
    EXPECT_EQ(mask.mask("the train step"), "the train step");
}

TEST(Secrets, ThatAreEmptyAreIgnored) {
    SecretMask mask;
    mask.add("");
    EXPECT_EQ(mask.mask("text"), "text");
}

TEST(Secrets, ThatBeginAlikeLeaveNoTail) {
    SecretMask mask;
    mask.add("secret");
    mask.add("secret-and-more");
    EXPECT_EQ(mask.mask("a secret-and-more b secret"), "a *** b ***");
}

} // namespace
} // namespace taohf
