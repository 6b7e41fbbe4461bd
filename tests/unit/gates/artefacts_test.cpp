#include <gtest/gtest.h>

#include "gate_bench.hpp"

namespace taohf::gates::test {
namespace {

TEST(FileSubject, SeesSizeAndAbsence) {
    GateBench bench;
    bench.write("model.onnx", "graph");
    bench.write("empty.onnx", "");
    EXPECT_TRUE(bench.green({{"file", "model.onnx"}, {"exists", true}, {"non_empty", true}}));
    EXPECT_TRUE(bench.green({{"file", "model.onnx"}, {"length_at_least", 5}}));
    EXPECT_FALSE(bench.green({{"file", "model.onnx"}, {"length_at_least", 6}})) << "truncated";
    EXPECT_FALSE(bench.green({{"file", "empty.onnx"}, {"non_empty", true}}));
    EXPECT_FALSE(bench.green({{"file", "none.onnx"}, {"exists", true}}));
    EXPECT_TRUE(bench.green({{"file", "none.onnx"}, {"exists", false}}));
    EXPECT_FALSE(bench.green({{"file", "none.onnx"}, {"non_empty", false}}));
}

TEST(FileSubject, IsNoFolderAndStaysInTheWorkspace) {
    GateBench bench;
    bench.write("train/model.pth", "x");
    EXPECT_FALSE(bench.green({{"file", "train"}, {"exists", true}}));
    EXPECT_FALSE(bench.green({{"file", "train"}, {"exists", false}}));
    EXPECT_FALSE(bench.green({{"file", "../../etc/passwd"}, {"exists", true}}));
    EXPECT_FALSE(bench.green({{"file", "/etc/passwd"}, {"exists", true}}));
    EXPECT_FALSE(bench.green({{"file", "${steps.train.log}"}, {"exists", false}}))
        << "null names no file";
    EXPECT_TRUE(bench.green({{"file", "/workspace/train/model.pth"}, {"exists", true}}));
}

TEST(FolderSubject, CountsRegularFilesBelow) {
    GateBench bench;
    bench.write("out/a.png", "");
    bench.write("out/deep/b.png", "");
    std::filesystem::create_symlink("a.png", bench.root() / "out/link.png");
    EXPECT_TRUE(bench.green({{"folder", "out"}, {"length", 2}, {"contains", "deep/b.png"}}));
    EXPECT_FALSE(bench.green({{"folder", "out"}, {"length_at_least", 3}}));
    bench.remove("out/a.png");
    EXPECT_FALSE(bench.green({{"folder", "out"}, {"length", 2}}));
    EXPECT_FALSE(bench.green({{"folder", "none"}, {"length", 0}}));
    EXPECT_FALSE(bench.green({{"folder", "out/deep/b.png"}, {"exists", true}}));
}

TEST(TextAndYamlSubjects, ReadContent) {
    GateBench bench;
    bench.write("setup.py", "entry_points=['vit=x:main']\n");
    bench.write("spec.yaml", "train:\n  num_epochs: 3\n");
    EXPECT_TRUE(bench.green({{"text", "setup.py"}, {"contains", "vit=x:main"}}));
    EXPECT_FALSE(bench.green({{"text", "setup.py"}, {"contains", "swin="}}));
    EXPECT_FALSE(bench.green({{"text", "none.py"}, {"excludes", "swin="}}));
    EXPECT_TRUE(bench.green({{"yaml", "spec.yaml"},
                             {"pointer", "/train/num_epochs"},
                             {"equals", "${steps.train.epochs}"}}));
    EXPECT_FALSE(bench.green({{"yaml", "spec.yaml"}, {"pointer", "/train/lr"}, {"exists", true}}));
    bench.write("spec.yaml", "train: [1\n");
    EXPECT_FALSE(
        bench.green({{"yaml", "spec.yaml"}, {"pointer", "/train/num_epochs"}, {"exists", false}}));
}

TEST(EngineSubject, KnowsTheEmulationByItsHeader) {
    GateBench bench;
    bench.write("a.engine", k_emulated);
    bench.write("b.engine", "ftrt\x01\x02");
    bench.write("c.engine", "TAOHF-EMULATED");
    const auto emulated = bench.judged({{"engine", "a.engine"}, {"equals", "emulated"}});
    EXPECT_TRUE(emulated.passed);
    EXPECT_TRUE(emulated.emulated);
    const auto real = bench.judged({{"engine", "b.engine"}, {"equals", "tensorrt"}});
    EXPECT_TRUE(real.passed);
    EXPECT_FALSE(real.emulated);
    EXPECT_TRUE(bench.green({{"engine", "c.engine"}, {"equals", "unknown"}})) << "truncated header";
    EXPECT_TRUE(
        bench.green({{"engine", "a.engine"}, {"pointer", "/kind"}, {"equals", "emulated"}}));
    EXPECT_FALSE(bench.green({{"engine", "none.engine"}, {"one_of", {"emulated", "tensorrt"}}}));
}

TEST(Emulation, ReachesTheRecordOverEvidenceToo) {
    GateBench bench;
    bench.write("a.engine", k_emulated);
    bench.write("parity.json", R"({"emulated": true, "delta": 0})");
    bench.write("plain.json", R"({"delta": 0, "sha": ")" + sha256(k_emulated) + R"("})");
    EXPECT_TRUE(
        bench.judged({{"json", "parity.json"}, {"pointer", "/delta"}, {"equals", 0}}).emulated);
    EXPECT_FALSE(
        bench.judged({{"json", "plain.json"}, {"pointer", "/delta"}, {"equals", 0}}).emulated);
    EXPECT_TRUE(bench.judged({{"file", "a.engine"}, {"non_empty", true}}).emulated);
    EXPECT_TRUE(bench
                    .judged({{"json", "plain.json"},
                             {"pointer", "/sha"},
                             {"sha256_of", {{"file", "a.engine"}}}})
                    .emulated);
}

TEST(NewerThan, FindsStaleArtefacts) {
    GateBench bench;
    bench.write("model.pth", "weights");
    bench.write("model.onnx", "graph");
    bench.age("model.pth", 60);
    bench.age("model.onnx", 30);
    EXPECT_TRUE(bench.green({{"file", "model.onnx"}, {"newer_than", {"model.pth"}}}));
    EXPECT_TRUE(bench.green({{"file", "model.onnx"}, {"newer_than", "model.onnx"}}))
        << "equal age is not older";
    EXPECT_FALSE(bench.green({{"file", "model.pth"}, {"newer_than", {"model.onnx"}}}));
    EXPECT_FALSE(bench.green({{"file", "model.onnx"}, {"newer_than", {"model.pth", "none.pth"}}}));
    EXPECT_FALSE(bench.green({{"file", "none.onnx"}, {"newer_than", {"model.pth"}}}));
    EXPECT_FALSE(bench.green({{"file", "model.onnx"}, {"newer_than", Json::array()}}));
    EXPECT_FALSE(bench.green({{"value", 5}, {"newer_than", {"model.pth"}}}));
}

TEST(NewerThan, TakesAFoldersNewestFile) {
    GateBench bench;
    bench.write("source/a.py", "");
    bench.write("source/b.py", "");
    bench.write("model.onnx", "graph");
    bench.age("source/a.py", 60);
    bench.age("source/b.py", 60);
    bench.age("model.onnx", 30);
    EXPECT_TRUE(bench.green({{"file", "model.onnx"}, {"newer_than", {"source"}}}));
    bench.age("source/b.py", 10);
    EXPECT_FALSE(bench.green({{"file", "model.onnx"}, {"newer_than", {"source"}}}));
}

class Sha256Of : public ::testing::Test {
protected:
    void SetUp() override {
        bench.write("model.onnx", "graph");
        bench.write("evidence.json",
                    Json{{"sha", sha256("graph")}, {"absent", "absent"}, {"null", nullptr}}.dump());
    }

    bool green(const std::string& pointer = "/sha") {
        return bench.green({{"json", "evidence.json"},
                            {"pointer", pointer},
                            {"sha256_of", {{"file", "model.onnx"}}}});
    }

    GateBench bench;
};

TEST_F(Sha256Of, HoldsForTheJudgedFile) {
    EXPECT_TRUE(green());
    EXPECT_TRUE(
        bench.green({{"json", "evidence.json"}, {"pointer", "/sha"}, {"sha256_of", "model.onnx"}}));
}

TEST_F(Sha256Of, DeletedTruncatedOrReplacedIsRed) {
    bench.write("model.onnx", "grap");
    EXPECT_FALSE(green());
    bench.write("model.onnx", "");
    EXPECT_FALSE(green());
    bench.write("model.onnx", "other");
    EXPECT_FALSE(green());
    bench.remove("model.onnx");
    EXPECT_FALSE(green());
    EXPECT_FALSE(green("/absent")) << "no word stands for a file that is not there";
    bench.write("model.onnx", "graph");
    EXPECT_TRUE(green());
}

TEST_F(Sha256Of, AnotherTypeIsRed) {
    EXPECT_FALSE(green("/null"));
    EXPECT_FALSE(green("/none"));
    EXPECT_FALSE(green(""));
}

class Sha256Map : public ::testing::Test {
protected:
    bool green(const Json& map) {
        bench.write("evidence.json", Json{{"files", map}}.dump());
        return bench.green(
            {{"json", "evidence.json"}, {"pointer", "/files"}, {"sha256_map", true}});
    }

    GateBench bench;
};

TEST_F(Sha256Map, HashesEveryFileAgain) {
    bench.write("results/vit/a", "A");
    bench.write("results/vit/b", "B");
    const Json map = {{"results/vit/a", sha256("A")}, {"/workspace/results/vit/b", sha256("B")}};
    EXPECT_TRUE(green(map));
    bench.write("results/vit/b", "b");
    EXPECT_FALSE(green(map));
    bench.remove("results/vit/b");
    EXPECT_FALSE(green(map));
    EXPECT_FALSE(green(Json::object()));
    EXPECT_FALSE(green(Json::array({sha256("A")})));
    EXPECT_FALSE(green({{"results/vit/a", nullptr}}));
}

TEST_F(Sha256Map, MapsTheDataSetAndNothingElseOutside) {
    taohf::test::TemporaryFolder images;
    images.write("val/1.jpg", "J");
    const Json map = {{"/data/vit/val/1.jpg", sha256("J")}};
    EXPECT_FALSE(green(map)) << "there is no data set";
    bench.scope["paths"]["dataset"] = images.path().string();
    EXPECT_TRUE(green(map));
    EXPECT_TRUE(green({{(images.path() / "val/1.jpg").string(), sha256("J")}}));
    EXPECT_FALSE(green({{"/data/other/val/1.jpg", sha256("J")}}));
    EXPECT_FALSE(green({{"/data/vit/../val/1.jpg", sha256("J")}}));
    images.write("val/1.jpg", "K");
    EXPECT_FALSE(green(map));
}

TEST_F(Sha256Map, DoesNotLeaveTheDataSet) {
    taohf::test::TemporaryFolder images;
    images.write("set/1.jpg", "J");
    images.write("beside.jpg", "B");
    bench.scope["paths"]["dataset"] = (images.path() / "set").string();
    EXPECT_TRUE(green({{"/data/vit/1.jpg", sha256("J")}}));
    EXPECT_FALSE(green({{"/data/vit/../beside.jpg", sha256("B")}}));
    EXPECT_FALSE(green({{(images.path() / "beside.jpg").string(), sha256("B")}}));
}

TEST(Symlink, TellsALinkFromAFile) {
    GateBench bench;
    bench.write("a", "A");
    std::filesystem::create_symlink("a", bench.root() / "link");
    std::filesystem::create_symlink("none", bench.root() / "dangling");
    EXPECT_TRUE(bench.green({{"file", "link"}, {"symlink", true}}));
    EXPECT_FALSE(bench.green({{"file", "link"}, {"symlink", false}}));
    EXPECT_TRUE(bench.green({{"file", "a"}, {"symlink", false}}));
    EXPECT_FALSE(bench.green({{"file", "a"}, {"symlink", true}}));
    EXPECT_FALSE(bench.green({{"file", "dangling"}, {"symlink", true}}));
    EXPECT_FALSE(bench.green({{"file", "none"}, {"symlink", false}}));
}

} // namespace
} // namespace taohf::gates::test
