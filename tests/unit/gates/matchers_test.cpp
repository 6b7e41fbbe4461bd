#include <gtest/gtest.h>

#include <set>

#include "gate_bench.hpp"

namespace taohf::gates::test {
namespace {

/// Evidence documents {"v": ...} on which one matcher passes, and on which it does not.
struct Case {
    std::string matcher;
    Json operand;
    std::vector<std::string> green;
    std::vector<std::string> red;
};

const std::vector<std::string> k_no_number = {R"({"v": null})",
                                              R"({"v": "0.5"})",
                                              R"({"v": true})",
                                              R"({"v": NaN})",
                                              R"({"v": 1e999})",
                                              R"({"v": []})",
                                              R"({})",
                                              R"({"v": 0.5)",
                                              ""};

std::vector<std::string> with_no_number(std::vector<std::string> red) {
    red.insert(red.end(), k_no_number.begin(), k_no_number.end());
    return red;
}

std::vector<Case> cases() {
    return {
        {"equals",
         3,
         {R"({"v": 3})", R"({"v": 3.0})"},
         {R"({"v": 4})", R"({"v": "3"})", R"({"v": null})", "{}"}},
        {"equals",
         true,
         {R"({"v": true})"},
         {R"({"v": false})", R"({"v": 1})", R"({"v": "true"})"}},
        {"equals", nullptr, {R"({"v": null})"}, {"{}", R"({"v": 0})", "not json"}},
        {"equals",
         Json{{"a", 1}, {"b", 2}},
         {R"({"v": {"b": 2, "a": 1}})"},
         {R"({"v": {"a": 1}})"}},
        {"not_equals",
         3,
         {R"({"v": 4})", R"({"v": "3"})"},
         {R"({"v": 3})", R"({"v": null})", "{}", R"({"v": NaN})"}},
        {"at_least", 0.5, {R"({"v": 0.5})", R"({"v": 1})"}, with_no_number({R"({"v": 0.4999})"})},
        {"at_most", 2e-5, {R"({"v": 2e-5})", R"({"v": 0})"}, with_no_number({R"({"v": 2.1e-5})"})},
        {"at_most", "2", {}, {R"({"v": 1})"}},
        {"between",
         {0, 1},
         {R"({"v": 0})", R"({"v": 1})"},
         with_no_number({R"({"v": -0.1})", R"({"v": 1.1})"})},
        {"one_of",
         {"a", 2},
         {R"({"v": "a"})", R"({"v": 2})"},
         {R"({"v": "b"})", R"({"v": "2"})", R"({"v": null})", "{}"}},
        {"matches",
         "^[0-9a-f]{4}$",
         {R"({"v": "00ff"})"},
         {R"({"v": "00FF"})", R"({"v": 1000})", R"({"v": null})", "{}"}},
        {"contains",
         "cat",
         {R"({"v": "a cat"})", R"({"v": ["cat"]})", R"({"v": {"cat": 1}})"},
         {R"({"v": "dog"})", R"({"v": ["cats"]})", R"({"v": {"c": 1}})", R"({"v": 1})", "{}"}},
        {"excludes",
         "cat",
         {R"({"v": "dog"})", R"({"v": ["cats"]})", R"({"v": {"c": 1}})"},
         {R"({"v": "a cat"})",
          R"({"v": ["cat"]})",
          R"({"v": {"cat": 1}})",
          R"({"v": 1})",
          R"({"v": null})",
          "{}"}},
        {"exists", true, {R"({"v": 0})", R"({"v": ""})"}, {R"({"v": null})", "{}", "{", ""}},
        {"exists", false, {"{}", R"({"v": null})"}, {R"({"v": 0})", "{", ""}},
        {"non_empty",
         true,
         {R"({"v": "x"})", R"({"v": [0]})"},
         {R"({"v": ""})", R"({"v": []})", R"({"v": 5})", R"({"v": null})", "{}"}},
        {"non_empty",
         false,
         {R"({"v": ""})", R"({"v": {}})"},
         {R"({"v": "x"})", R"({"v": 5})", "{}"}},
        {"length",
         2,
         {R"({"v": "xy"})", R"({"v": [0, 0]})", R"({"v": {"a": 1, "b": 2}})"},
         {R"({"v": [0]})", R"({"v": 2})", "{}"}},
        {"length", 0, {R"({"v": []})"}, {"{}", R"({"v": null})", R"({"v": 0})"}},
        {"length_at_least", 2, {R"({"v": [0, 0, 0]})"}, {R"({"v": [0]})", R"({"v": 7})", "{}"}},
        {"all_finite",
         true,
         {R"({"v": {"a": [1, 2.5], "b": 0}})", R"({"v": 1})"},
         {R"({"v": {"a": [1, null]}})",
          R"({"v": [1, "2"]})",
          R"({"v": [1, NaN]})",
          R"({"v": [true]})",
          R"({"v": []})",
          R"({"v": [1, []]})",
          "{}"}},
        {"all_at_most",
         1,
         {R"({"v": [0, 1]})", R"({"v": {"fp32": 0.5}})"},
         {R"({"v": [0, 1.01]})", R"({"v": [0, null]})", R"({"v": ["0"]})", R"({"v": []})", "{}"}},
        {"all_at_least",
         1,
         {R"({"v": [1, 2]})"},
         {R"({"v": [2, 0.99]})", R"({"v": [2, null]})", R"({"v": {}})", "{}"}},
    };
}

TEST(ValueMatchers, PassAndFail) {
    GateBench bench;
    for (const Case& row : cases()) {
        for (const std::string& document : row.green)
            EXPECT_TRUE(bench.green_on_disk(document, row.matcher, row.operand))
                << row.matcher << " " << row.operand << " on " << document;
        for (const std::string& document : row.red)
            EXPECT_FALSE(bench.green_on_disk(document, row.matcher, row.operand))
                << row.matcher << " " << row.operand << " on " << document;
    }
}

TEST(ValueMatchers, NoMatcherIsWithoutATest) {
    std::set<std::string> tested = {
        "newer_than", "sha256_of", "sha256_map", "symlink"}; // artefacts_test.cpp
    for (const Case& row : cases())
        tested.insert(row.matcher);
    for (const Row& row : matchers())
        EXPECT_TRUE(tested.contains(row.name)) << row.name;
    EXPECT_EQ(tested.size(), matchers().size());
}

TEST(ValueMatchers, OnlyTheAbsentPasses_WhenTheEvidenceFileIsMissing) {
    GateBench bench;
    EXPECT_FALSE(bench.green({{"json", "none.json"}, {"pointer", "/v"}, {"exists", false}}));
    EXPECT_FALSE(bench.green({{"json", "none.json"}, {"pointer", "/v"}, {"excludes", "x"}}));
    EXPECT_FALSE(bench.green({{"json", "none.json"}, {"equals", nullptr}}));
    EXPECT_TRUE(bench.green({{"json", "none.json"}, {"exists", false}}));
}

TEST(ValueMatchers, NaNInTheScopeNeverPasses) {
    GateBench bench;
    bench.scope["steps"]["train"]["loss"] = std::numeric_limits<double>::quiet_NaN();
    for (const char* matcher :
         {"at_most", "at_least", "equals", "not_equals", "all_at_most", "all_at_least"})
        EXPECT_FALSE(bench.green({{"value", "${steps.train.loss}"}, {matcher, 1}})) << matcher;
    EXPECT_FALSE(bench.green({{"value", "${steps.train.loss}"}, {"between", {0, 1}}}));
    EXPECT_FALSE(bench.green({{"value", "${steps.train.loss}"}, {"all_finite", true}}));
}

TEST(Words, SayWhatWasExpectedAndWhatWasSeen) {
    GateBench bench;
    bench.write("evidence.json", R"({"v": 3.1e-07, "list": [1, 9], "name": "x"})");
    const auto record =
        bench.judged({{"json", "evidence.json"}, {"pointer", "/v"}, {"at_most", 2e-5}});
    EXPECT_EQ(record.expected, "at most 2e-05");
    EXPECT_EQ(record.observed, "3.1e-07");
    EXPECT_EQ(record.evidence, std::vector<std::string>{"evidence.json"});
    const auto list =
        bench.judged({{"json", "evidence.json"}, {"pointer", "/list"}, {"all_at_most", 5}});
    EXPECT_EQ(list.observed, "greatest 9");
    const auto gone = bench.judged({{"json", "none.json"}, {"pointer", "/v"}, {"at_most", 1}});
    EXPECT_EQ(gone.expected, "at most 1");
    EXPECT_EQ(gone.observed, "'none.json' does not exist");
}

TEST(Words, OfHostileOrLongEvidenceAreShortPrintableUtf8) {
    GateBench bench;
    std::string name(199, 'a');
    for (int i = 0; i < 200; ++i)
        name += "\xC3\xA4"; // two bytes each: byte 200 lies inside a character
    bench.write("evidence.json", Json{{"v", name}, {"escape", "\x1B[2Jred"}}.dump());
    const auto record = bench.judged({{"json", "evidence.json"}, {"pointer", "/v"}, {"equals", 1}});
    EXPECT_LT(record.observed.size(), 300u);
    EXPECT_NO_THROW((void)Json(record.observed).dump());
    const auto escape =
        bench.judged({{"json", "evidence.json"}, {"pointer", "/escape"}, {"equals", 1}});
    EXPECT_EQ(escape.observed, "red");
}

} // namespace
} // namespace taohf::gates::test
