// templates/playbook.yaml as the steps use it: the first rule whose symptom stands in the output.
#include <taohf/base/text.hpp>
#include <taohf/lang/library.hpp>
#include <taohf/lang/node.hpp>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace taohf {

namespace {

const Json& rules() {
    static const Json found = [] {
        const lang::Library templates = lang::Library::embedded("templates");
        Diagnostics diagnostics;
        const std::string* text = templates.find("playbook.yaml");
        const auto node =
            text == nullptr ? std::nullopt : lang::read_yaml(*text, "playbook.yaml", diagnostics);
        return node ? lang::to_json(*node).value("rules", Json::array()) : Json::array();
    }();
    return found;
}

std::string first_rule(const std::string& output) {
    for (const Json& rule : rules())
        if (text::matches(output, rule.at("symptom").get<std::string>()))
            return rule.at("id").get<std::string>();
    return "none";
}

struct Sample {
    const char* id;
    const char* line;
};

void PrintTo(const Sample& sample, std::ostream* out) {
    *out << sample.id;
}

/// What the commands really print, one line for each rule.
const std::vector<Sample> k_samples = {
    {"H02", "Failed to initialize NVML: Unknown Error"},
    {"H03", "Failed to initialize NVML: Driver/library version mismatch"},
    {"H04", "[TRT] [E] CUDA initialization failure with error: 35"},
    {"H09", "OSError: [Errno 28] No space left on device"},
    {"H14", "KeyError: 'getpwuid(): uid not found: 1000'"},
    {"H14", "OSError: No username set in the environment"},
    {"H15", "PermissionError: [Errno 13] Permission denied: '/workspace/results/vit/train'"},
    {"T06",
     "RuntimeError: DataLoader worker (pid(s) 71) is killed by signal: Bus error. It is possible "
     "..."},
    {"T07", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"},
    {"T07",
     "RuntimeError: [enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate "
     "memory"},
    {"F01",
     "ValueError: The checkpoint has model type `dinov9` but Transformers does not recognize this "
     "architecture."},
    {"F02", "huggingface_hub.errors.GatedRepoError: 403 Client Error."},
    {"F03", "huggingface_hub.errors.RepositoryNotFoundError: 401 Client Error."},
    {"F04",
     "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find the requested files in the disk "
     "cache"},
    {"F07",
     "RuntimeError: Only tuples, lists and Variables are supported as JIT inputs/outputs. "
     "Dictionaries and strings are also accepted"},
    {"F08",
     "UnsupportedOperatorError: Exporting the operator 'aten::im2col' to ONNX opset version 9 is "
     "not supported."},
    {"F09", "ValueError: Unsupported ONNX opset version: 25"},
    {"F10",
     "Exporting the operator 'aten::scaled_dot_product_attention' to ONNX opset version 13 is not "
     "supported."},
    {"F13", "optimum.exporters.error_utils.OutputMatchError: The ONNX outputs do not match"},
    {"R01", "KeyError: \"No object named 'vit_pets' found in 'BACKBONE' registry!\""},
    {"R02", "ModuleNotFoundError: No module named 'nvidia_tao_pytorch.cv.vit_pets'"},
    {"R02", "ModuleNotFoundError: No module named 'nvidia_tao_core'"},
    {"R07",
     "TypeError: Can't instantiate abstract class VitPets with abstract method get_stage_dict"},
    {"R07",
     "TypeError: Can't instantiate abstract class VitPets without an implementation for abstract "
     "method 'x'"},
    {"R08", "TypeError: metaclass conflict: the metaclass of a derived class must be a subclass"},
    {"R09", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x64 and 768x10)"},
    {"R10",
     "RuntimeError: Error(s) in loading state_dict for VitPets:\n\tMissing key(s) in state_dict: "
     "\"model.x\""},
    {"R12",
     "vit_pets: error: argument subtask: invalid choice: 'evaluate' (choose from 'train', "
     "'export')"},
    {"R13", "ERROR: The indicated experiment spec file `/tmp/spec.yaml` doesn't exist!"},
    {"R14", "ERROR Cannot set config file path using --config-name."},
    {"R15", "omegaconf.errors.ConfigKeyError: Key 'lr' not in 'OptimConfig'"},
    {"R15", "Could not override 'train.lr'.\nKey 'lr' is not in struct"},
    {"R16", "omegaconf.errors.MissingMandatoryValue: Missing mandatory value: dataset.root"},
    {"D16",
     "ValueError: You need to set at least one of following fields: results_dir, "
     "evaluate.results_dir"},
    {"T01",
     "ValueError: Checkpoint interval 10 > Number of epochs 1. Please set "
     "experiment_config.train.num_epochs"},
    {"T02", "ValueError: Validation interval 10 > Number of epochs 1."},
    {"T04", "ValueError: Resume checkpoint has an invalid file format: x.tlt"},
    {"T05", "_pickle.UnpicklingError: Weights only load failed. This file can still be loaded"},
    {"T12", "KeyError: 'TAO_VISIBLE_DEVICES'"},
    {"T13", "ValueError: Quantization backend must be specified"},
    {"D01", "Failed to load ONNX file: /workspace/results/vit/export/vit.onnx"},
    {"D02", "[TRT] [E] No importer registered for op: GridSampler"},
    {"D03",
     "[TRT] [E] Error Code 10: Could not find any implementation for node "
     "{ForeignNode[/blocks.0]}"},
    {"D04", "[TRT] [W] Skipping tactic 0x00 due to insuficient memory on requested size of 1024"},
    {"D05", "TypeError: 'NoneType' object does not support the context manager protocol"},
    {"D06", "ValueError: Input pixel_values has a dynamic non-spatial axis 1"},
    {"D07", "ValueError: builder was not provided min/opt/max height bounds"},
    {"D08", "AssertionError: All tensors should have the same batch size."},
    {"D11",
     "[TRT] [E] The engine plan file is generated on an incompatible device, expecting compute "
     "8.6"},
    {"D12", "[TRT] [E] Serialization error: Magic tag does not match"},
    {"D13", "RuntimeError: Engine file loading failed."},
    {"D14", "ValueError: input list bigger (32) than engine max batch size (8)"},
    {"D15",
     "AssertionError: Provided class map has 11 classes while the engine expects 10 classes"},
    {"D17", "FileNotFoundError: Calibration image directory /data/cal is empty"},
    {"D18",
     "AttributeError: 'tensorrt.IBuilderConfig' object has no attribute 'max_workspace_size'"},
    {"D22", "[TRT] [W] TensorRT was linked against cuDNN 8.6.0 but loaded cuDNN 8.3.2"},
    {"D23", "NotImplementedError: This builder accepts either .onnx, .uff files"},
    {"D25", "[TRT] [E] Serialization assertion plan->header.magicTag failed."},
    {"P01", "ERROR: file or directory not found: tests/cv_unit_test"},
    {"P02", "'cv_unit' not found in `markers` configuration option"},
};

class Playbook : public testing::TestWithParam<Sample> {};

} // namespace

TEST(PlaybookFile, every_rule_is_complete_and_its_symptom_a_regular_expression) {
    ASSERT_GE(rules().size(), 40U);
    std::set<std::string> ids;
    for (const Json& rule : rules()) {
        const std::string id = rule.value("id", "");
        EXPECT_TRUE(ids.insert(id).second) << id << " stands twice";
        for (const char* key : {"symptom", "cause", "repair"}) {
            ASSERT_TRUE(rule.contains(key) && rule.at(key).is_string()) << id << " " << key;
            EXPECT_FALSE(rule.at(key).get<std::string>().empty()) << id << " " << key;
        }
        EXPECT_EQ(rule.size(), 4U) << id;
        const RE2 compiled(rule.at("symptom").get<std::string>(), RE2::Quiet);
        EXPECT_TRUE(compiled.ok()) << id << ": " << compiled.error();
        EXPECT_FALSE(RE2::PartialMatch("", compiled)) << id << " matches everything";
    }
}

TEST(PlaybookFile, every_rule_has_a_sample) {
    std::set<std::string> sampled;
    for (const Sample& sample : k_samples)
        sampled.insert(sample.id);
    for (const Json& rule : rules())
        EXPECT_TRUE(sampled.contains(rule.at("id").get<std::string>())) << rule.at("id");
}

TEST_P(Playbook, its_own_line_finds_it) {
    EXPECT_EQ(first_rule(GetParam().line), GetParam().id);
}

std::string name_of(const testing::TestParamInfo<Sample>& sample) {
    return std::string(sample.param.id) + "_" + std::to_string(sample.index);
}

INSTANTIATE_TEST_SUITE_P(Samples, Playbook, testing::ValuesIn(k_samples), name_of);

/// Printed by commands that went well, too: no rule may blame them.
TEST(PlaybookFile, harmless_lines_find_nothing) {
    for (const char* line : {
             "[TRT] [W] Your ONNX model has been generated with INT64 weights, while TensorRT does "
             "not natively support INT64.",
             "TracerWarning: Converting a tensor to a Python boolean might cause the trace to be "
             "incorrect.",
             "Telemetry data couldn't be sent, but the command ran successfully.",
             "UserWarning: Can't initialize NVML",
             "Setting resume checkpoint to results/train/model_latest.pth",
             "PytestUnknownMarkWarning: Unknown pytest.mark.cv_unit - is this a typo?",
             "ERROR: KeyboardInterrupt",
             "Execution status: PASS",
             "Epoch 0: 100% 38/38 [00:12<00:00, 3.11it/s, v_num=1, train_loss=nan]",
         })
        EXPECT_EQ(first_rule(line), "none") << line;
}

} // namespace taohf
