#!/bin/bash
# Every task beside classification (port.sh has it), from a tiny, half taught model to the last gate, and a class of the
# model's own repository: the rows of tasks/matrix.txt that say so, the layouts in turn. One proves its training too.
# scripts/tasks.sh runs the whole matrix.
#
#   TAOHF_TEST_TASKS   names of the tasks to run; default: all
# usage: TAOHF=taohf tasks.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/tasks.sh"

# shellcheck disable=SC2086,SC2154  # several arguments; each_row sets them
port_row() {
    local layout=${normal%% *}
    [ -n "$normal" ] || return 0
    case " ${TAOHF_TEST_TASKS:-$task} " in *" $task "*) ;; *) return 0 ;; esac
    [[ $normal != *training ]] || arguments+=" --set prove_training=true $training"
    port_task "$model" "$layout" $arguments
    say "$task: $model in the layout $layout, all gates green"
}

each_row port_row
