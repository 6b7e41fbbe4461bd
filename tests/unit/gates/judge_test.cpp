#include <gtest/gtest.h>

#include <algorithm>

#include "gate_bench.hpp"

namespace taohf::gates::test {
namespace {

phase::GateSpec spec(const std::string& id, const Json& assertion) {
    phase::GateSpec gate;
    gate.id = id;
    gate.title = "title of " + id;
    gate.step = "train";
    gate.assertion = assertion;
    return gate;
}

TEST(Judge, FillsTheRecordFromTheSpec) {
    GateBench bench;
    auto gate = spec("G3.1", {{"value", "${steps.train.epochs}"}, {"at_least", 1}});
    gate.severity = "warn";
    const auto record = judge(gate, 3, bench.context());
    EXPECT_TRUE(record.passed);
    EXPECT_EQ(record.id, "G3.1");
    EXPECT_EQ(record.phase, 3);
    EXPECT_EQ(record.step, "train");
    EXPECT_EQ(record.title, "title of G3.1");
    EXPECT_EQ(record.severity, "warn");
}

TEST(Judge, AllNeedsEveryPart) {
    GateBench bench;
    const Json good = {{"value", 1}, {"equals", 1}};
    const Json bad = {{"value", 1}, {"equals", 2}};
    EXPECT_TRUE(bench.green({{"all", {good, good}}}));
    EXPECT_FALSE(bench.green({{"all", {good, bad}}}));
    EXPECT_FALSE(bench.green({{"all", {bad, good}}}));
    EXPECT_FALSE(bench.green({{"all", Json::array()}}));
    EXPECT_FALSE(bench.green({{"value", 1}, {"equals", 1}, {"at_least", 2}}))
        << "every matcher counts";
}

TEST(Judge, TheFirstRedPartSpeaks) {
    GateBench bench;
    const auto record = bench.judged({{"all",
                                       {{{"value", 1}, {"equals", 1}},
                                        {{"value", 5}, {"equals", 6}},
                                        {{"value", 7}, {"equals", 8}}}}});
    EXPECT_EQ(record.expected, "6");
    EXPECT_EQ(record.observed, "5");
}

TEST(Judge, AMissingScopeValueIsRedWithItsName) {
    GateBench bench;
    const auto record = bench.judged({{"value", "${steps.train.epoch}"}, {"exists", false}});
    EXPECT_FALSE(record.passed);
    EXPECT_NE(record.observed.find("steps.train.epoch"), std::string::npos);
}

TEST(Judge, AnAssertionThatSaysNothingIsRed) {
    GateBench bench;
    EXPECT_FALSE(bench.green({{"value", 1}}));
    EXPECT_FALSE(bench.green({{"equals", 1}}));
    EXPECT_FALSE(bench.green(Json()));
    EXPECT_FALSE(bench.green("text"));
}

TEST(JudgeAll, LeavesOutGatesWhoseWhenDoesNotHold) {
    GateBench bench;
    phase::PhaseSpec phase;
    phase.number = 3;
    for (const char* condition : {"port.name == vit", "port.name == swin", "port.nothing == vit"}) {
        phase.gates.push_back(spec(condition, {{"value", 1}, {"equals", 1}}));
        phase.gates.back().when = *lang::parse_condition(condition);
    }
    const auto records = judge_all(phase, bench.context());
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].id, "port.name == vit");
    EXPECT_TRUE(records[0].passed);
    EXPECT_FALSE(records[1].passed) << "a condition that cannot be decided is no reason to pass";
    EXPECT_NE(records[1].observed.find("port.nothing"), std::string::npos);
}

TEST(JudgeAll, HashesEachFileOnceButSeesAReplacement) {
    GateBench bench;
    bench.write("model.onnx", "graph");
    bench.write("evidence.json", Json{{"sha", sha256("graph")}}.dump());
    phase::PhaseSpec phase;
    for (int i = 0; i < 5; ++i)
        phase.gates.push_back(
            spec("G" + std::to_string(i),
                 {{"json", "evidence.json"}, {"pointer", "/sha"}, {"sha256_of", "model.onnx"}}));
    int hashed = 0;
    auto context = bench.context();
    context.digest = [&](const host::Path& path) {
        ++hashed;
        return *bench.files->sha256(path);
    };
    for (const auto& record : judge_all(phase, context))
        EXPECT_TRUE(record.passed);
    EXPECT_EQ(hashed, 1);
    bench.write("model.onnx", "GRAPH"); // same size
    bench.age("model.onnx", 5);
    for (const auto& record : judge_all(phase, context))
        EXPECT_FALSE(record.passed);
    EXPECT_EQ(hashed, 2);
}

TEST(JudgeAll, AFileReplacedBetweenTwoGatesIsReadAgain) {
    GateBench bench;
    bench.write("model.onnx", "graph");
    bench.write("evidence.json", Json{{"sha", sha256("graph")}}.dump());
    phase::PhaseSpec phase;
    for (const char* id : {"first", "second"})
        phase.gates.push_back(spec(
            id, {{"json", "evidence.json"}, {"pointer", "/sha"}, {"sha256_of", "model.onnx"}}));
    auto context = bench.context();
    context.digest = [&](const host::Path& path) {
        const std::string now = *bench.files->sha256(path);
        bench.write("model.onnx", "GRAPH"); // same size and inode
        bench.age("model.onnx", 5);
        return now;
    };
    const auto records = judge_all(phase, context);
    EXPECT_TRUE(records[0].passed);
    EXPECT_FALSE(records[1].passed);
}

TEST(JudgeAll, AListThatIsTooLongNamesItsFirstEntries) {
    GateBench bench;
    bench.write("dataset.json", Json{{"problems", {"there is no train.json"}}}.dump());
    phase::PhaseSpec phase;
    const Json subject = {{"json", "dataset.json"}, {"pointer", "/problems"}};
    for (const int wanted : {0, 1}) {
        Json assertion = subject;
        assertion["length"] = wanted;
        phase.gates.push_back(spec("G2.6", assertion));
    }
    const auto records = judge_all(phase, bench.context());
    EXPECT_EQ(records[0].observed, R"(length 1: ["there is no train.json"])");
    EXPECT_EQ(records[1].observed, "length 1");
}

TEST(JudgeAll, SixtyGatesOverLargeEvidenceAreQuick) {
    GateBench bench;
    Json tensors = Json::object();
    for (int i = 0; i < 400; ++i)
        tensors["encoder.layer." + std::to_string(i)] = {{"shape", {768, 768}}, {"dtype", "F32"}};
    bench.write("inspection.json", Json{{"tensors", tensors}, {"v", 1}}.dump());
    bench.write("model.pth", std::string(8u << 20, 'w'));
    bench.write("sha.json", Json{{"sha", sha256(std::string(8u << 20, 'w'))}}.dump());
    phase::PhaseSpec phase;
    for (int i = 0; i < 30; ++i) {
        phase.gates.push_back(
            spec("A", {{"json", "inspection.json"}, {"pointer", "/tensors"}, {"length", 400}}));
        phase.gates.push_back(
            spec("B", {{"json", "sha.json"}, {"pointer", "/sha"}, {"sha256_of", "model.pth"}}));
    }
    const auto start = std::chrono::steady_clock::now();
    for (const auto& record : judge_all(phase, bench.context()))
        EXPECT_TRUE(record.passed) << record.observed;
    const auto took = std::chrono::steady_clock::now() - start;
    RecordProperty(
        "milliseconds",
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    EXPECT_LT(took, std::chrono::seconds(2));
}

TEST(Check, AcceptsWhatThePhasesWrite) {
    EXPECT_TRUE(complaints({{"value", "${steps.a.b}"}, {"non_empty", true}}).empty());
    EXPECT_TRUE(
        complaints(
            {{"all", {{{"json", "a.json"}, {"pointer", "/x"}, {"at_most", "${inputs.bound}"}}}}})
            .empty());
    EXPECT_TRUE(
        complaints({{"json", "a.json"}, {"pointer", "/sha"}, {"sha256_of", {{"file", "b"}}}})
            .empty());
    EXPECT_TRUE(
        complaints({{"file", "a"}, {"newer_than", {"b", "c"}}, {"symlink", false}}).empty());
}

TEST(Check, ReportsEveryMistake) {
    const std::vector<std::pair<Json, std::string>> rows = {
        {{{"value", 1}, {"at_mots", 2}}, "did you mean 'at_most'?"},
        {{{"value", 1}}, "without a matcher"},
        {{{"equals", 1}}, "exactly one subject"},
        {{{"value", 1}, {"file", "a"}, {"exists", true}}, "exactly one subject"},
        {{{"value", 1}, {"at_most", "2"}}, "'at_most' needs a number"},
        {{{"value", 1}, {"at_least", nullptr}}, "'at_least' needs a number"},
        {{{"value", 1}, {"between", {1}}}, "[least, greatest]"},
        {{{"value", 1}, {"one_of", 1}}, "'one_of' needs a list"},
        {{{"value", "a"}, {"matches", "("}}, "a valid regular expression"},
        {{{"value", 1}, {"exists", "true"}}, "true or false"},
        {{{"value", {1}}, {"all_finite", false}}, "'all_finite' needs true"},
        {{{"value", {1}}, {"length", -1}}, "a whole number"},
        {{{"file", "a"}, {"newer_than", Json::array()}}, "'newer_than' needs a path"},
        {{{"file", "a"}, {"sha256_of", {{"path", "b"}}}}, "{file: path}"},
        {{{"file", nullptr}, {"exists", true}}, "'file' needs a path"},
        {{{"file", "a"}, {"pointer", "/x"}, {"exists", true}}, "takes no pointer"},
        {{{"json", "a"}, {"pointer", "x"}, {"exists", true}}, "begins with '/'"},
        {{{"all", Json::array()}}, "a list of assertions"},
        {{{"all", {{{"value", 1}, {"equals", 1}}}}, {"equals", 1}}, "'all' stands alone"},
        {"text", "an assertion is a mapping"},
    };
    for (const auto& [assertion, wanted] : rows) {
        const auto found = complaints(assertion);
        const bool told = std::ranges::any_of(found, [&, text = wanted](const std::string& line) {
            return line.find(text) != std::string::npos;
        });
        EXPECT_TRUE(told) << assertion << " should say: " << wanted;
    }
}

TEST(Judge, AValueOfAStepThatNeverRanIsToldAsThat) {
    GateBench bench;
    EXPECT_EQ(bench.judged({{"value", "${steps.host.git}"}, {"non_empty", true}}).observed,
              "step host has not run");
    bench.scope["steps"]["host"] = {{"outcome", "failure"}};
    EXPECT_EQ(bench.judged({{"value", "${steps.host.git}"}, {"non_empty", true}}).observed,
              "step host has not succeeded (failure)");
    bench.scope["steps"]["host"] = {{"outcome", "success"}, {"git", "2"}};
    EXPECT_NE(bench.judged({{"value", "${steps.host.gti}"}, {"non_empty", true}})
                  .observed.find("no value"),
              std::string::npos);
}

} // namespace
} // namespace taohf::gates::test
