#!/bin/bash
# What a change makes run again: exactly the steps that depend on it, and `status --why` names the reason.
#
# Works on a copy of the finished port that port.sh leaves (lib/harness.sh says where); makes one if there is none.
# usage: TAOHF=taohf stale.sh [IGNORED]    exit code 77: no docker
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

workspace=$scratch/ws
templates=$scratch/templates
deploy=$workspace/tao-deploy/nvidia_tao_deploy/cv/$port
pytorch=$workspace/tao-pytorch/nvidia_tao_pytorch/cv/$port
made_image=''
clean_up() {
    remove_containers_of "$workspace"
    [ -z "$made_image" ] || docker tag "$made_image" "$(image_of deploy)" 2>/dev/null || true
}

image_of() { # CONTEXT: the tag that its containers are made of
    sed -n 's/^tao_version: *//p' "$workspace/taohf.yaml" | tr -d "\"'" | sed "s,^,taohf-sandbox/$1-base:,"
}

# Steps that would run for certain, and those that would if a step before them gives something else.
planned() { # DECISIVE [OPTIONS...]
    local filter='.steps[] | select(.decision == "run")'
    [ "$1" = certain ] || filter='.steps[] | select(.decision == "run" or .decision == "may run")'
    "$taohf" -C "$workspace" "${@:2}" --json plan | jq -r "$filter | .step" | sort | xargs
}

words() { xargs -n 1 <<<"$1" | sort | xargs; }

expect_plan() { # WHY STEPS [OPTIONS...]
    local found
    found=$(planned certain "${@:3}")
    [ "$found" = "$(words "$2")" ] || fail "$1: planned are '$found', expected '$(words "$2")'"
}

expect_why() { # STEP WORDS [OPTIONS...]
    "$taohf" -C "$workspace" "${@:3}" --json status --why |
        jq -e --arg step "$1" --arg words "$2" 'any(.phases[].steps[]; .id == $step and (.reason | contains($words)))' >/dev/null ||
        fail "status --why does not say of $1: $2"
}

expect_nothing() { [ -z "$(planned any "$@")" ] || fail "$(planned any "$@") would run without a reason"; }

make_finished_workspace
copy_workspace "$finished" "$workspace"
expect_nothing
cp -a "$root/templates" "$templates"

# A template: only the step that renders it, for certain; what reads the file only if the file becomes another.
sed -i 's/Write result.csv with/Write the table result.csv with/' "$templates/classification/deploy/inference.py.tmpl"
expect_plan "a template was touched" "render-export" --templates "$templates"
expect_why render-export "template classification/deploy/inference.py.tmpl changed" --templates "$templates"
since=$(wc -l <"$workspace/.taohf/$port/journal.jsonl")
"$taohf" -C "$workspace" --templates "$templates" "${run_arguments[@]}" >"$scratch/run.log" 2>&1 || {
    tail -n 20 "$scratch/run.log" >&2
    fail "the run with the other template failed"
}
grep -q "Write the table result.csv" "$deploy/scripts/inference.py" || fail "the other template was not rendered"
ran=$(tail -n +$((since + 1)) "$workspace/.taohf/$port/journal.jsonl" | jq -r '.record | select(.event == "step_started") | .step' | sort | xargs)
expected="render-export specs-deploy package-deploy tests-deploy static wheel-deploy engine engine-inference engine-evaluate
    answers-engine compare patch"
for step in $ran; do
    case " $(words "$expected") " in *" $step "*) ;; *) fail "$step ran for a template that it does not depend on" ;; esac
done
for step in render-export specs-deploy tests-deploy engine engine-inference; do
    case " $ran " in *" $step "*) ;; *) fail "$step did not run for a template that it depends on: $ran" ;; esac
done
say "a template: $ran"
expect_nothing --templates "$templates"
rm -rf "$workspace"
copy_workspace "$finished" "$workspace"

# A value in a probe's library: the probes that import it, no other.
sed -i 's/MOST_IMAGES = 8/MOST_IMAGES = 4/' "$templates/probe/prove_weight_map.py"
cp "$root/templates/classification/deploy/inference.py.tmpl" "$templates/classification/deploy/"
expect_plan "a probe was touched" "weight-map-proof checkpoint-proof" --templates "$templates"

# A value in a spec: what reads the folder of specs.
sed -i 's/lr: 0.00001/lr: 0.00002/' "$pytorch/experiment_specs/experiment_spec.yaml"
spec_steps="module onnx-round-trip specs-pytorch package-pytorch tests-pytorch static wheel-pytorch train evaluate inference
    export-onnx answers-native"
expect_plan "a spec was touched" "$spec_steps"
expect_why train "input tao-pytorch/nvidia_tao_pytorch/cv/$port changed"
sed -i 's/lr: 0.00002/lr: 0.00001/' "$pytorch/experiment_specs/experiment_spec.yaml"
expect_nothing

# A value that a run is told: what is told it.
sed -i 's/settings: {epochs: 2,/settings: {epochs: 3,/' "$templates/classification/task.yaml"
cp "$root/templates/probe/prove_weight_map.py" "$templates/probe/"
expect_plan "a default of the task was touched" "reference" --templates "$templates"
cp "$root/templates/classification/task.yaml" "$templates/classification/"

# An image: every step that runs in it, and the step that derives it.
made_image=$(docker image inspect --format '{{.Id}}' "$(image_of deploy)")
container=$(docker create --label taohf=1 "$(image_of deploy)" true)
docker commit --change 'LABEL taohf.test=1' "$container" "$(image_of deploy)" >/dev/null
docker rm "$container" >/dev/null
steps=$(planned certain)
expected="image-deploy imports-deploy specs-deploy package-deploy tests-deploy static wheel-deploy engine engine-inference
    engine-evaluate answers-engine"
[ "$steps" = "$(words "$expected")" ] || fail "an image was touched: planned are '$steps', expected '$(words "$expected")'"
expect_why engine "image $(image_of deploy) changed"
docker tag "$made_image" "$(image_of deploy)"
made_image=''
expect_nothing
say "all of it holds"
