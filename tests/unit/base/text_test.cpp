#include <taohf/base/text.hpp>

#include <gtest/gtest.h>

namespace taohf::text {
namespace {

TEST(TextTrim, RemovesSpaceAtBothEnds) {
    EXPECT_EQ(trim(" \ta b\r\n"), "a b");
}

TEST(TextTrim, OfSpaceIsEmpty) {
    EXPECT_EQ(trim(" \n"), "");
}

TEST(TextSplit, KeepsEmptyParts) {
    EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string>{"a", "", "b", ""}));
}

TEST(TextJoin, IsTheInverseOfSplit) {
    EXPECT_EQ(join(split("a,,b,", ','), ","), "a,,b,");
}

TEST(TextLower, LeavesOtherAlphabetsAlone) {
    EXPECT_EQ(lower("ViT-Ä"), "vit-Ä");
}

TEST(TextReplaceAll, DoesNotReplaceInItsOwnOutput) {
    EXPECT_EQ(replace_all("aa", "a", "aa"), "aaaa");
}

TEST(TextReplaceAll, OfNothingChangesNothing) {
    EXPECT_EQ(replace_all("aa", "", "b"), "aa");
}

class TextNearest : public testing::Test {
protected:
    std::vector<std::string> keys{"needs", "steps", "gates"};
};

TEST_F(TextNearest, FindsASlip) {
    EXPECT_EQ(nearest("neds", keys), "needs");
}

TEST_F(TextNearest, TakesTwoThatChangedPlacesForOneSlip) {
    keys = {"title", "host", "check_host", "release"};
    EXPECT_EQ(nearest("titel", keys), "title");
    EXPECT_EQ(nearest("hots", keys), "host");
    EXPECT_EQ(nearest("chek_hots", keys), "check_host");
}

TEST_F(TextNearest, IgnoresCase) {
    EXPECT_EQ(nearest("GATES", keys), "gates");
}

TEST_F(TextNearest, FindsNothingFarAway) {
    EXPECT_EQ(nearest("outputs", keys), std::nullopt);
}

TEST_F(TextNearest, FindsNothingAmongNothing) {
    EXPECT_EQ(nearest("needs", {}), std::nullopt);
}

TEST_F(TextNearest, TakesTheNearerOfTwo) {
    keys = {"trained", "training"};
    EXPECT_EQ(nearest("trainin", keys), "training");
}

class Utf8 : public testing::TestWithParam<std::pair<std::string_view, bool>> {};

TEST_P(Utf8, IsJudgedByRfc3629) {
    EXPECT_EQ(is_utf8(GetParam().first), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(Bytes,
                         Utf8,
                         testing::Values(std::pair("plain", true),
                                         std::pair("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", true),
                                         std::pair("\xF4\x8F\xBF\xBF", true),
                                         std::pair("\xC0\x80", false),
                                         std::pair("\xE0\x80\xAF", false),
                                         std::pair("\xED\xA0\x80", false),
                                         std::pair("\xF4\x90\x80\x80", false),
                                         std::pair("\xE2\x82", false),
                                         std::pair("\x80", false),
                                         std::pair("\xFF", false)));

class Printable : public testing::TestWithParam<std::pair<std::string_view, std::string_view>> {};

TEST_P(Printable, KeepsTextOnly) {
    EXPECT_EQ(printable(GetParam().first), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(Strangers,
                         Printable,
                         testing::Values(std::pair("a\tb\nc", "a\tb\nc"),
                                         std::pair("\x1B[1;31mred\x1B[0m", "red"),
                                         std::pair("\x1B]0;title\x07text", "text"),
                                         std::pair("\x1B]8;;http://x\x1B\\link", "link"),
                                         std::pair("\x1B(Btext", "text"),
                                         std::pair("cut \x1B[1;3", "cut "),
                                         std::pair("cut \x1B", "cut "),
                                         std::pair("bell\x07 delete\x7F return\r",
                                                   "bell delete return"),
                                         std::pair("c1 \xC2\x9B"
                                                   "31m",
                                                   "c1 31m"),
                                         std::pair("bad \xFF\xC3 byte", "bad  byte"),
                                         std::pair("\xC3\xA4", "\xC3\xA4")));

TEST(HumanBytes, CountsSmallSizesExactly) {
    EXPECT_EQ(human_bytes(999), "999 B");
}

TEST(HumanBytes, RoundsLargeSizes) {
    EXPECT_EQ(human_bytes(1'234'000'000), "1.2 GB");
}

TEST(HumanSeconds, HasATenthWhenShort) {
    EXPECT_EQ(human_seconds(1.26), "1.3 s");
}

TEST(HumanSeconds, HasMinutes) {
    EXPECT_EQ(human_seconds(184), "3 min 04 s");
}

TEST(HumanSeconds, HasHours) {
    EXPECT_EQ(human_seconds(3 * 3600 + 5 * 60), "3 h 05 min");
}

class Versions : public testing::TestWithParam<std::tuple<const char*, const char*, int>> {};

TEST_P(Versions, AreComparedByNumber) {
    const auto& [left, right, order] = GetParam();
    EXPECT_EQ(compare_versions(left, right), order);
}

INSTANTIATE_TEST_SUITE_P(Pairs,
                         Versions,
                         testing::Values(std::tuple("6.9", "6.26.3", -1),
                                         std::tuple("7.0", "7", 0),
                                         std::tuple("7.3.0", "6.26.3", 1),
                                         std::tuple("20.10.24+dfsg1", "20.10.24", 0)));

TEST(PythonIdentifier, IsWhatCodeMayUse) {
    for (const char* name : {"modeling_tiny", "_x", "Tiny2"})
        EXPECT_TRUE(is_python_identifier(name)) << name;
    for (const char* name : {"", "2b", "a b", "a.b", "a-b", "../a", "class", "None", "\xc3\xa4"})
        EXPECT_FALSE(is_python_identifier(name)) << name;
}

TEST(TextMatches, SearchesAnywhere) {
    EXPECT_TRUE(matches("Execution status: PASS", "status: (PASS|OK)$"));
}

TEST(TextMatches, FindsNothingByAnInvalidPattern) {
    EXPECT_FALSE(matches("(", "("));
}

TEST(TextMatches, TakesLinearTime) {
    EXPECT_FALSE(matches(std::string(100'000, 'a'), "(a*)*b"));
}

} // namespace
} // namespace taohf::text
