#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "../src/hub/state_dict_pickle.hpp"
#include "../src/hub/torch_archive.hpp"
#include "unit/hub/pickle_fixtures.hpp"

namespace taohf {

namespace {

using test::little;
using test::state_dict;
using test::tensor_ops;
using test::unicode;
using test::zip;
using testing::HasSubstr;

const std::string k_protocol("\x80\x02", 2);

Error refusal(const std::string& pickle) {
    auto tensors = hub::read_state_dict_pickle(pickle, "pytorch_model.bin");
    EXPECT_FALSE(tensors);
    return tensors ? Error{} : tensors.error();
}

std::string
call(const std::string& module, const std::string& member, const std::string& argument) {
    return k_protocol + "c" + module + "\n" + member + "\n" + argument + "\x85R.";
}

struct Hostile {
    const char* module;
    const char* member;
};

class CodeInPickle : public testing::TestWithParam<Hostile> {};

// What pickles in the wild have been seen to call, and what bypassed the scanners' block lists.
TEST_P(CodeInPickle, is_a_policy_error_that_names_the_global) {
    const auto& [module, member] = GetParam();
    const Error error = refusal(call(module, member, unicode("id")));
    EXPECT_EQ(error.code, ErrorCode::policy);
    EXPECT_THAT(error.message, HasSubstr(std::string(module) + "." + member));
    EXPECT_THAT(error.next, HasSubstr("safetensors"));
}

INSTANTIATE_TEST_SUITE_P(Globals,
                         CodeInPickle,
                         testing::Values(Hostile{"posix", "system"},
                                         Hostile{"nt", "system"},
                                         Hostile{"os", "popen"},
                                         Hostile{"builtins", "eval"},
                                         Hostile{"__builtin__", "exec"},
                                         Hostile{"builtins", "getattr"},
                                         Hostile{"subprocess", "Popen"},
                                         Hostile{"runpy", "_run_code"},
                                         Hostile{"webbrowser", "open"},
                                         Hostile{"asyncio.unix_events", "x"},
                                         Hostile{"torch.storage", "_load_from_bytes"},
                                         Hostile{"torch", "load"},
                                         Hostile{"torch.hub", "load"},
                                         Hostile{"numpy", "load"},
                                         Hostile{"operator", "attrgetter"},
                                         Hostile{"importlib", "import_module"},
                                         Hostile{"pip", "main"},
                                         Hostile{"torch._utils", "_rebuild_tensor_v2.__globals__"},
                                         Hostile{"collections", "OrderedDict.__class__"}));

TEST(HostilePickle, nested_getattr_stops_at_its_first_global) {
    const Error error =
        refusal(k_protocol + "cbuiltins\ngetattr\n(cposix\nsystem\n" + unicode("x") + "tR.");
    EXPECT_EQ(error.code, ErrorCode::policy);
    EXPECT_THAT(error.message, HasSubstr("builtins.getattr"));
}

TEST(HostilePickle, code_behind_a_good_state_dict_is_found) {
    const std::string good = state_dict(tensor_ops("w", "0", 6));
    const Error inside = refusal(good.substr(0, good.size() - 1) + "cposix\nsystem\n.");
    EXPECT_EQ(inside.code, ErrorCode::policy);
    const Error second = refusal(good + call("posix", "system", unicode("id")));
    EXPECT_EQ(second.code, ErrorCode::input);
    EXPECT_THAT(second.message, HasSubstr("bytes follow"));
}

class OtherOpcode : public testing::TestWithParam<int> {};

// INST, OBJ, EXT1, EXT2, EXT4, STACK_GLOBAL, DUP, POP, PERSID, REDUCE's newer kin, FRAME, and none.
TEST_P(OtherOpcode, fails_closed) {
    const Error error =
        refusal(k_protocol + "}" + static_cast<char>(GetParam()) + "posix\nsystem\n.");
    EXPECT_EQ(error.code, ErrorCode::input);
    EXPECT_THAT(error.message, HasSubstr("opcode 0x"));
}

INSTANTIATE_TEST_SUITE_P(Opcodes,
                         OtherOpcode,
                         testing::Values('i',
                                         'o',
                                         0x82,
                                         0x83,
                                         0x84,
                                         0x93,
                                         '2',
                                         '0',
                                         'P',
                                         0x92,
                                         0x95,
                                         0x8c,
                                         0x94,
                                         0x96,
                                         0xff,
                                         0x00,
                                         'S',
                                         'I',
                                         'F',
                                         'd',
                                         'l'));

TEST(HostilePickle, sizes_are_budgeted) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(refusal(k_protocol + std::string(3'000'000, 'N') + ".").message,
                HasSubstr("more than 2,000,000 values"));
    EXPECT_THAT(refusal(k_protocol + "}q" + '\0' +
                        [] {
                            std::string gets;
                            for (int i = 0; i < 20'000'001; ++i)
                                gets.append("h\0", 2);
                            return gets;
                        }() +
                        ".")
                    .message,
                HasSubstr("more than 20,000,000 opcodes"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HostilePickle, remembered_values_do_not_multiply) {
    // One tuple with a key of a megabyte, or of many parts, used as a persistent id again and
    // again.
    const std::string key = unicode(std::string(1u << 20, 'k'));
    std::string uses;
    for (int i = 0; i < 1000; ++i)
        uses.append("h\0Q", 3);
    const std::string storage = "(" + unicode("storage") + "ctorch\nFloatStorage\n" + key +
                                unicode("cpu") + "K\x06tq" + '\0';
    EXPECT_THAT(refusal(k_protocol + storage + uses + ".").message, HasSubstr("255 bytes"));
    const std::string wide = "(" + std::string(100'000, 'N') + "tq" + '\0';
    EXPECT_THAT(refusal(k_protocol + wide + uses + ".").message, HasSubstr("more than 16 parts"));
    const std::string called = k_protocol + wide + "ccollections\nOrderedDict\nh" + '\0' + "R.";
    EXPECT_THAT(refusal(called).message, HasSubstr("more than 16 arguments"));
}

TEST(HostilePickle, offsets_before_the_storage_are_refused) {
    std::string tensor = tensor_ops("w", "0", 6);
    const auto offset = tensor.find(std::string("QK\0K", 4));
    ASSERT_NE(offset, std::string::npos);
    tensor.replace(offset + 1, 2, "J\xff\xff\xff\xff");
    EXPECT_THAT(refusal(state_dict(tensor)).message, HasSubstr("offset is no count"));
}

class HostileArchive : public testing::Test {
protected:
    Error refusal(const std::string& bytes) {
        folder_.write("pytorch_model.bin", bytes);
        auto tensors = hub::read_torch_archive(*host_.files, folder_.path() / "pytorch_model.bin");
        EXPECT_FALSE(tensors);
        return tensors ? Error{} : tensors.error();
    }

    const std::string pickle_ = state_dict(tensor_ops("w", "0", 6));
    const std::string good_ =
        zip({{"archive/data.pkl", pickle_}, {"archive/data/0", std::string(24, 'x')}});
    test::TemporaryFolder folder_;
    test::RealHost host_;
};

TEST_F(HostileArchive, code_in_the_archive_is_a_policy_error) {
    EXPECT_EQ(refusal(zip({{"archive/data.pkl", call("posix", "system", unicode("id"))}})).code,
              ErrorCode::policy);
}

TEST_F(HostileArchive, other_containers_are_no_archive) {
    EXPECT_EQ(refusal(std::string("7z\xbc\xaf\x27\x1c", 6) + std::string(60, '\0')).code,
              ErrorCode::input);
    const std::string legacy = k_protocol + "\x8a\nl\xfc\x9c"
                                            "F\xf9 j\xa8P\x19.";
    EXPECT_THAT(refusal(legacy).message, HasSubstr("no zip file"));
    EXPECT_THAT(refusal("./data.pkl" + std::string(502, '\0')).message, HasSubstr("no zip file"));
}

TEST_F(HostileArchive, both_headers_tell_the_same) {
    const auto central = good_.find("PK\x01\x02");
    const auto with = [&](std::size_t at, char byte) {
        std::string bytes = good_;
        bytes[at] = byte;
        return refusal(bytes);
    };
    EXPECT_THAT(with(30, 'b').message, HasSubstr("two headers"));           // another name
    EXPECT_THAT(with(6, 1).message, HasSubstr("two headers"));              // encrypted here only
    EXPECT_THAT(with(8, 8).message, HasSubstr("two headers"));              // deflated here only
    EXPECT_THAT(with(14, 'z').message, HasSubstr("two headers"));           // another checksum
    EXPECT_THAT(with(central + 8, 1).message, HasSubstr("encrypted"));      // flag bit
    EXPECT_THAT(with(central + 10, 8).message, HasSubstr("compressed"));    // method
    EXPECT_THAT(with(central + 24, 99).message, HasSubstr("compressed"));   // size
    EXPECT_THAT(with(central + 43, 99).message, HasSubstr("archive/data")); // offset
}

TEST_F(HostileArchive, a_record_that_stands_twice_is_refused) {
    EXPECT_THAT(refusal(zip({{"archive/data.pkl", pickle_},
                             {"archive/data/0", std::string(24, 'x')},
                             {"archive/data/0", std::string(24, 'y')}}))
                    .message,
                HasSubstr("stands twice"));
    EXPECT_THAT(refusal(zip({{"a/data.pkl", pickle_}, {"b/data.pkl", pickle_}})).message,
                HasSubstr("two pickles"));
}

TEST_F(HostileArchive, fails_closed_on_every_cut) {
    for (std::size_t size = 0; size < good_.size(); size += 7)
        EXPECT_EQ(refusal(good_.substr(0, size)).code, ErrorCode::input) << size;
}

} // namespace

} // namespace taohf
