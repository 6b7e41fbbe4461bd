#include <taohf/hub/inspection.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "unit/hub/model_fixtures.hpp"

namespace taohf {

namespace {

using testing::HasSubstr;

class Inspect : public testing::Test {
protected:
    Result<Json> inspect(const std::string& model = "org/model") {
        return hub::inspect(
            host_.host, {folder_.path(), model, "", "folder"}, family_table_, remote_code_);
    }

    Json portable(const std::string& model = "org/model") {
        auto document = inspect(model);
        EXPECT_TRUE(document) << (document ? "" : document.error().message);
        EXPECT_EQ((*document)["verdict"], "portable") << (*document)["reason"];
        return *document;
    }

    Json refused() {
        auto document = inspect();
        EXPECT_TRUE(document) << (document ? "" : document.error().message);
        EXPECT_EQ((*document)["verdict"], "refused");
        EXPECT_NE((*document)["reason"], "");
        return *document;
    }

    void config(const std::string& text) { folder_.write("config.json", text); }

    void classed(const std::string& architecture,
                 const std::string& model_type,
                 const std::string& more = "") {
        config(R"({"architectures":[")" + architecture + R"("],"model_type":")" + model_type +
               "\"" + more + "}");
        folder_.write("model.safetensors", test::safetensors(test::k_small_header, 60));
    }

    /// A model whose class its repository defines, with the code allowed.
    void own_class(const std::string& auto_map, const std::string& more = "") {
        classed("TinyForImageClassification", "tiny", R"(,"auto_map":)" + auto_map + more);
        folder_.write("modeling_tiny.py", "raise SystemExit('this must not run')");
        remote_code_ = hub::RemoteCode::allowed;
    }

    /// Reason of the refusal, although the code is allowed.
    std::string forbidden(const std::string& auto_map, const std::string& more = "") {
        own_class(auto_map, more);
        const Json found = refused();
        EXPECT_EQ(found["remote_code"], true);
        EXPECT_EQ(found["code_module"], "");
        return found["reason"].get<std::string>();
    }

    hub::RemoteCode remote_code_ = hub::RemoteCode::refused;
    const Json family_table_ = test::family_table();
    test::TemporaryFolder folder_;
    test::RealHost host_;
};

TEST_F(Inspect, knows_a_vit_classifier) {
    test::write_vit(folder_);
    const Json found = portable();
    EXPECT_EQ(found["schema"], "taohf/inspection/v1");
    EXPECT_EQ(found["library"], "transformers");
    EXPECT_EQ(found["task"], "image-classification");
    EXPECT_EQ(found["labels"], Json::parse(R"({"count":3,"names":["cat","dog","owl"]})"));
    EXPECT_EQ(found["image"]["height"], 32);
    EXPECT_EQ(found["image"]["resize"], "squash");
    EXPECT_EQ(found["image"]["interpolation"], "bilinear");
    EXPECT_EQ(found["image"]["std"], Json::parse("[0.25,0.25,0.25]"));
    EXPECT_EQ(found["parameters"], 15);
    EXPECT_EQ(found["tensors"].size(), 2u);
    EXPECT_EQ(found["reference"]["core"], "classification_pyt");
    EXPECT_EQ(found["strategy"]["choice"], "timm");
    EXPECT_EQ(found["strategy"]["others"], Json::parse(R"(["wrap"])"));
    EXPECT_EQ(found["backbone"]["layers"], 2);
    EXPECT_EQ(found["backbone"]["mlp_ratio"], 2.0);
    EXPECT_EQ(found["backbone"]["eps"], 1e-12);
}

TEST_F(Inspect, finds_the_class_that_config_does_not_name) {
    config(R"({"model_type":"vit"})");
    folder_.write("model.safetensors", test::safetensors(test::k_small_header, 60));
    EXPECT_EQ(portable()["architecture"], "ViTForImageClassification");

    config(R"({"model_type":"segformer"})");
    folder_.write("README.md", "---\npipeline_tag: image-segmentation\n---\n");
    EXPECT_EQ(portable()["architecture"], "SegformerForSemanticSegmentation");
}

TEST_F(Inspect, refuses_a_class_that_cannot_be_known) {
    config(R"({"model_type":"segformer"})");
    folder_.write("model.safetensors", test::safetensors(test::k_small_header, 60));
    const Json found = refused();
    EXPECT_THAT(found["reason"].get<std::string>(), HasSubstr("SegformerForImageClassification"));
    EXPECT_THAT(found["reason"].get<std::string>(), HasSubstr("architectures"));

    config(R"({"model_type":"vit"})");
    folder_.write("README.md", "---\npipeline_tag: image-feature-extraction\n---\n");
    EXPECT_THAT(refused()["reason"].get<std::string>(), HasSubstr("image-feature-extraction"));
}

TEST_F(Inspect, knows_a_timm_classifier) {
    config(
        R"({"architecture":"resnet18","num_classes":3,"pretrained_cfg":{"input_size":[3,224,224],)"
        R"("crop_pct":0.95,"interpolation":"bicubic","mean":[0.4,0.4,0.4],"std":[0.2,0.2,0.2]}})");
    folder_.write("model.safetensors", test::safetensors(test::k_small_header, 60));
    const Json found = portable();
    EXPECT_EQ(found["library"], "timm");
    EXPECT_EQ(found["architecture"], "resnet18");
    EXPECT_EQ(found["image"]["resize_size"]["shortest_edge"], 235);
    EXPECT_EQ(found["image"]["crop"]["height"], 224);
    EXPECT_EQ(found["image"]["half_pixel"], "even");
    EXPECT_EQ(found["strategy"]["choice"], "timm");
}

TEST_F(Inspect, refuses_a_timm_architecture_that_is_no_name) {
    config(R"({"architecture":"hf-hub:other/model","num_classes":3,"pretrained_cfg":{}})");
    EXPECT_THAT(refused()["reason"].get<std::string>(), HasSubstr("no name of a timm model"));
}

TEST_F(Inspect, resizes_convnext_below_384_before_its_crop) {
    classed("ConvNextForImageClassification", "convnext");
    folder_.write(
        "preprocessor_config.json",
        R"({"feature_extractor_type":"ConvNextFeatureExtractor","size":224,"crop_pct":0.875})");
    const Json image = portable()["image"];
    EXPECT_EQ(image["resize_size"], Json::parse(R"({"shortest_edge":256})"));
    EXPECT_EQ(image["crop"], Json::parse(R"({"height":224,"width":224})"));
    EXPECT_EQ(image["height"], 224);
    EXPECT_EQ(image["interpolation"], "bilinear");
}

TEST_F(Inspect, chooses_a_fixed_shape_for_detectors) {
    classed("DetrForObjectDetection", "detr");
    const Json found = portable();
    EXPECT_EQ(found["task"], "object-detection");
    EXPECT_EQ(found["reference"]["inlined"], "rtdetr");
    EXPECT_EQ(found["strategy"]["choice"], "wrap");
    EXPECT_EQ(found["image"]["height"], 800);
    EXPECT_THAT(found["image"]["origin"]["height"].get<std::string>(), HasSubstr("chosen"));
}

TEST_F(Inspect, splits_universal_segmentation_by_name_and_labels) {
    classed("Mask2FormerForUniversalSegmentation", "mask2former");
    EXPECT_EQ(portable("org/mask2former-coco-panoptic")["task"], "panoptic-segmentation");
    EXPECT_EQ(portable("org/mask2former-coco-instance")["task"], "instance-segmentation");
    EXPECT_EQ(portable("org/mask2former")["task_candidates"].size(), 3u);
    classed("Mask2FormerForUniversalSegmentation", "mask2former", R"(,"num_labels":80)");
    EXPECT_EQ(portable()["task"], "instance-segmentation");
}

TEST_F(Inspect, covers_the_other_tasks) {
    classed("SegformerForSemanticSegmentation", "segformer");
    EXPECT_EQ(portable()["task"], "image-segmentation");
    classed("DepthAnythingForDepthEstimation", "depth_anything");
    EXPECT_EQ(portable()["reference"]["core"], "depth_net");
    classed("GroundingDinoForObjectDetection", "grounding-dino");
    EXPECT_EQ(portable()["task"], "zero-shot-object-detection");
}

TEST_F(Inspect, refuses_models_that_are_not_vision) {
    config(R"({"architectures":["BertForMaskedLM"],"model_type":"bert"})");
    const Json found = refused();
    EXPECT_EQ(found["task"], "text");
    EXPECT_NE(found["alternative"], "");
    config(R"({"architectures":["WhisperForConditionalGeneration"],"model_type":"whisper"})");
    EXPECT_EQ(refused()["task"], "audio");
    config(R"({"architectures":["LlavaForConditionalGeneration"],"model_type":"llava"})");
    EXPECT_EQ(refused()["task"], "multimodal");
    config(R"({"architectures":["Odd"],"model_type":"odd"})");
    EXPECT_EQ(refused()["task"], "unknown");
}

TEST_F(Inspect, refuses_vision_outside_the_seven_tasks) {
    config(R"({"architectures":["CLIPModel"],"model_type":"clip"})");
    EXPECT_EQ(refused()["task"], "zero-shot-image-classification");
    config(R"({"architectures":["OwlViTForObjectDetection"],"model_type":"owlvit"})");
    EXPECT_EQ(refused()["task"], "zero-shot-object-detection");
}

TEST_F(Inspect, refuses_other_kinds_of_repositories) {
    folder_.write("model_index.json", "{}");
    EXPECT_EQ(refused()["task"], "diffusers");
}

TEST_F(Inspect, never_runs_code_of_the_repository) {
    config(R"({"architectures":["ViTForImageClassification"],"model_type":"vit",)"
           R"("auto_map":{"AutoModel":"evil.Model"}})");
    const Json found = refused();
    EXPECT_EQ(found["remote_code"], true);
    EXPECT_THAT(found["reason"].get<std::string>(), HasSubstr("auto_map"));
}

TEST_F(Inspect, takes_a_class_of_the_repository_where_that_is_allowed) {
    own_class(R"({"AutoModelForImageClassification":"modeling_tiny.TinyForImageClassification"})");
    const Json found = portable();
    EXPECT_EQ(found["task"], "image-classification");
    EXPECT_EQ(found["architecture"], "TinyForImageClassification");
    EXPECT_EQ(found["code_module"], "modeling_tiny");
    EXPECT_EQ(found["remote_code"], true);
    EXPECT_EQ(found["strategy"]["choice"], "wrap");
    EXPECT_THAT(found["task_evidence"][0].get<std::string>(),
                HasSubstr("auto_map.AutoModelForImageClassification"));
    remote_code_ = hub::RemoteCode::refused;
    EXPECT_THAT(refused()["reason"].get<std::string>(), HasSubstr("code of its own repository"));
}

TEST_F(Inspect, wraps_a_class_of_the_repository_whatever_it_calls_its_type) {
    classed("Own", "vit", R"(,"auto_map":{"AutoModelForImageClassification":"modeling_tiny.Own"})");
    folder_.write("modeling_tiny.py", "");
    remote_code_ = hub::RemoteCode::allowed;
    EXPECT_EQ(portable()["strategy"]["choice"], "wrap");
}

TEST_F(Inspect, knows_each_key_of_auto_map_that_names_a_task) {
    for (const auto& [key, task] :
         {std::pair{"AutoModelForImageClassification", "image-classification"},
          std::pair{"AutoModelForObjectDetection", "object-detection"},
          std::pair{"AutoModelForSemanticSegmentation", "image-segmentation"},
          std::pair{"AutoModelForInstanceSegmentation", "instance-segmentation"},
          std::pair{"AutoModelForUniversalSegmentation", "image-segmentation"},
          std::pair{"AutoModelForDepthEstimation", "depth-estimation"},
          std::pair{"AutoModelForZeroShotObjectDetection", "zero-shot-object-detection"}}) {
        own_class(R"({"AutoConfig":"modeling_tiny.C",")" + std::string(key) +
                  R"(":"modeling_tiny.M"})");
        EXPECT_EQ(portable()["task"], task) << key;
    }
}

TEST_F(Inspect, takes_the_class_of_auto_map_that_architectures_names) {
    own_class(R"({"AutoModelForDepthEstimation":"modeling_tiny.Other",)"
              R"("AutoModelForImageClassification":"modeling_tiny.TinyForImageClassification"})");
    EXPECT_EQ(portable()["task"], "image-classification");
}

TEST_F(Inspect, leaves_it_to_architectures_when_auto_map_names_no_task) {
    classed("ViTForImageClassification", "vit", R"(,"auto_map":{"AutoModel":"modeling_tiny.M"})");
    remote_code_ = hub::RemoteCode::allowed;
    const Json found = portable();
    EXPECT_EQ(found["code_module"], "");
    EXPECT_EQ(found["remote_code"], true);
    EXPECT_THAT(forbidden(R"({"AutoModel":"modeling_tiny.M"})"),
                HasSubstr("TinyForImageClassification is not a vision class"));
}

TEST_F(Inspect, refuses_code_that_nobody_can_allow) {
    const std::string key = R"({"AutoModelForImageClassification":")";
    for (const auto& [reference, why] :
         {std::pair{"org/other--modeling_tiny.M", "code of another repository"},
          std::pair{"M", "not a module and a class"},
          std::pair{"a.b.M", "not a module and a class"},
          std::pair{"../modeling_tiny.M", "not a module and a class"},
          std::pair{"class.M", "not a module and a class"},
          std::pair{"modeling_absent.M", "there is no modeling_absent.py"}})
        EXPECT_THAT(forbidden(key + reference + "\"}"), HasSubstr(why)) << reference;
    EXPECT_THAT(forbidden(R"("modeling_tiny.M")"), HasSubstr("is no object"));
    const std::string good = key + R"(modeling_tiny.M"})";
    EXPECT_THAT(forbidden(R"({"AutoTokenizer":[null,"org/other--t.T"]})"),
                HasSubstr("code of another repository"));
    for (const char* setting : {R"("trust_remote_code":true)",
                                R"("custom_pipelines":{"p":{"impl":"p.P"}})",
                                R"("_attn_implementation":"org/kernels")",
                                R"("backbone_config":{"auto_map":{"AutoModel":"b.B"}})"})
        EXPECT_THAT(forbidden(good, std::string(",") + setting), HasSubstr("config.json: "))
            << setting;
    folder_.write("preprocessor_config.json", R"({"auto_map":{"AutoImageProcessor":"p.P"}})");
    EXPECT_THAT(forbidden(good), HasSubstr("preprocessor_config.json: auto_map"));
}

TEST_F(Inspect, names_the_weight_files_it_looked_for) {
    config(R"({"architectures":["ViTForImageClassification"],"model_type":"vit"})");
    const auto document = inspect();
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, ErrorCode::input);
    EXPECT_THAT(document.error().message, HasSubstr("model.safetensors.index.json"));
}

TEST_F(Inspect, wants_config_json) {
    const auto document = inspect();
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, ErrorCode::input);
    EXPECT_THAT(document.error().message, HasSubstr("config.json"));
}

TEST_F(Inspect, reads_shards_by_their_index) {
    classed("ViTForImageClassification", "vit");
    std::filesystem::rename(folder_.path() / "model.safetensors", folder_.path() / "a.safetensors");
    folder_.write(
        "model.safetensors.index.json",
        R"({"weight_map":{"classifier.weight":"a.safetensors","classifier.bias":"a.safetensors"}})");
    EXPECT_EQ(portable()["weights"]["files"], Json::parse(R"(["a.safetensors"])"));
}

TEST_F(Inspect, refuses_an_index_that_leaves_the_folder_or_lies) {
    classed("ViTForImageClassification", "vit");
    std::filesystem::rename(folder_.path() / "model.safetensors", folder_.path() / "a.safetensors");
    folder_.write("model.safetensors.index.json",
                  R"({"weight_map":{"classifier.weight":"../../etc/passwd"}})");
    EXPECT_EQ(inspect().error().code, ErrorCode::input);
    folder_.write("model.safetensors.index.json",
                  R"({"weight_map":{"classifier.weight":"a.safetensors"}})");
    EXPECT_THAT(inspect().error().message, HasSubstr("does not list classifier.bias"));
}

TEST_F(Inspect, follows_no_symlink_out_of_the_snapshot) {
    const test::TemporaryFolder elsewhere;
    elsewhere.write("config.json", R"({"architectures":["ViTForImageClassification"]})");
    std::filesystem::create_symlink(elsewhere.path() / "config.json",
                                    folder_.path() / "config.json");
    const auto document = inspect();
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, ErrorCode::policy);
}

TEST_F(Inspect, follows_the_blob_links_of_the_cache) {
    const test::TemporaryFolder cache;
    cache.write("models--o--m/blobs/abc", R"({"architectures":["BertModel"],"model_type":"bert"})");
    const auto snapshot = cache.path() / "models--o--m/snapshots/0123";
    std::filesystem::create_directories(snapshot);
    std::filesystem::create_symlink("../../blobs/abc", snapshot / "config.json");
    const auto document =
        hub::inspect(host_.host, {snapshot, "o/m", "0123", "cache"}, family_table_);
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ((*document)["task"], "text");
}

TEST_F(Inspect, checks_sizes_from_the_configuration) {
    classed("ViTForImageClassification", "vit", R"(,"num_channels":3)");
    folder_.write("preprocessor_config.json", R"({"size":{"height":1000000000,"width":32}})");
    EXPECT_EQ(inspect().error().code, ErrorCode::input);
    folder_.write("preprocessor_config.json", R"({"image_mean":[0.5],"image_std":[0.5]})");
    EXPECT_THAT(inspect().error().message, HasSubstr("3 channels"));
}

TEST_F(Inspect, takes_the_licence_from_the_model_card) {
    test::write_vit(folder_);
    folder_.write("README.md", "---\nlicense: apache-2.0\n---\n# A model\nlicense: none\n");
    EXPECT_EQ(portable()["licence"], "apache-2.0");
}

TEST_F(Inspect, knows_model_types_in_their_old_spelling) {
    classed("ViTHybridForImageClassification", "vit-hybrid");
    EXPECT_EQ(portable()["image"]["crop"]["height"], 224);
    config(R"({"architectures":["X"],"model_type":"blip_2"})");
    EXPECT_EQ(refused()["task"], "multimodal");
}

TEST_F(Inspect, names_the_head_and_its_width) {
    test::write_vit(folder_);
    const Json head = portable()["head"];
    EXPECT_EQ(head["scores"], "classifier");
    EXPECT_EQ(head["outputs"], 3);
    EXPECT_EQ(head["rule"], "one for each label");
    EXPECT_EQ(head["base"], ""); // no tensor of the small file is below it
    classed("DetrForObjectDetection", "detr", R"(,"id2label":{"0":"a","1":"b"})");
    folder_.write(
        "model.safetensors",
        test::safetensors(R"({"class_labels_classifier.weight":{"dtype":"F32","shape":[3,2],)"
                          R"("data_offsets":[0,24]},"model.x":{"dtype":"F16","shape":[2],)"
                          R"("data_offsets":[24,28]}})",
                          28));
    const Json found = portable();
    EXPECT_EQ(found["head"]["base"], "model");
    EXPECT_EQ(found["head"]["modules"], Json::parse(R"(["class_labels_classifier"])"));
    EXPECT_EQ(found["head"]["rule"], "labels and no-object");
    EXPECT_EQ(found["dtype"], "F32");
    EXPECT_EQ(found["coverage"]["head_tensors"], 1);
    EXPECT_EQ(found["estimate"]["weight_bytes"], 28);
}

TEST_F(Inspect, describes_a_refused_vision_model_as_far_as_its_files_go) {
    config(R"({"architectures":["CLIPModel"],"model_type":"clip"})");
    EXPECT_FALSE(refused().contains("tensors"));
    folder_.write("model.safetensors", test::safetensors(test::k_small_header, 60));
    const Json found = refused();
    EXPECT_EQ(found["tensors"].size(), 2u);
    EXPECT_EQ(found["image"]["crop"]["height"], 224);
    EXPECT_FALSE(found.contains("strategy"));
}

TEST_F(Inspect, takes_the_models_own_size_where_no_processor_is) {
    classed("ConvNextForImageClassification", "convnext", R"(,"image_size":96)");
    EXPECT_EQ(portable()["image"]["height"], 96);
    classed("ViTForImageClassification", "vit", R"(,"image_size":[64,48])");
    const Json image = portable()["image"];
    EXPECT_EQ(image["resize_size"], Json::parse(R"({"height":64,"width":48})"));
    EXPECT_EQ(image["width"], 48);
}

TEST_F(Inspect, keeps_the_order_and_rounding_of_odd_processors) {
    classed("LevitForImageClassificationWithTeacher", "levit");
    folder_.write("preprocessor_config.json",
                  R"({"image_processor_type":"LevitImageProcessor","size":{"shortest_edge":224}})");
    EXPECT_EQ(portable()["image"]["resize_size"]["shortest_edge"], 256);
    classed("PerceiverForImageClassificationLearned", "perceiver");
    folder_.write("preprocessor_config.json",
                  R"({"image_processor_type":"PerceiverImageProcessor"})");
    EXPECT_EQ(portable()["image"]["crop_first"], true);
    EXPECT_EQ(portable()["image"]["height"], 224);
    classed("Mask2FormerForUniversalSegmentation", "mask2former");
    folder_.write("preprocessor_config.json",
                  R"({"image_processor_type":"Mask2FormerImageProcessor","size_divisor":64})");
    EXPECT_EQ(portable()["image"]["ceil_multiple"], 64);
    EXPECT_TRUE(portable()["image"]["pad"].is_null());
    classed("SamModel", "sam");
    folder_.write("preprocessor_config.json",
                  R"({"image_processor_type":"SamImageProcessor","size":{"longest_edge":512},)"
                  R"("do_pad":true,"pad_size":{"height":512,"width":512}})");
    const Json image = refused()["image"];
    EXPECT_EQ(image["resize"], "longest_edge");
    EXPECT_EQ(image["pad"], Json::parse(R"({"height":512,"width":512})"));
    EXPECT_EQ(image["height"], 512);
}

TEST_F(Inspect, says_how_sure_it_is_of_the_task) {
    test::write_vit(folder_);
    EXPECT_EQ(portable()["task_confidence"], "certain");
    classed("Mask2FormerForUniversalSegmentation", "mask2former");
    EXPECT_EQ(portable("org/x-panoptic")["task_confidence"], "likely");
    EXPECT_EQ(portable("org/x")["task_confidence"], "guess");
}

TEST_F(Inspect, sizes_beyond_all_integers_are_input_errors) {
    config(R"({"architecture":"x","num_classes":3,"input_size":[3,224,1e300],"crop_pct":0})");
    EXPECT_EQ(inspect().error().code, ErrorCode::input);
    classed("DetrForObjectDetection", "detr");
    folder_.write("preprocessor_config.json", R"({"size":{"shortest_edge":9223372036854775807}})");
    EXPECT_EQ(inspect().error().code, ErrorCode::input);
}

} // namespace

} // namespace taohf
