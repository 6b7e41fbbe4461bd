#!/bin/bash
# Every gate turns red: one damage after another to evidence, artefacts, sources and records of a finished
# port, each undone, and the port is green again at the end. Then four real accidents in containers.
#
# The table must name every gate of `taohf gate list`, or the test fails. Works on a copy of the finished
# port that port.sh leaves (lib/harness.sh says where); makes one if there is none.
# usage: TAOHF=taohf red_gates.sh [IGNORED]    exit code 77: no docker
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/damage.sh"

workspace=$scratch/ws
options=()
taohf_id=''
clean_up() {
    [ -z "$taohf_id" ] || kill "$taohf_id" 2>/dev/null || true
    remove_containers_of "$workspace"
}

# gate | way | what | how        (ways: lib/damage.sh)
cases() {
    cat <<'END'
G0.1 | record | host | .git = ""
G0.1 | record | host | .docker = ""
G0.1 | record | host | del(.docker)
G0.2 | record | host | .free_gib = 0.5
G0.2 | record | host | .free_gib = null
G0.5 | record | image-pytorch | .id = "absent"
G0.5 | record | image-deploy | .id = "sha256:0123"
G0.6 | edit | evidence/imports_pytorch.json | .installed = ["nvidia-tao-core"]
G0.7 | edit | evidence/imports_deploy.json | .installed = ["nvidia-tao-deploy"]
G0.9 | edit | evidence/imports_pytorch.json | .ok = false
G0.9 | edit | evidence/imports_pytorch.json | .nested = ["/workspace/tao-pytorch/tao-core/nvidia_tao_core/__init__.py"]
G0.9 | delete | evidence/imports_pytorch.json |
G0.10 | edit | evidence/imports_deploy.json | .ok = "true"
G0.10 | edit | evidence/imports_deploy.json | .nested = ["/workspace/tao-deploy/tao-core/nvidia_tao_core/__init__.py"]
G0.11 | append | tao-core/nvidia_tao_core/__init__.py | # edited
G0.11 | append | evidence/imports_deploy.json |
G0.11 | outcome | imports-pytorch | interrupted
G1.1 | record | repositories | ."tao-core".commit = ""
G1.1 | record | repositories | ."tao-pytorch".layout = "none"
G1.1 | record | repositories | del(."tao-deploy")
G1.2 | record | branch | .branches."tao-pytorch" = "main"
G1.2 | record | branch | .branches."tao-deploy" = ""
G1.3 | record | inspect | .task = "text-generation"
G1.4 | record | inspect | .model_type = ""
G1.4 | record | inspect | .image.height = 0
G1.4 | record | inspect | .labels.count = 0
G1.4 | edit | evidence/inspection.json | .tensors = []
G1.5 | edit | evidence/confirm.json | .missing_keys = ["classifier.bias"]
G1.5 | edit | evidence/confirm.json | .mismatched_keys = ["classifier.bias"]
G1.5 | edit | evidence/confirm.json | .unexpected_keys = ["stray"]
G1.5 | edit | evidence/confirm.json | .host_differences = [{"fact": "labels", "host": ["a"], "executed": ["b"]}]
G1.5 | edit | evidence/confirm.json | .state_dict.only_in_file = ["stray"]
G1.5 | edit | evidence/confirm.json | .state_dict.other_shape = ["classifier.weight"]
G1.5 | edit | evidence/confirm.json | .not_finite = ["classifier.weight"]
G1.6 | edit | evidence/confirm.json | .output_finite = false
G1.6 | edit | evidence/confirm.json | .onnx.ok = false
G1.6 | edit | evidence/confirm.json | .onnx.relative_difference = 0.01
G1.6 | edit | evidence/confirm.json | .onnx.relative_difference = null
G1.6 | truncate_file | evidence/confirm.json |
G1.7 | truncate_file | model/model.safetensors |
G1.7 | delete | model/config.json |
G1.7 | append | model/preprocessor_config.json |
G1.8 | append | model/config.json |
G1.8 | delete | evidence/inspection.json |
G2.1 | edit | evidence/reference.json | .missing = ["nvidia_tao_pytorch/cv/classification_pyt/model/classifier.py: build_model"]
G2.1 | edit | evidence/reference.json | .files = []
G2.3 | record | reference | .task.id = "depth-estimation"
G2.3 | record | reference | .task.tensors.outputs = []
G2.3 | record | reference | .task.metrics = []
G2.4 | edit | evidence/weight_map_proof.json | .proved = false
G2.4 | edit | evidence/weight_map_proof.json | .relative_difference = 0.001
G2.4 | edit | evidence/weight_map_proof.json | .unused_sources = ["classifier.bias"]
G2.4 | edit | evidence/weight_map_proof.json | .unset_targets = ["head.bias"]
G2.4 | empty | evidence/weight_map_proof.json |
G2.6 | edit | evidence/dataset.json | .classes_match_labels = false
G2.6 | edit | evidence/dataset.json | .unreadable = ["test/0/0001.png"]
G2.6 | edit | evidence/dataset.json | .problems = ["test: 3 images in no class's folder"]
G2.6 | edit | evidence/dataset.json | .fewest = 0
G2.7 | append | evidence/weight_map.json |
G2.7 | append | model/config.json |
G3.1 | edit | evidence/module.json | .schema_in_workspace = false
G3.3 | edit | evidence/module.json | .finite = false
G3.3 | edit | evidence/module.json | .registered = false
G3.4 | edit | evidence/module.json | .relative_difference = 0.0001
G3.4 | edit | evidence/module.json | .relative_difference = "NaN"
G3.5 | edit | evidence/checkpoint_proof.json | .proved = false
G3.5 | edit | evidence/module.json | .missing_keys = ["head.bias"]
G3.5 | edit | evidence/module.json | .unexpected_keys = ["stray"]
G3.5 | edit | evidence/module.json | .not_finite = ["head.bias"]
G3.5 | truncate_file | convert/vit_digits.pth |
G3.5 | delete | convert/vit_digits.pth |
G3.5 | replace | convert/vit_digits.pth | train/vit_digits_model_latest.pth
G3.6 | edit | evidence/module.json | .missing_package_files = ["model"]
G3.8 | edit | evidence/module.json | .schema_copies_equal = false
G3.10 | edit | evidence/module.json | .parts_not_training = ["backbone.hf_model"]
G3.10 | edit | evidence/module.json | del(.parts_not_training)
G3.9 | append | tao-pytorch/nvidia_tao_pytorch/cv/vit_digits/model/backbone.py | # edited
G3.9 | append | tao-pytorch/nvidia_tao_pytorch/cv/vit_digits/utils/hf_checkpoint_converter.py | # edited
G3.9 | outcome | convert | failure
G4.1 | edit | evidence/specs_pytorch.json | .failures = ["nvidia_tao_pytorch.cv.vit_digits.scripts.train"]
G4.1 | edit | evidence/specs_pytorch.json | .modules = []
G4.3 | edit | evidence/onnx_round_trip.json | .names.outputs = ["logits"]
G4.3 | edit | evidence/onnx_round_trip.json | .relative_difference = 0.01
G4.4 | edit | evidence/specs_deploy.json | .failures = ["nvidia_tao_deploy.cv.vit_digits.scripts.evaluate"]
G4.4 | edit | evidence/specs_deploy.json | .schema_in_workspace = false
G4.5 | append | tao-pytorch/nvidia_tao_pytorch/cv/vit_digits/scripts/train.py | # edited
G4.5 | append | tao-deploy/nvidia_tao_deploy/cv/vit_digits/engine_builder.py | # edited
G5.1 | substitute | tao-pytorch/setup.py | /vit_digits=/d
G5.1 | substitute | tao-deploy/setup.py | s/entrypoint\.vit_digits:main/entrypoint.vit_digits:start/
G5.1 | edit | evidence/package_pytorch.json | .entry_is_right = false
G5.1 | edit | evidence/package_pytorch.json | .module_exists = false
G5.1 | edit | evidence/package_deploy.json | .entry_is_right = false
G5.1 | edit | evidence/package_deploy.json | .module_exists = false
G5.2 | edit | evidence/package_pytorch.json | .missing_subtasks = ["export"]
G5.2 | edit | evidence/package_pytorch.json | .help_exit_code = 1
G5.2 | edit | evidence/package_deploy.json | .missing_subtasks = ["gen_trt_engine"]
G5.2 | edit | evidence/package_deploy.json | .help_exit_code = 2
G5.3 | edit | evidence/package_pytorch.json | .collected = 0
G5.3 | edit | evidence/package_deploy.json | .collected = 0
G5.4 | edit | evidence/package_pytorch.json | .unmarked = 1
G5.5 | append | tao-pytorch/setup.py | # edited
G5.5 | append | tao-deploy/tests/vit_digits/test_engine.py | # edited
G6.1 | edit | evidence/tests_core.json | .exit_code = 1
G6.1 | edit | evidence/tests_core.json | .passed = 0
G6.1 | delete | evidence/tests_core.json |
G6.2 | edit | evidence/tests_pytorch.json | .exit_code = 1
G6.2 | edit | evidence/tests_pytorch.json | .passed = 0
G6.3 | edit | evidence/tests_deploy.json | .exit_code = 5
G6.3 | edit | evidence/tests_deploy.json | .passed = 0
G6.4 | edit | evidence/static.json | .unclean = ["flake8"]
G6.4 | edit | evidence/static.json | .files = 0
G6.5 | edit | evidence/wheel_pytorch.json | .lost = ["nvidia_tao_pytorch/cv/vit_digits/scripts/train.py"]
G6.5 | edit | evidence/wheel_deploy.json | .lost = ["nvidia_tao_deploy/cv/vit_digits/scripts/evaluate.py"]
G6.5 | edit | evidence/wheel_pytorch.json | .has_command = false
G6.5 | edit | evidence/wheel_deploy.json | .has_command = false
G6.5 | emptied | wheels/pytorch |
G6.5 | emptied | wheels/deploy |
G6.6 | edit | evidence/trained_checkpoint.json | .status.succeeded = false
G6.6 | edit | evidence/trained_checkpoint.json | .is_link = false
G6.6 | edit | evidence/trained_checkpoint.json | .not_finite = ["model.head.bias"]
G6.6 | edit | evidence/trained_checkpoint.json | .changed = 0
G6.6 | edit | evidence/trained_checkpoint.json | .same_names = false
G6.6 | edit | evidence/trained_checkpoint.json | .losses = [0.1, null]
G6.6 | edit | evidence/trained_checkpoint.json | .losses = []
G6.6 | delete | train/vit_digits_model_latest.pth |
G6.6 | replace | train/vit_digits_model_latest.pth | convert/vit_digits.pth
G6.7 | edit | evidence/native_answers.json | .onnx.problem = "the graph has a cycle"
G6.7 | edit | evidence/native_answers.json | .onnx.names.inputs = ["pixel_values"]
G6.7 | edit | evidence/native_answers.json | .onnx.dynamic_batch = false
G6.7 | edit | evidence/native_answers.json | .onnx.initializers_finite = false
G6.7 | edit | evidence/native_answers.json | .onnx.relative_difference = 0.01
G6.7 | truncate_file | export/vit_digits.onnx |
G6.7 | delete | export/vit_digits.onnx |
G6.7 | replace | export/vit_digits.onnx | probe/confirm.onnx
G6.8 | delete | trt/vit_digits.engine |
G6.8 | empty | trt/vit_digits.engine |
G6.8 | truncate_file | trt/vit_digits.engine |
G6.8 | replace | trt/vit_digits.engine | probe/confirm.onnx
G6.8 | append | trt/vit_digits.engine |
G6.8 | replace | export/vit_digits.onnx | probe/confirm.onnx
G6.8 | edit | evidence/engine_answers.json | .sha256 = {}
G6.9 | edit | evidence/comparison.json | .native_inference.rows = 299
G6.9 | edit | evidence/comparison.json | .engine_inference.rows = 299
G6.9 | edit | evidence/comparison.json | .native_inference.different = ["0/0130.png"]
G6.9 | edit | evidence/comparison.json | .engine_inference.different = ["0/0130.png"]
G6.9 | empty | inference/result.csv |
G6.9 | delete | trt_inference/result.csv |
G6.10 | edit | evidence/comparison.json | .accuracy_spread = 0.01
G6.10 | edit | evidence/comparison.json | .accuracy_spread = null
G6.10 | edit | evidence/comparison.json | .finite = false
G6.10 | edit | evidence/comparison.json | .same_images = false
G6.10 | replace | answers/engine.npz | answers/hf.npz
G6.10 | delete | evaluate/results.json |
G6.10 | empty | trt_evaluate/results.json |
G6.11 | edit | evidence/comparison.json | .hf_native.relative_difference = 0.001
G6.11 | edit | evidence/comparison.json | .hf_native.disagreeing = 1
G6.12 | edit | evidence/comparison.json | .native_engine.relative_difference = 0.01
G6.12 | edit | evidence/comparison.json | .native_engine.cosine = 0.5
G6.12 | edit | evidence/comparison.json | .native_engine.agreement = 0.9
G6.13 | edit | evidence/comparison.json | .not_succeeded = ["evaluate"]
G6.13 | edit | evidence/comparison.json | .failure_lines = 1
G6.14 | delete | patches |
G6.14 | emptied | patches |
G6.15 | append | evaluate/status.json | {"status": "FAILURE", "message": "User/System interruption: Evaluate was interrupted"}
G6.15 | append | tao-deploy/nvidia_tao_deploy/cv/vit_digits/inferencer.py | # edited
G6.15 | truncate_file | answers/native.npz |
G6.15 | delete | train/experiment.yaml |
G6.15 | outcome | compare | interrupted
G6.16 | edit | evidence/trained_comparison.json | .least_rise = -1
G6.16 | edit | evidence/trained_comparison.json | .spread = 1
G6.16 | edit | evidence/trained_comparison.json | .not_succeeded = ["evaluate"]
G6.16 | append | trained/trt_evaluate/results.json | 0
G6.16 | edit | evidence/trained_comparison.json | .sha256 = {}
END
}

expect_red() { # GATE WORDS: exit code 1 and this gate among the red ones, with what it expected and saw
    check_gates "$workspace" "${options[@]}"
    jq -e --arg id "$1" '(.passed | not) and any(.gates[]; .id == $id and (.passed | not) and .severity == "error"
        and .expected != "" and .observed != "")' "$scratch/gates.json" >/dev/null || fail "$1 stays green: $2"
    [ "$gates_status" -eq 1 ] || fail "gate check ended with $gates_status, not 1: $2"
}

trim() { local text=${1#"${1%%[![:space:]]*}"}; echo "${text%"${text##*[![:space:]]}"}"; }

run_table() {
    local gate way what how count=0
    while IFS='|' read -r gate way what how; do
        gate=$(trim "$gate") way=$(trim "$way") what=$(trim "$what") how=$(trim "$how")
        "$way" "$what" "$how"
        expect_red "$gate" "$way $what $how"
        undo
        count=$((count + 1))
    done < <(cases)
    expect_green "$workspace"
    say "$count damages, each red"
}

# Only the core layout has a test of tao-core, and only a port that was asked for it proves its training. Here
# their gates are judged as if it were so, over evidence that is written here.
judge_what_is_optional() {
    local trained=results/$port/trained/trt_evaluate/results.json
    cp -a "$root/phases" "$scratch/phases"
    sed -i '/when: inputs.prove_training == true/d' "$scratch/phases/6-validation.yaml"
    [ "$layout" = core ] || sed -i '/when: tao.layout == core/d' "$scratch/phases/6-validation.yaml"
    options=(--phases "$scratch/phases")
    [ "$layout" = core ] ||
        echo '{"schema": "taohf/pytest/v1", "exit_code": 0, "passed": 3}' >"$(path_of evidence/tests_core.json)"
    mkdir -p "$(dirname "$workspace/$trained")"
    echo '{"top_1_accuracy": 1}' >"$workspace/$trained"
    jq -n --arg file "$trained" --arg digest "$(sha256sum "$workspace/$trained" | cut -d' ' -f1)" \
        '{schema: "taohf/trained_comparison/v1", least_rise: 0.5, spread: 0, not_succeeded: [], sha256: {($file): $digest}}' \
        >"$(path_of evidence/trained_comparison.json)"
}

# Every gate that the program lists has a case, is judged, and is green before the damage.
expect_complete() {
    local listed judged named
    listed=$("$taohf" --json gate list | jq -r '.gates[].id' | sort -u)
    check_gates "$workspace" "${options[@]}"
    judged=$(jq -r '.gates[] | select(.passed) | .id' "$scratch/gates.json" | sort -u)
    named=$(cases | cut -d'|' -f1 | tr -d ' ' | sort -u)
    [ "$listed" = "$named" ] || fail "gates without a case, or cases without a gate: $(comm -3 <(echo "$listed") <(echo "$named") | xargs)"
    [ "$listed" = "$judged" ] || fail "gates that are not green here: $(comm -3 <(echo "$listed") <(echo "$judged") | xargs)"
}

expect_run() { # EXIT-CODE ARGUMENTS...: taohf itself
    local code=$1 status=0
    "$taohf" -C "$workspace" "${@:2}" >"$scratch/run.log" 2>&1 || status=$?
    [ "$status" -eq "$code" ] || { tail -n 25 "$scratch/run.log" >&2; fail "taohf ${*:2} ended with $status, not $code"; }
}

expect_true() { # FILE JQ-FILTER, of a fresh piece of evidence
    jq -e "$2" "$(path_of "$1")" >/dev/null || fail "not true of $1: $2; it says $(jq -c . "$(path_of "$1")" | cut -c1-600)"
}

# A search path that finds a stale tao-core inside another clone first.
nested_core() {
    local clone templates=$scratch/templates
    cp -a "$root/templates" "$templates"
    for clone in tao-pytorch tao-deploy; do
        [ -d "$workspace/$clone/tao-core/nvidia_tao_core" ] && continue
        mkdir -p "$workspace/$clone/tao-core"
        cp -a "$workspace/tao-core/nvidia_tao_core" "$workspace/$clone/tao-core/"
        made_nested+=("$workspace/$clone/tao-core")
    done
    sed -i 's,/workspace/tao-core:/workspace/\(tao-[a-z]*\)",/workspace/\1/tao-core:&,' "$templates/profiles/sandbox.yaml"
    expect_run 1 --templates "$templates" phase 0 --from imports-pytorch
    expect_red G0.9 "a nested tao-core is imported"
    expect_red G0.10 "a nested tao-core is imported"
    expect_true evidence/imports_pytorch.json '.ok == false and .nested == ["/workspace/tao-pytorch/tao-core/nvidia_tao_core/__init__.py"]'
    rm -rf "${made_nested[@]}"
    expect_run 0 phase 0 --from imports-pytorch
}

# A converter that spoils the weights: the checkpoint is fresh, complete and of the right shape.
not_a_number() {
    substitute tao-pytorch/nvidia_tao_pytorch/cv/vit_digits/utils/hf_checkpoint_converter.py \
        's/value\.contiguous() for/value.contiguous() * float("nan") for/'
    expect_run 1 phase 3
    expect_red G3.5 "NaN in the converted checkpoint"
    expect_red G3.3 "NaN in the converted checkpoint"
    expect_true evidence/module.json '.not_finite | length > 0'
    expect_true evidence/checkpoint_proof.json '.proved == false'
    undo
    expect_run 0 phase 3
}

# A command without its entry in setup.py.
no_entry_point() {
    substitute tao-deploy/setup.py '/vit_digits=/d'
    expect_red G5.1 "no entry in tao-deploy/setup.py"
    expect_red G5.5 "tao-deploy/setup.py changed"
    expect_run 0 phase 5
    grep -q 'vit_digits=nvidia_tao_deploy' "$workspace/tao-deploy/setup.py" || fail "phase 5 did not register the command again"
    undo
}

# Signals evaluate as soon as its status file shows that it works. TAO's entry point then says PASS and exits 0.
interrupted_evaluate() {
    local container='' waited=0 status=0 log=$workspace/.taohf/$port/logs/evaluate.log
    rm -r "$(path_of evaluate)"
    "$taohf" -C "$workspace" phase 6 >"$scratch/run.log" 2>&1 &
    taohf_id=$!
    while [ -z "$container" ]; do
        container=$(docker ps --quiet --filter "label=taohf.port=$(label_of "$workspace")" --filter label=taohf.context=pytorch)
        waited=$((waited + 1))
        [ "$waited" -lt 600 ] || fail "no container for evaluate appeared"
        kill -0 "$taohf_id" 2>/dev/null || { tail -n 25 "$scratch/run.log" >&2; fail "phase 6 ended before evaluate began"; }
        sleep 0.2
    done
    docker exec --interactive "$container" python3 - "/workspace/results/$port/evaluate/status.json" <<'PYTHON' || fail "evaluate was not seen at work"
import os
import pathlib
import signal
import sys
import time

status, end = pathlib.Path(sys.argv[1]), time.monotonic() + 600
while not (status.is_file() and "STARTED" in status.read_text()):
    if time.monotonic() > end:
        sys.exit("evaluate did not start")
    time.sleep(0.01)
for folder in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
    except OSError:
        continue
    if any(word.endswith((b"entrypoint.vit_digits", b"scripts/evaluate.py")) for word in words) and int(folder.name) != os.getpid():
        os.kill(int(folder.name), signal.SIGINT)
PYTHON
    wait "$taohf_id" || status=$?
    taohf_id=''
    grep -q 'Execution status: PASS' "$log" || { tail -n 15 "$log" >&2; fail "the interrupted command did not claim success"; }
    [ "$status" -eq 1 ] || { tail -n 25 "$scratch/run.log" >&2; fail "phase 6 ended with $status, not 1, after an interrupted evaluate"; }
    expect_red G6.13 "evaluate was interrupted and printed PASS"
    expect_true evidence/comparison.json '.not_succeeded == ["evaluate"]'
    rm -r "$(path_of evaluate)"
    expect_run 0 phase 6
}

made_nested=()
make_finished_workspace
copy_workspace "$finished" "$workspace"
say "a finished port is there"
expect_green "$workspace"
judge_what_is_optional
expect_complete
run_table
options=()
for accident in nested_core interrupted_evaluate no_entry_point not_a_number; do
    "$accident"
    expect_green "$workspace"
    say "$accident: red, and green again"
done
expect_no_container "$workspace"
