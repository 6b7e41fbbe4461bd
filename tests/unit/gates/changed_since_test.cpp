#include <taohf/actions/digests.hpp>

#include <gtest/gtest.h>

#include "gate_bench.hpp"

namespace taohf::gates::test {
namespace {

/// A step `export` that made model.onnx from train/, as its record tells.
class ChangedSince : public ::testing::Test {
protected:
    void SetUp() override {
        bench.write("train/model.pth", "weights");
        bench.write("train/status.json", "{}");
        bench.write("model.onnx", "graph");
        finished("export", {"model.onnx"}, {"train"});
    }

    std::string digest_of(const std::string& path) {
        actions::DigestCache digests(*bench.files, bench.root() / "digests");
        return digests.digest(bench.root() / path).value_or("unreadable");
    }

    void finished(const std::string& id,
                  const std::vector<std::string>& made,
                  const std::vector<std::string>& made_from) {
        Json& step = bench.scope["steps"][id];
        step = {{"outcome", "success"}, {"made", Json::object()}, {"made_from", Json::object()}};
        for (const std::string& path : made)
            step["made"][path] = digest_of(path);
        for (const std::string& path : made_from)
            step["made_from"][path] = digest_of(path);
    }

    state::GateRecord judged(const Json& steps = {"export"}) {
        GateContext context = bench.context();
        actions::DigestCache digests(*bench.files, bench.root() / "digests");
        context.digest = [&](const host::Path& path) {
            return digests.digest(path).value_or("unreadable");
        };
        phase::GateSpec gate;
        gate.id = "G1";
        gate.step = "export";
        gate.assertion = {{"changed_since", steps}, {"length", 0}};
        return judge(gate, 6, context);
    }

    std::string finding(const Json& steps = {"export"}) {
        const state::GateRecord record = judged(steps);
        EXPECT_FALSE(record.passed);
        return record.observed;
    }

    GateBench bench;
};

TEST_F(ChangedSince, IsGreenWhileEverythingIsAsItWas) {
    const state::GateRecord record = judged();
    EXPECT_TRUE(record.passed) << record.observed;
    EXPECT_EQ(record.observed, "nothing changed");
    EXPECT_EQ(record.evidence, (std::vector<std::string>{"model.onnx"}));
    EXPECT_TRUE(judged("export").passed) << "one step needs no list";
}

TEST_F(ChangedSince, TheAgeOfFilesDoesNotCount) {
    bench.age("model.onnx", 7200);
    bench.age("train/model.pth", 10);
    EXPECT_TRUE(judged().passed);
}

TEST_F(ChangedSince, NamesAnArtefactThatWasReplacedOrTruncated) {
    bench.write("model.onnx", "other");
    EXPECT_EQ(finding(), "model.onnx changed since step export made it");
    bench.write("model.onnx", "");
    EXPECT_EQ(finding(), "model.onnx changed since step export made it");
    bench.write("model.onnx", "graph");
    EXPECT_TRUE(judged().passed) << "the same bytes again";
}

TEST_F(ChangedSince, NamesAnArtefactThatIsGone) {
    bench.remove("model.onnx");
    EXPECT_EQ(finding(), "model.onnx is gone since step export made it");
}

TEST_F(ChangedSince, SeesAFileThatTookAFoldersPlace) {
    std::filesystem::remove_all(bench.root() / "train");
    bench.write("train", "weights");
    EXPECT_EQ(finding(), "train changed since step export read it");
}

TEST_F(ChangedSince, NamesAnInputThatChangedAfterTheStepReadIt) {
    bench.write("train/model.pth", "newer weights");
    EXPECT_EQ(finding(), "train changed since step export read it");
}

TEST_F(ChangedSince, SeesFilesComingAndGoingInAFolder) {
    bench.write("train/late.pth", "");
    EXPECT_EQ(finding(), "train changed since step export read it");
    bench.remove("train/late.pth");
    EXPECT_TRUE(judged().passed);
    bench.remove("train/status.json");
    EXPECT_EQ(finding(), "train changed since step export read it");
}

TEST_F(ChangedSince, CachesOfPythonAreNoChange) {
    bench.write("train/__pycache__/model.cpython-312.pyc", "code");
    EXPECT_TRUE(judged().passed);
}

TEST_F(ChangedSince, TellsEveryFindingOfEveryStep) {
    bench.write("model.engine", "plan");
    finished("engine", {"model.engine"}, {"model.onnx"});
    EXPECT_TRUE(judged({"export", "engine"}).passed);
    bench.write("model.onnx", "other");
    bench.remove("model.engine");
    EXPECT_EQ(finding({"export", "engine"}),
              "model.onnx changed since step export made it; "
              "model.engine is gone since step engine made it; "
              "model.onnx changed since step engine read it");
}

TEST_F(ChangedSince, AnInputThatWasAbsentMayNotAppear) {
    finished("export", {"model.onnx"}, {"train", "spec.yaml"});
    EXPECT_TRUE(judged().passed) << "absent then and now";
    bench.write("spec.yaml", "");
    EXPECT_EQ(finding(), "spec.yaml changed since step export read it");
}

TEST_F(ChangedSince, AStepThatDidNotSucceedHasNoEvidence) {
    for (const char* outcome : {"failure", "interrupted", "running", "skipped", "pending", ""}) {
        bench.scope["steps"]["export"]["outcome"] = outcome;
        EXPECT_EQ(finding(), "step export has not succeeded") << outcome;
    }
    bench.scope["steps"].erase("export");
    EXPECT_EQ(finding(), "step export has not succeeded");
    EXPECT_EQ(finding({"none"}), "step none has not succeeded");
}

TEST_F(ChangedSince, APathOutsideOfTheWorkspaceIsNotRead) {
    bench.scope["steps"]["export"]["made"] = {{"../../etc/passwd", sha256("root")}};
    EXPECT_EQ(finding(), "../../etc/passwd is gone since step export made it");
}

TEST_F(ChangedSince, FollowsTheDataSetOutsideOfTheWorkspace) {
    taohf::test::TemporaryFolder images;
    images.write("val/1.jpg", "J");
    const std::string folder = images.path().string();
    bench.scope["paths"]["dataset"] = folder;
    finished("export", {"model.onnx"}, {folder});
    EXPECT_TRUE(judged().passed) << judged().observed;
    images.write("val/1.jpg", "K");
    EXPECT_EQ(finding(), folder + " changed since step export read it");
}

TEST_F(ChangedSince, WithoutADigestOnlyRegularFilesCanBeJudged) {
    finished("export", {"model.onnx"}, {});
    EXPECT_TRUE(bench.green({{"changed_since", {"export"}}, {"length", 0}}));
    bench.write("model.onnx", "other");
    EXPECT_FALSE(bench.green({{"changed_since", {"export"}}, {"length", 0}}));
    bench.write("model.onnx", "graph");
    finished("export", {"model.onnx"}, {"train"});
    EXPECT_FALSE(bench.green({{"changed_since", {"export"}}, {"length", 0}}));
}

TEST_F(ChangedSince, AnEmulatedEngineAmongTheArtefactsMarksTheGate) {
    bench.write("model.engine", k_emulated);
    finished("engine", {"model.engine"}, {"model.onnx"});
    EXPECT_TRUE(judged({"engine"}).emulated);
    EXPECT_FALSE(judged({"export"}).emulated);
}

TEST(Shown, AnEmptyTextIsSeen) {
    GateBench bench;
    const auto record = bench.judged({{"value", ""}, {"non_empty", true}});
    EXPECT_FALSE(record.passed);
    EXPECT_EQ(record.observed, "\"\"");
    EXPECT_EQ(bench.judged({{"value", "x"}, {"equals", ""}}).expected, "\"\"");
}

} // namespace
} // namespace taohf::gates::test
