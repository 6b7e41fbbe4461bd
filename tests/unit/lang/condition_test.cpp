#include <taohf/lang/condition.hpp>

#include <gtest/gtest.h>

namespace taohf::lang {
namespace {

TEST(Condition, ReadsAsItWasWrittenOrWithoutQuotes) {
    const auto equal = parse_condition("tao.layout == 'core'");
    ASSERT_TRUE(equal);
    EXPECT_EQ(to_text(*equal), "tao.layout == 'core'");
    EXPECT_EQ(plain_text(*equal), "tao.layout == core");
    const auto listed = parse_condition("inputs.precision in [fp16, 'int8', 8]");
    ASSERT_TRUE(listed);
    EXPECT_EQ(to_text(*listed), "inputs.precision in ['fp16', 'int8', 8]");
    EXPECT_EQ(plain_text(*listed), "inputs.precision in [fp16, int8, 8]");
}

} // namespace
} // namespace taohf::lang
