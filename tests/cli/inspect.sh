#!/bin/bash
# inspect says what a portable model is, without docker, and in the fields that scripts rely on.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

run inspect "$digits/model"
expect_status 0
expect_out "ViTForImageClassification"
expect_out "portable"
[ "$(wc -l <out)" -le 24 ] || failed "more than one screen"

run --json inspect "$digits/model"
expect_status 0
for field in schema model revision source library model_type architecture task task_evidence verdict reason labels image \
    parameters reference strategy licence bytes_read seconds; do
    expect_json "has(\"$field\")"
done
expect_json '.schema == "taohf/inspection/v1" and .source == "folder" and .library == "transformers"'
expect_json '.model_type == "vit" and .task == "image-classification" and .verdict == "portable"'
expect_json '.labels.count == 10 and .labels.names[9] == "9" and .parameters == 214218 and .licence == "apache-2.0"'
expect_json '.image | [.height, .width, .channels] == [32, 32, 3]'
expect_json '.image | has("mean") and has("std") and has("rescale") and has("resize") and has("crop") and has("interpolation")'
expect_json '.reference == {"core": "classification_pyt", "inlined": "classification_pyt"}'
expect_json '.strategy | .choice == "timm" and (.why | length) > 0 and .others == ["wrap"]'
expect_json '(has("tensors") | not) and .bytes_read < 100000'

run --json inspect --keys "$digits/model"
expect_json '.tensors | any(.name == "classifier.weight" and .shape == [10, 64] and .dtype == "F32")'
expect_json '([.tensors[] | .shape | reduce .[] as $n (1; . * $n)] | add) == .parameters'
run inspect --explain "$digits/model"
expect_out "because       architectures[0] is ViTForImageClassification"

# Several models: one JSON line each, in the order given, also from a file.
copy_digits other
run --json inspect "$digits/model" other
expect_status 0
[ "$(wc -l <out)" -eq 2 ] || failed "not one line a model"
sed -n 2p out | jq -e '.model == "other" and .verdict == "portable"' >jq || failed "the second line is not the second model"
printf '%s\n\n# a comment\nother\n' "$digits/model" >list
run --json inspect --from list
[ "$(jq -s length out)" -eq 2 ] || failed "the list has two models"
mkdir nothing
run --json inspect "$digits/model" nothing
expect_status 1
jq -se '.[0].verdict == "portable" and .[1].verdict == "error" and (.[1].reason | contains("config.json"))' out >jq ||
    failed "one that cannot be read hides the other"
run inspect nothing
expect_error 10 "config.json" ""
run inspect ./nosuch
expect_error 10 "does not exist" "look at the path"
run inspect list
expect_error 10 "is a file, a model is a folder" "config.json"
copy_digits corrupt
printf 'no header here' >corrupt/model.safetensors
run inspect corrupt
expect_error 10 "model.safetensors is no valid safetensors file" "fetch that file of corrupt anew"

# A class that config.json does not name comes from the model's type where there is only one.
copy_digits nameless
jq 'del(.architectures)' "$digits/model/config.json" >nameless/config.json
run --json inspect nameless
expect_json '.verdict == "portable" and .architecture == "ViTForImageClassification"'

# The head, what a port takes, and what is known to go wrong.
run --json inspect "$digits/model"
expect_json '.head | .base == "vit" and .modules == ["classifier"] and .scores == "classifier" and .outputs == 10'
expect_json '.head | (.rule | length) > 0 and (.fate | contains("10 labels"))'
expect_json '.dtype == "F32" and .task_confidence == "certain" and .coverage.tensors == 72 and .coverage.head_tensors == 2'
expect_json '.estimate | .weight_bytes == 856872 and .gpu_training_bytes == 214218 * 16 and .gpu_activation_bytes_per_image > 0'
expect_json '(.traps.parity | length) > 0 and (.traps | has("onnx")) and .tao_backbones == {"core": [], "inlined": []}'
expect_json '.image | has("pad") and has("origin") and .channel_order == "rgb"'
copy_digits base
jq '.hidden_size = 768 | .num_hidden_layers = 12 | .num_attention_heads = 12 | .patch_size = 16' "$digits/model/config.json" >base/config.json
run --json inspect base
expect_json '.tao_backbones.inlined == ["vit_base_patch16"]'
run inspect --explain "$digits/model"
expect_out "image         mean from preprocessor_config.json: image_mean"
expect_out "cost          training: float32 weights"

# Two revisions: equal ones, and what differs otherwise.
run inspect "$digits/model" --against other
expect_status 0
expect_out "nothing that a port rests on differs"
jq '.id2label["9"] = "nine" | .layer_norm_eps = 1e-6' "$digits/model/config.json" >other/config.json
run inspect "$digits/model" --against other
expect_status 1
expect_out "labels.names"
expect_out "backbone.eps: 1e-12 -> 1e-06"
run --json inspect "$digits/model" --against other
expect_json '.schema == "taohf/inspection-comparison/v1" and .same == false and (.changes | length) == 2'
expect_json '.tensors == {"added": [], "removed": [], "changed": []}'
run inspect "$digits/model" --against nosuch
expect_error 2 "has no revision 'nosuch'" "another folder"
run inspect "$digits/model" other --against other
expect_error 2 "one model" "--against REVISION"

run inspect
expect_error 2 "no model given" "taohf inspect MODEL"
