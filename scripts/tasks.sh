#!/bin/bash
# tasks.sh [--layout core|inlined] [--only PATTERN] [--training]
#
# The matrix of tasks, models and layouts: ports every tiny model of tests/container/tasks/matrix.txt from nothing
# and prints a table with the seconds of each of TAO's actions. Takes about three minutes a row; the workspaces stay in
# build/test-workspace/. Ends with 1 when a port does not pass.
#
#   --only PATTERN   rows that match an extended regular expression, for example segmentation or "depth.*core"
#   --training       with the proof that training makes the task's metric better
source "$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/tests/container/lib/harness.sh"
source "$root/tests/container/lib/tasks.sh"

only='' only_layout='' further=()
while [ $# -gt 0 ]; do
    case $1 in
    --only) only=$2; shift ;;
    --layout) only_layout=$2; shift ;;
    --training) further=(--set prove_training=true) ;;
    -h | --help) sed -n '2,/^source /{/^source /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) echo "tasks: unknown argument $1" >&2; exit 2 ;;
    esac
    shift
done

actions=(convert train evaluate inference export-onnx engine engine-inference engine-evaluate)

row_of() { # WORKSPACE: the seconds of each action, and of all steps together
    "$taohf" -C "$1" --json status | jq -r '[.phases[].steps[]] as $steps | $ARGS.positional |
        map(. as $id | $steps[] | select(.id == $id) | .seconds | round) + [$steps | map(.seconds) | add | round] | map(tostring) | join(" | ")' \
        --args "${actions[@]}"
}

status=0
echo "| task | model | layout | $(printf '%s | ' "${actions[@]}")all steps |"
echo "|---|---|---|$(printf -- '---|%.0s' "${actions[@]}")---|"
while IFS='|' read -r task model arguments; do
    task=$(trim "$task") model=$(trim "$model") arguments=$(trim "$arguments")
    for layout in inlined core; do
        [ -z "$only_layout" ] || [ "$layout" = "$only_layout" ] || continue
        [[ -z $only || "$task $model $layout" =~ $only ]] || continue
        # shellcheck disable=SC2086  # several arguments
        if (port_task "$model" "$layout" $arguments "${further[@]}") >"$scratch/port.log" 2>&1; then
            echo "| $task | $model | $layout | $(row_of "$root/build/test-workspace/$layout/tiny_$model") |"
        else
            status=1
            echo "| $task | $model | $layout | FAILED: $(tail -n 1 "$scratch/port.log") |"
        fi
    done
done < <(grep -v '^#' "$root/tests/container/tasks/matrix.txt")
exit "$status"
