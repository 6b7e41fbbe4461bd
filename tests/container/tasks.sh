#!/bin/bash
# Every task beside classification (port.sh has it), models of timm's own and one whose class its repository brings
# along, from a tiny, mostly half taught model to the last gate; the layouts take turns. One proves its training too.
# scripts/tasks.sh runs the whole matrix of tasks, models and layouts.
#
#   TAOHF_TEST_TASKS   names of the cases below to run; default: all
# usage: TAOHF=taohf tasks.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/tasks.sh"

# case | model in tasks/models.json | layout | further arguments
cases() {
    cat <<'END'
detection | rt_detr | inlined |
segmentation | segformer | core | --set prove_training=true --set epochs=8 --set learning_rate=0.0005
depth | glpn | inlined |
instance | mask2former_instance | core | --task instance-segmentation
panoptic | mask2former | inlined | --task panoptic-segmentation
zero-shot | grounding_dino | core |
timm-vit | timm_vit | core |
timm-cnn | timm_resnet | inlined |
own-class | own_class | inlined | --set allow_remote_code=true
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
