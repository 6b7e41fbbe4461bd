#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <zlib.h>

#include "../src/hub/state_dict_pickle.hpp"
#include "../src/hub/torch_archive.hpp"
#include "unit/hub/model_fixtures.hpp"

namespace taohf {

namespace {

using testing::HasSubstr;

std::string little(std::uint64_t value, int bytes) {
    return test::length_bytes(value).substr(0, static_cast<std::size_t>(bytes));
}

std::string unicode(const std::string& text) {
    return "X" + little(text.size(), 4) + text;
}

/// The opcodes torch.save writes for one float tensor of shape [2, 3].
std::string tensor_ops(const std::string& key, const std::string& storage, unsigned elements) {
    return unicode(key) + "ctorch._utils\n_rebuild_tensor_v2\n((" + unicode("storage") +
           "ctorch\nFloatStorage\n" + unicode(storage) + unicode("cpu") + "K" +
           static_cast<char>(elements) + "tQK" + '\0' + "K\x02K\x03\x86K\x03K\x01\x86\x89" +
           "ccollections\nOrderedDict\n)RtR";
}

std::string state_dict(const std::string& items) {
    return std::string("\x80\x02", 2) + "ccollections\nOrderedDict\n)R(" + items + "u.";
}

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

/// A stored zip archive, as torch writes it but for the data descriptors.
std::string zip(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string file;
    std::string directory;
    for (const auto& [name, data] : entries) {
        const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
        const std::string sizes = little(crc, 4) + little(data.size(), 4) + little(data.size(), 4);
        const std::string common = little(0x0800, 2) + little(0, 2) + little(0, 4) + sizes +
                                   little(name.size(), 2) + little(0, 2);
        directory += "PK\x01\x02" + little(0, 2) + little(0, 2) + common + little(0, 2) +
                     little(0, 2) + little(0, 2) + little(0, 4) + little(file.size(), 4) + name;
        file += "PK\x03\x04" + little(0, 2) + common + name + data;
    }
    const auto offset = file.size();
    return file + directory + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) +
           little(entries.size(), 2) + little(directory.size(), 4) + little(offset, 4) +
           little(0, 2);
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
