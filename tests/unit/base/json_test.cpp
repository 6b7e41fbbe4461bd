#include <taohf/base/json.hpp>

#include <gtest/gtest.h>

namespace taohf {
namespace {

std::string complaint(std::string_view text) {
    const auto parsed = parse_json(text, "config.json");
    return parsed ? "accepted" : parsed.error().message;
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

class RefusedJson : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(RefusedJson, SaysWhy) {
    EXPECT_NE(complaint(GetParam().first).find(GetParam().second), std::string::npos)
        << complaint(GetParam().first);
}

INSTANTIATE_TEST_SUITE_P(
    Texts,
    RefusedJson,
    testing::Values(std::pair(R"({"a": 1, "a": 2})", "the key 'a' stands twice"),
                    std::pair(R"([{"b": {"c": 1, "c": 1}}])", "the key 'c' stands twice"),
                    std::pair(R"({"a": 1, "\u0061": 2})", "the key 'a' stands twice"),
                    std::pair("\"\xC3\x28\"", "not UTF-8"),
                    std::pair("\"\xC0\xAF\"", "not UTF-8"),
                    std::pair(nested(65), "nested deeper than 64"),
                    std::pair("{} {}", "parse error"),
                    std::pair("[1, NaN]", "parse error"),
                    std::pair("[1e999]", "number overflow"),
                    std::pair("[1,]", "parse error"),
                    std::pair("// no\n1", "parse error"),
                    std::pair("", "parse error")));

TEST(JsonParse, AcceptsSixtyFourLevels) {
    EXPECT_TRUE(parse_json(nested(64), "deep.json"));
}

TEST(JsonParse, SurvivesAMillionLevels) {
    EXPECT_FALSE(parse_json(std::string(1'000'000, '['), "deep.json"));
}

TEST(JsonParse, AcceptsTheSameKeyInDifferentObjects) {
    EXPECT_TRUE(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", "x.json"));
}

TEST(JsonParse, KeepsTheOrderOfKeys) {
    EXPECT_EQ(
        parse_json(R"({"z": 1, "a": [true, null], "m": {"y": -2.5, "b": "t"}})", "x.json")->dump(),
        R"({"z":1,"a":[true,null],"m":{"y":-2.5,"b":"t"}})");
}

TEST(JsonParse, KeepsLargeUnsignedNumbers) {
    EXPECT_EQ(parse_json("18446744073709551615", "x.json")->get<std::uint64_t>(),
              18446744073709551615u);
}

TEST(JsonParse, NamesTheFile) {
    EXPECT_TRUE(complaint("{").starts_with("'config.json' is no valid JSON: ")) << complaint("{");
}

TEST(JsonParse, IsAnErrorOfClassInput) {
    EXPECT_EQ(parse_json("{", "x").error().code, ErrorCode::input);
}

TEST(JsonParse, KeepsTheComplaintShort) {
    EXPECT_LT(complaint("{\"" + std::string(100'000, 'k') + "\" 1}").size(), 400u);
}

TEST(JsonParse, PrintsNoEscapesOfStrangers) {
    EXPECT_EQ(complaint("{\"\\u001b[31mk\":1,\"\\u001b[31mk\":2}").find('\x1B'), std::string::npos);
}

TEST(JsonParse, RefusesMoreThan64MiB) {
    EXPECT_NE(complaint(std::string((64u << 20) + 1, ' ')).find("too large"), std::string::npos);
}

/// An ordered object that is searched for every key would take minutes here.
TEST(JsonParse, IsLinearInTheNumberOfKeys) {
    std::string text = "{";
    for (int i = 0; i < 200'000; ++i)
        text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
    EXPECT_EQ(parse_json(text + "}", "keys.json")->size(), 200'000u);
}

class JsonLookup : public testing::Test {
protected:
    Json document = Json::parse(R"({"port": {"name": "vit"}, "list": [10, 20], "a/b": 1})");
};

TEST_F(JsonLookup, FollowsAPointerIntoAList) {
    EXPECT_EQ(*find_pointer(document, "/list/1"), 20);
}

TEST_F(JsonLookup, FollowsAnEscapedPointer) {
    EXPECT_EQ(*find_pointer(document, "/a~1b"), 1);
}

TEST_F(JsonLookup, FindsNothingBehindTheEndOfAList) {
    EXPECT_EQ(find_pointer(document, "/list/2"), nullptr);
}

TEST_F(JsonLookup, FindsNothingByAMalformedPointer) {
    EXPECT_EQ(find_pointer(document, "list"), nullptr);
}

TEST_F(JsonLookup, FollowsADottedPath) {
    EXPECT_EQ(*find_path(document, "port.name"), "vit");
}

TEST_F(JsonLookup, FindsNothingBelowAScalar) {
    EXPECT_EQ(find_path(document, "port.name.first"), nullptr);
}

TEST(ScalarText, WritesStringsBare) {
    EXPECT_EQ(scalar_text(Json("vit")), "vit");
}

TEST(ScalarText, WritesOthersAsJson) {
    EXPECT_EQ(scalar_text(Json(true)), "true");
}

} // namespace
} // namespace taohf
