#!/bin/bash
# Every task but classification (port.sh has it) once, from a tiny model of random weights to the last gate,
# the layouts alternating. scripts/tasks.sh runs the whole matrix.
#
#   TAOHF_TEST_TASKS   names of the cases below to run; default: all
# usage: TAOHF=taohf tasks.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/tasks.sh"

# case | model in tasks/models.json | layout | further arguments
cases() {
    cat <<'END'
detection | rt_detr | inlined |
segmentation | segformer | core |
depth | depth_anything | inlined |
instance | mask2former | core | --task instance-segmentation
panoptic | maskformer | inlined | --task panoptic-segmentation
zero-shot | grounding_dino | core |
END
}

wanted=${TAOHF_TEST_TASKS:-$(cases | cut -d'|' -f1 | xargs)}
while IFS='|' read -r name model layout arguments; do
    name=$(trim "$name") model=$(trim "$model") layout=$(trim "$layout") arguments=$(trim "$arguments")
    case " $wanted " in *" $name "*) ;; *) continue ;; esac
    # shellcheck disable=SC2086  # several arguments
    port_task "$model" "$layout" $arguments
    say "$name: $model in the layout $layout, all gates green"
done < <(cases)
