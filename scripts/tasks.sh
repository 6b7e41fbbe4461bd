#!/bin/bash
# tasks.sh [--layout core|inlined] [--only PATTERN] [--training]
#
# The matrix of tasks, models and layouts: ports every tiny model of tests/container/tasks/matrix.txt from nothing
# and prints a table: the seconds of each of TAO's actions and of all steps, the largest relative differences
# HuggingFace/TAO and TAO/engine, and the task's metric, before and after training where that was proved. Takes three
# to five minutes a row; the workspaces stay in build/test-workspace/. Ends with 1 when a port does not pass.
#
#   --only PATTERN   rows that match an extended regular expression, for example segmentation or "depth.*core"
#   --training       rows of half taught models with the proof that training makes the task's metric better
source "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/tests/container/lib/harness.sh"
source "$root/tests/container/lib/tasks.sh"

only='' only_layout='' prove=no
while [ $# -gt 0 ]; do
    case $1 in
    --only) only=$2; shift ;;
    --layout) only_layout=$2; shift ;;
    --training) prove=yes ;;
    -h | --help) sed -n '2,/^source /{/^source /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) echo "tasks: unknown argument $1" >&2; exit 2 ;;
    esac
    shift
done

actions=(convert train evaluate inference export-onnx engine engine-inference engine-evaluate)

seconds_of() { # WORKSPACE: of each action, and of all steps together
    "$taohf" -C "$1" --json status | jq -r '[.phases[].steps[]] as $steps | $ARGS.positional |
        map(. as $id | $steps[] | select(.id == $id) | .seconds | round) + [$steps | map(.seconds) | add | round] | map(tostring) | join(" | ")' \
        --args "${actions[@]}"
}

numbers_of() { # EVIDENCE: the differences, and the metric of the port with what training made of it
    local told=$1/trained_comparison.json
    [ -f "$told" ] || told=$1/comparison.json
    jq -r '[.hf_native, .native_engine][].relative_difference' "$1/comparison.json" | xargs printf '%.1e | %.1e | '
    jq -r '(.accuracy // .metrics)[0] |
        [.name, ([.tao // .start, .trained // empty] | map(. * 1e4 | round / 1e4) | join(" -> "))] | join(" ")' "$told"
}

# shellcheck disable=SC2086,SC2154  # several arguments; each_row sets them
port_row() {
    local one workspace
    [ "$prove" = no ] || [ -z "$training" ] || arguments+=" --set prove_training=true $training"
    for one in ${only_layout:-inlined core}; do
        [[ -z $only || "$task $model $one" =~ $only ]] || continue
        workspace=$root/build/test-workspace/$one/tiny_$model
        if (port_task "$model" "$one" $arguments) >"$scratch/port.log" 2>&1; then
            echo "| $task | $model | $one | $(seconds_of "$workspace") | $(numbers_of "$workspace/results/tiny_$model/evidence") |"
        else
            status=1
            echo "| $task | $model | $one | FAILED: $(tail -n 1 "$scratch/port.log") |"
        fi
    done
}

status=0
echo "| task | model | layout | $(printf '%s | ' "${actions[@]}")all steps | HF/TAO | TAO/engine | metric |"
echo "|---|---|---|$(printf -- '---|%.0s' "${actions[@]}")---|---|---|---|"
each_row port_row
exit "$status"
