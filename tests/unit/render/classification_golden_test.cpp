#include <taohf/host/file_system.hpp>
#include <taohf/lang/condition.hpp>
#include <taohf/lang/library.hpp>
#include <taohf/lang/node.hpp>
#include <taohf/render/template.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace taohf::render {
namespace {

/// Path in the workspace -> text.
using Files = std::map<std::string, std::string>;

const host::Path k_source = TAOHF_SOURCE_DIR;
const host::Path k_golden = k_source / "tests/golden/classification";
const std::string k_task = "classification/task.yaml";

bool updating() {
    const char* value = std::getenv("TAOHF_UPDATE_GOLDEN");
    return value != nullptr && std::string(value) == "1";
}

/// Renders the task's files as the render verb does, over the example context.
class ClassificationGolden : public ::testing::Test {
protected:
    void SetUp() override {
        auto library = lang::Library::from_folder(*files_, k_source / "templates");
        ASSERT_TRUE(library) << library.error().message;
        templates_ = *library;
        rows_ = yaml(k_task).at("files");
        layouts_ = yaml("layouts.yaml").at("layouts");
    }

    Json yaml(const std::string& path) const {
        Diagnostics diagnostics;
        const auto node = lang::read_yaml(*templates_.find(path), path, diagnostics);
        EXPECT_TRUE(node) << path;
        return node ? lang::to_json(*node) : Json();
    }

    Json json(const host::Path& path) const {
        const auto text = files_->read(path);
        EXPECT_TRUE(text) << path;
        const auto value = parse_json(text.value_or("null"), path.string());
        EXPECT_TRUE(value) << path;
        return value.value_or(Json());
    }

    Json context(const std::string& layout, const std::string& backbone) const {
        Json values = json(k_source / "templates/classification/context.example.json");
        values["layout"] = layouts_.at(layout);
        values["strategy"] = backbone == "wrap" ? "wrap" : "timm";
        values["backbone"] = backbone;
        for (const std::string name : {"wrap", "twin", "timm_model"})
            values["is_" + name] = name == backbone;
        values["weight_map"] = json(k_golden / "weight_map.json");
        return values;
    }

    static bool applies(const Json& row, const Json& values) {
        if (!row.contains("when"))
            return true;
        const auto condition = lang::parse_condition(scalar_text(row.at("when")));
        EXPECT_TRUE(condition) << row.dump();
        return condition && lang::evaluate(*condition, values).value_or(false);
    }

    std::string
    rendered(const std::string& text, const std::string& name, const Json& values) const {
        auto done = render_template(text, name, values);
        EXPECT_TRUE(done) << name << ": " << (done ? "" : done.error().message);
        return done.value_or("");
    }

    Files render(const std::string& layout, const std::string& backbone) {
        const Json values = context(layout, backbone);
        Files out;
        for (const Json& row : rows_) {
            if (!applies(row, values))
                continue;
            const std::string path = row.at("template").get<std::string>();
            const std::string* text = templates_.find(path);
            EXPECT_NE(text, nullptr) << k_task << " names " << path;
            if (text == nullptr)
                continue;
            used_.insert(path);
            const std::string target = row.at("repo").get<std::string>() + "/" +
                                       rendered(row.at("to").get<std::string>(), k_task, values);
            EXPECT_FALSE(out.contains(target)) << target << " is written twice";
            out[target] = rendered(*text, path, values);
        }
        return out;
    }

    void write(const host::Path& folder, const Files& out) {
        ASSERT_TRUE(files_->remove(folder));
        for (const auto& [path, text] : out) {
            ASSERT_TRUE(files_->make_dirs((folder / path).parent_path()));
            ASSERT_TRUE(files_->write_atomic(folder / path, text));
        }
    }

    Files read(const host::Path& folder) {
        Files out;
        for (const host::Path& path : walk(*files_, folder).value_or(std::vector<host::Path>{}))
            out[path.string()] = files_->read(folder / path).value_or("");
        return out;
    }

    /// Compares with tests/golden/classification/<layout>-<backbone>, or re-writes it when
    /// TAOHF_UPDATE_GOLDEN=1. With a base, the folder holds only what differs from that one.
    void
    compare(const std::string& layout, const std::string& backbone, const std::string& base = "") {
        const host::Path folder = k_golden / (layout + "-" + backbone);
        Files now = render(layout, backbone);
        if (!base.empty())
            for (const auto& [path, text] : read(k_golden / base)) {
                const auto same = now.find(path);
                ASSERT_NE(same, now.end()) << path << " of " << base << " is not rendered here";
                if (same->second == text)
                    now.erase(same);
            }
        if (updating())
            write(folder, now);
        const Files golden = read(folder);
        for (const auto& [path, text] : now) {
            const auto known = golden.find(path);
            ASSERT_NE(known, golden.end()) << path << " has no golden file; TAOHF_UPDATE_GOLDEN=1";
            EXPECT_EQ(text, known->second) << path;
        }
        for (const auto& [path, text] : golden)
            EXPECT_TRUE(now.contains(path)) << path << " is not rendered any more";
    }

    std::unique_ptr<host::FileSystem> files_ = host::make_file_system();
    lang::Library templates_ = lang::Library::from_map({});
    Json rows_;
    Json layouts_;
    std::set<std::string> used_; ///< templates rendered so far
};

void expect_well_formed(const Files& files) {
    for (const auto& [path, text] : files) {
        EXPECT_FALSE(text.empty()) << path;
        EXPECT_TRUE(text.ends_with('\n') && !text.ends_with("\n\n")) << path;
        EXPECT_EQ(text.find("<%"), std::string::npos) << path;
        EXPECT_EQ(text.find("%>"), std::string::npos) << path;
        EXPECT_EQ(text.find(" \n"), std::string::npos) << path << " has blanks at a line's end";
    }
}

TEST_F(ClassificationGolden, CoreTwinIsUnchanged) {
    compare("core", "twin");
}

TEST_F(ClassificationGolden, InlinedTimmModelIsUnchanged) {
    compare("inlined", "timm_model", "inlined-wrap");
}

TEST_F(ClassificationGolden, InlinedWrapIsUnchanged) {
    compare("inlined", "wrap");
}

TEST_F(ClassificationGolden, EveryLayoutAndBackboneIsWellFormed) {
    for (const std::string layout : {"core", "inlined"}) {
        for (const std::string backbone : {"wrap", "twin", "timm_model"}) {
            SCOPED_TRACE(layout + "-" + backbone);
            expect_well_formed(render(layout, backbone));
        }
    }
}

TEST_F(ClassificationGolden, AClassOfTheRepositoryIsImportedFromThePort) {
    Json values = context("inlined", "wrap");
    values["has_code"] = true;
    values["code_module"] = "modeling_tiny";
    const std::string own = "from nvidia_tao_pytorch.cv.vit_digits.model.remote_code.modeling_tiny "
                            "import ViTForImageClassification\n";
    for (const char* path : {"classification/pytorch/backbone_wrap.py.tmpl",
                             "common/hf_checkpoint_converter.py.tmpl",
                             "common/hf_model.py.tmpl"}) {
        const std::string text = rendered(*templates_.find(path), path, values);
        EXPECT_NE(text.find(own), std::string::npos) << path;
        EXPECT_EQ(text.find("from transformers import"), std::string::npos) << path;
        expect_well_formed({{path, text}});
    }
}

TEST_F(ClassificationGolden, GoldenFilesCoverEveryTemplate) {
    render("core", "twin");
    render("inlined", "wrap");
    render("inlined", "timm_model");
    for (const std::string& path : templates_.list("classification/")) {
        if (path.ends_with(".tmpl")) {
            EXPECT_TRUE(used_.contains(path)) << path;
        }
    }
}

TEST_F(ClassificationGolden, BothRepositoriesHoldTheSamePreprocessing) {
    const Files files = render("inlined", "wrap");
    EXPECT_EQ(files.at("tao-pytorch/nvidia_tao_pytorch/cv/vit_digits/dataloader/preprocessing.py"),
              files.at("tao-deploy/nvidia_tao_deploy/cv/vit_digits/preprocessing.py"));
}

} // namespace
} // namespace taohf::render
