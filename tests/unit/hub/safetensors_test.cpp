#include <taohf/hub/inspection.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/hub/model_fixtures.hpp"

namespace taohf {

namespace {

using test::length_bytes;
using test::safetensors;
using testing::HasSubstr;

Result<std::vector<hub::TensorInfo>> parse(const std::string& bytes) {
    return hub::parse_safetensors_header(bytes, bytes.size(), "model.safetensors");
}

std::string one(const std::string& entry) {
    return "{\"a\":" + entry + "}";
}

TEST(Safetensors, reads_names_shapes_and_types) {
    const auto tensors = parse(safetensors(test::k_small_header, 60));
    ASSERT_TRUE(tensors) << tensors.error().message;
    ASSERT_EQ(tensors->size(), 2u);
    EXPECT_EQ((*tensors)[0].name, "classifier.weight");
    EXPECT_EQ((*tensors)[0].shape, (std::vector<std::int64_t>{3, 4}));
    EXPECT_EQ((*tensors)[1].dtype, "F32");
    EXPECT_EQ((*tensors)[1].begin, 48u);
    EXPECT_EQ((*tensors)[1].end, 60u);
}

TEST(Safetensors, takes_scalars_empty_tensors_and_padding) {
    EXPECT_TRUE(parse(safetensors(one(R"({"dtype":"F32","shape":[],"data_offsets":[0,4]})"), 4)));
    EXPECT_TRUE(
        parse(safetensors(one(R"({"dtype":"F32","shape":[0,7],"data_offsets":[0,0]})"), 0)));
    EXPECT_TRUE(parse(safetensors("{}      ", 0)));
}

struct BrokenFile {
    const char* name;
    std::string bytes;
    const char* rule;
};

class BrokenSafetensors : public testing::TestWithParam<BrokenFile> {};

TEST_P(BrokenSafetensors, is_an_input_error_that_names_the_rule) {
    const auto tensors = parse(GetParam().bytes);
    ASSERT_FALSE(tensors);
    EXPECT_EQ(tensors.error().code, ErrorCode::input);
    EXPECT_THAT(tensors.error().message, HasSubstr(GetParam().rule));
}

INSTANTIATE_TEST_SUITE_P(
    Rules,
    BrokenSafetensors,
    testing::Values(
        BrokenFile{"empty", "", "shorter than the 8 bytes"},
        BrokenFile{"huge_length", length_bytes(~0ull) + "{}", "exceeds 100 MB"},
        BrokenFile{"beyond_file", length_bytes(50) + "{}", "does not fit"},
        BrokenFile{"zero_length", length_bytes(0) + "{}", "does not fit"},
        BrokenFile{"lfs_pointer", "version https://git-lfs.github.com/spec/v1\n", "Git LFS"},
        BrokenFile{"leading_space", safetensors(" {}", 0), "begin with '{'"},
        BrokenFile{"no_json", safetensors("{\"a\":", 0), "its header"},
        BrokenFile{"twice",
                   safetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                               2),
                   "twice"},
        BrokenFile{"metadata", safetensors(R"({"__metadata__":{"a":1}})", 0), "not a string"},
        BrokenFile{"unknown_key",
                   safetensors(one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":0})"), 1),
                   "exactly dtype"},
        BrokenFile{"dtype",
                   safetensors(one(R"({"dtype":"Q8","shape":[1],"data_offsets":[0,1]})"), 1),
                   "unknown"},
        BrokenFile{"negative",
                   safetensors(one(R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})"), 1),
                   "non-negative"},
        BrokenFile{"fraction",
                   safetensors(one(R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})"), 1),
                   "non-negative"},
        // The product wraps to 4 in 64 bits.
        BrokenFile{
            "overflow",
            safetensors(
                one(R"({"dtype":"U8","shape":[4194305,4194305,211106198978564],"data_offsets":[0,4]})"),
                4),
            "overflows"},
        BrokenFile{"size",
                   safetensors(one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})"), 4),
                   "needs 8 bytes"},
        BrokenFile{"reversed",
                   safetensors(one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})"), 4),
                   "data_offsets"},
        BrokenFile{"half_byte",
                   safetensors(one(R"({"dtype":"F4","shape":[3],"data_offsets":[0,2]})"), 2),
                   "whole byte"},
        BrokenFile{"hole",
                   safetensors(one(R"({"dtype":"U8","shape":[1],"data_offsets":[1,2]})"), 2),
                   "a hole"},
        BrokenFile{"overlap",
                   safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                               R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                               3),
                   "an overlap"},
        BrokenFile{"trailing",
                   safetensors(one(R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})"), 2),
                   "data section"}),
    [](const auto& row) { return std::string(row.param.name); });

} // namespace

} // namespace taohf
