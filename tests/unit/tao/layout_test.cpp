#include <taohf/tao/git.hpp>
#include <taohf/tao/layout.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/hub/real_host.hpp"

namespace taohf {

namespace {

using testing::HasSubstr;

class Layout : public testing::Test {
protected:
    void pytorch(const std::string& import, bool inlined) {
        folder_.write("nvidia_tao_pytorch/cv/backbone_v2/__init__.py", "");
        folder_.write("nvidia_tao_pytorch/cv/classification_pyt/scripts/train.py", import);
        if (inlined)
            folder_.write("nvidia_tao_pytorch/config/common/common_config.py", "");
    }

    Result<std::string> detect() { return tao::detect_layout(*host_.files, folder_.path()); }

    test::TemporaryFolder folder_;
    test::RealHost host_;
};

constexpr const char* k_core =
    "from nvidia_tao_core.config.x.default_config import ExperimentConfig\n";
constexpr const char* k_inlined =
    "from nvidia_tao_pytorch.config.x.default_config import ExperimentConfig\n";

TEST_F(Layout, core) {
    pytorch(k_core, false);
    EXPECT_EQ(detect().value_or("error"), "core");
}

TEST_F(Layout, inlined) {
    pytorch(k_inlined, true);
    EXPECT_EQ(detect().value_or("error"), "inlined");
}

TEST_F(Layout, refuses_tests_that_disagree) {
    pytorch(k_core, true);
    EXPECT_EQ(detect().error().code, ErrorCode::repo);
}

TEST_F(Layout, refuses_neither) {
    pytorch(k_inlined, false);
    EXPECT_EQ(detect().error().code, ErrorCode::repo);
}

TEST_F(Layout, refuses_releases_without_backbone_v2) {
    folder_.write("nvidia_tao_pytorch/cv/classification_pyt/scripts/train.py", k_core);
    EXPECT_THAT(detect().error().message, HasSubstr("backbone_v2"));
}

TEST_F(Layout, deploy_is_told_by_dino) {
    folder_.write("nvidia_tao_deploy/cv/dino/scripts/evaluate.py", k_core);
    EXPECT_EQ(detect().value_or("error"), "core");
}

TEST_F(Layout, facts_of_a_clone) {
    pytorch(k_inlined, true);
    folder_.write("setup.py", "setup(entry_points={'console_scripts': ['dino=a.b:main']})\n");
    ASSERT_TRUE(tao::Git(host_.host, folder_.path()).initialise("Import"));
    const auto facts = tao::repository_facts(host_.host, folder_.path());
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ((*facts)["branch"], "main");
    EXPECT_EQ((*facts)["clean"], true);
    EXPECT_EQ((*facts)["layout"], "inlined");
    EXPECT_EQ((*facts)["commit"].get<std::string>().size(), 40u);
    EXPECT_EQ((*facts)["console_scripts"], Json::parse(R"(["dino=a.b:main"])"));
}

} // namespace

} // namespace taohf
