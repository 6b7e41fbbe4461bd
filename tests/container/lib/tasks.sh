# shellcheck shell=bash
# Sourced behind harness.sh by what ports the tiny models of tasks/models.json.

models=$root/build/test-models

trim() { local text=${1#"${1%%[![:space:]]*}"}; echo "${text%"${text##*[![:space:]]}"}"; }

# The rows of tasks/matrix.txt as the variables task, model, arguments, training and normal, one row after the other.
each_row() { # COMMAND
    local task model arguments training normal
    while IFS='|' read -r task model arguments training normal; do
        task=$(trim "$task") model=$(trim "$model") arguments=$(trim "$arguments")
        training=$(trim "$training") normal=$(trim "$normal")
        "$1" </dev/null
    done < <(grep -v '^#' "$root/tests/container/tasks/matrix.txt")
}

# A snapshot folder, made in the inspection image where there is none of this recipe.
make_model() { # NAME
    local recipe
    recipe=$(cd "$root/tests/container/tasks" && {
        cat models.json make_model.py own_code/*.py
        [ ! -f "taught/$1.safetensors" ] || cat "taught/$1.safetensors"
    } | sha256sum)
    [ "$(cat "$models/$1.recipe" 2>/dev/null)" != "$recipe" ] || return 0
    rm -rf "${models:?}/$1"
    mkdir -p "$models"
    docker run --rm --network none --label taohf=1 --user "$(id -u):$(id -g)" --env HOME=/tmp --env USER=taohf \
        --volume "$root/tests/container/tasks:/recipes:ro" --volume "$models:/models" taohf-sandbox/inspect:trixie \
        python3 /recipes/make_model.py "$1" "/models/$1" >"$scratch/model.log" 2>&1 || {
        tail -n 20 "$scratch/model.log" >&2
        fail "the model $1 cannot be made"
    }
    echo "$recipe" >"$models/$1.recipe"
}

# A port from nothing in a workspace of its own, which is kept in $task_workspace for a look.
port_task() { # MODEL LAYOUT [ARGUMENTS]
    local model=$1 status=0
    layout=$2
    store=$root/build/test-workspace/$layout
    port=tiny_$model
    make_fresh_workspace # with it come the images
    make_model "$model"
    task_workspace=$store/$port
    remove_containers_of "$task_workspace"
    copy_workspace "$store/fresh" "$task_workspace"
    "$taohf" -C "$task_workspace" run "$models/$model" --name "$port" --yes "${@:3}" >"$scratch/run.log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || { tail -n 40 "$scratch/run.log" >&2; fail "the port of $model in $layout ended with $status"; }
    expect_green "$task_workspace"
    expect_no_container "$task_workspace"
}
