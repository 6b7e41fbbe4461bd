#!/bin/bash
# `run` refuses a bad name, a taken name, bad inputs and a folder that is no workspace, and leaves nothing behind.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
make_workspace ws
before=$(find ws | LC_ALL=C sort)

refused() { # CODE WHAT NEXT ARGUMENTS...
    local code=$1 what=$2 next=$3
    shift 3
    run -C ws run "$digits/model" --yes "$@"
    expect_error "$code" "$what" "$next"
    [ "$(find ws | LC_ALL=C sort)" = "$before" ] || failed "something was left behind: $(find ws -newer ws/taohf.yaml)"
}

refused 2 "'2bad' cannot be a port's short name" "--name" --name 2bad
refused 2 "'Vit-Digits' cannot be a port's short name" "--name" --name Vit-Digits
refused 2 "Python keyword" "--name" --name class
refused 2 "standard library" "--name" --name json
refused 18 "'classification_pyt' is taken" "--name" --name classification_pyt
refused 10 "dataset folder" "--dataset" --name vit --dataset absent
refused 1 "task is image-classification, not object-detection" "--task" --name vit --task object-detection
refused 18 "layout 'inlined', not 'core'" "layout" --name vit --layout core
refused 2 "no input 'epoch'" "did you mean 'epochs'?" --name vit --set epoch=1
for bad in "--task frobnicate" "--strategy frobnicate" "--profile frobnicate" "--set epochs=many" "--set epochs"; do
    # shellcheck disable=SC2086  # two words
    run -C ws run "$digits/model" --name vit $bad
    expect_status 2
    expect_err "taohf: error: "
    [ "$(find ws | LC_ALL=C sort)" = "$before" ] || failed "something was left behind"
done
TAOHF_PRECISION=fp8 run -C ws run "$digits/model" --name vit
expect_status 2
expect_err "'fp8' is no precision"

# The name of a port belongs to its model.
make_port ws vit_digits /models/another
touch ws/.taohf/vit_digits/lock # every run leaves it
before=$(find ws | LC_ALL=C sort)
refused 2 "already carries the model '/models/another'" "--name" --name vit_digits

run -C nowhere run "$digits/model" --name vit
expect_error 18 "is no workspace" "init --profile sandbox"
[ ! -e nowhere ] || failed "the folder was made"
