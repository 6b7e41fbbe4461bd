#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/hub/state_dict_pickle.hpp"
#include "../src/hub/torch_archive.hpp"
#include "unit/hub/pickle_fixtures.hpp"

namespace taohf {

namespace {

using test::state_dict;
using test::tensor_ops;
using test::unicode;
using test::zip;
using testing::HasSubstr;

TEST(StateDictPickle, reads_tensors_without_running_anything) {
    const auto tensors = hub::read_state_dict_pickle(
        state_dict(tensor_ops("head.weight", "0", 6) + tensor_ops("head.other", "1", 6)), "x.bin");
    ASSERT_TRUE(tensors) << tensors.error().message;
    ASSERT_EQ(tensors->size(), 2u);
    EXPECT_EQ((*tensors)[0].info.name, "head.weight");
    EXPECT_EQ((*tensors)[0].info.shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ((*tensors)[0].info.dtype, "F32");
    EXPECT_EQ((*tensors)[1].storage, "1");
    EXPECT_EQ((*tensors)[1].storage_bytes, 24u);
}

TEST(StateDictPickle, finds_the_state_dict_inside_a_training_checkpoint) {
    const auto tensors =
        hub::read_state_dict_pickle(std::string("\x80\x02}(", 4) + unicode("epoch") + "K\x03" +
                                        unicode("model") + "}(" + tensor_ops("w", "0", 6) + "uu.",
                                    "x.bin");
    ASSERT_TRUE(tensors) << tensors.error().message;
    EXPECT_EQ(tensors->size(), 1u);
}

TEST(StateDictPickle, names_a_global_that_could_run_code) {
    const auto tensors = hub::read_state_dict_pickle(
        std::string("\x80\x02", 2) + "cposix\nsystem\n" + unicode("id") + "\x85R.", "x.bin");
    ASSERT_FALSE(tensors);
    EXPECT_EQ(tensors.error().code, ErrorCode::policy);
    EXPECT_THAT(tensors.error().message, HasSubstr("posix.system"));
}

TEST(StateDictPickle, refuses_views_beyond_their_storage) {
    const auto tensors = hub::read_state_dict_pickle(state_dict(tensor_ops("w", "0", 5)), "x.bin");
    ASSERT_FALSE(tensors);
    EXPECT_THAT(tensors.error().message, HasSubstr("larger than its storage"));
}

TEST(StateDictPickle, fails_closed_on_every_cut) {
    const std::string whole = state_dict(tensor_ops("w", "0", 6));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto tensors = hub::read_state_dict_pickle(whole.substr(0, size), "x.bin");
        ASSERT_FALSE(tensors) << size;
        EXPECT_EQ(tensors.error().code, ErrorCode::input) << size;
    }
}

TEST(StateDictPickle, refuses_opcodes_outside_the_list) {
    const auto tensors = hub::read_state_dict_pickle("\x80\x04\x93.", "x.bin"); // STACK_GLOBAL
    ASSERT_FALSE(tensors);
    EXPECT_THAT(tensors.error().message, HasSubstr("0x93"));
}

class TorchArchive : public testing::Test {
protected:
    Result<std::vector<hub::TensorInfo>> read(const std::string& bytes) {
        folder_.write("pytorch_model.bin", bytes);
        return hub::read_torch_archive(*host_.files, folder_.path() / "pytorch_model.bin");
    }

    const std::string pickle_ = state_dict(tensor_ops("w", "0", 6));
    test::TemporaryFolder folder_;
    test::RealHost host_;
};

TEST_F(TorchArchive, reads_the_directory_and_the_pickle) {
    const auto tensors =
        read(zip({{"archive/data.pkl", pickle_}, {"archive/data/0", std::string(24, 'x')}}));
    ASSERT_TRUE(tensors) << tensors.error().message;
    EXPECT_EQ(tensors->front().name, "w");
}

TEST_F(TorchArchive, wants_a_record_of_the_right_size) {
    const auto tensors =
        read(zip({{"archive/data.pkl", pickle_}, {"archive/data/0", std::string(20, 'x')}}));
    ASSERT_FALSE(tensors);
    EXPECT_THAT(tensors.error().message, HasSubstr("the record of w"));
}

TEST_F(TorchArchive, checks_the_pickle_against_its_checksum) {
    std::string bytes =
        zip({{"archive/data.pkl", pickle_}, {"archive/data/0", std::string(24, 'x')}});
    bytes[bytes.find("FloatStorage")] = 'f';
    const auto tensors = read(bytes);
    ASSERT_FALSE(tensors);
    EXPECT_THAT(tensors.error().message, HasSubstr("checksum"));
}

TEST_F(TorchArchive, refuses_other_kinds_of_files) {
    EXPECT_FALSE(read("not a zip file"));
    EXPECT_FALSE(read(zip({{"archive/data/0", "x"}})));
    EXPECT_THAT(read(zip({{"a/data.pkl", pickle_}, {"a/constants.pkl", "x"}})).error().message,
                HasSubstr("TorchScript"));
}

} // namespace

} // namespace taohf
