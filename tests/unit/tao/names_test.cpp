#include <taohf/tao/names.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/hub/real_host.hpp"

namespace taohf {

namespace {

using testing::HasSubstr;

TEST(ShortName, is_derived_from_the_model) {
    EXPECT_EQ(tao::derive_short_name("google/vit-base-patch16-224"), "vit_base_patch16_224");
    EXPECT_EQ(tao::derive_short_name("https://huggingface.co/org/A--b.C"), "a_b_c");
    EXPECT_EQ(tao::derive_short_name("timm/resnet18.a1_in1k@main"), "resnet18_a1_in1k");
    EXPECT_EQ(tao::derive_short_name("/models/my-vit/"), "my_vit");
    EXPECT_EQ(tao::derive_short_name("org/3d-net"), "m_3d_net");
    EXPECT_LE(tao::derive_short_name(std::string(200, 'a')).size(), 41u);
}

TEST(ShortName, becomes_a_class_name) {
    EXPECT_EQ(tao::class_name("vit_base_p16"), "VitBaseP16");
    EXPECT_EQ(tao::class_name("resnet18__x_"), "Resnet18X");
}

class BadShortName : public testing::TestWithParam<const char*> {};

TEST_P(BadShortName, is_a_usage_error) {
    const auto status = tao::check_short_name(GetParam());
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::usage);
}

INSTANTIATE_TEST_SUITE_P(Names,
                         BadShortName,
                         testing::Values("",
                                         "a",
                                         "class",
                                         "None",
                                         "match",
                                         "torch",
                                         "os",
                                         "2vit",
                                         "vit-base",
                                         "\xc3\xa9",
                                         "__init__",
                                         "len",
                                         "timm",
                                         "config",
                                         "a;rm",
                                         "vit base"));

TEST(ShortName, takes_ordinary_names) {
    EXPECT_TRUE(tao::check_short_name("vit_imagenet100"));
    EXPECT_TRUE(tao::check_short_name("v2"));
}

class Taken : public testing::Test {
protected:
    Status check(const std::string& name) {
        return tao::check_not_taken(host_.host, folder_.path(), name);
    }

    test::TemporaryFolder folder_;
    test::RealHost host_;
};

TEST_F(Taken, by_a_package_also_with_other_underscores) {
    folder_.write("tao-pytorch/nvidia_tao_pytorch/cv/depth_net/__init__.py", "");
    EXPECT_TRUE(check("vit_small"));
    EXPECT_EQ(check("depth_net").error().code, ErrorCode::repo);
    EXPECT_THAT(check("depthnet").error().message, HasSubstr("cv/depth_net"));
}

TEST_F(Taken, by_a_console_command) {
    folder_.write("tao-deploy/setup.py",
                  "setup(entry_points={'console_scripts': ['radio=a.b:main']})\n");
    EXPECT_THAT(check("radio").error().message, HasSubstr("console command"));
}

TEST_F(Taken, by_a_registered_backbone) {
    folder_.write("tao-pytorch/nvidia_tao_pytorch/cv/backbone_v2/convnext.py",
                  "@BACKBONE_REGISTRY.register()\ndef convnext_tiny(**kwargs):\n    pass\n");
    EXPECT_THAT(check("convnext_tiny").error().message, HasSubstr("backbone of this name"));
    EXPECT_TRUE(check("convnext_small"));
}

TEST_F(Taken, not_by_what_the_port_itself_wrote) {
    folder_.write("tao-pytorch/nvidia_tao_pytorch/cv/vit_small/__init__.py", "");
    EXPECT_FALSE(check("vit_small"));
    folder_.write(
        ".taohf/vit_small/state.json",
        R"({"phases":[{"steps":[{"creates":[{"path":"tao-pytorch/nvidia_tao_pytorch/cv/vit_small/__init__.py"}]}]}]})");
    EXPECT_TRUE(check("vit_small"));
}

} // namespace

} // namespace taohf
