#!/bin/bash
# Which workspace and which port a command speaks of: -C, the nearest taohf.yaml, --port, use, the only one.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

port_of() { # the port that status speaks of
    run "$@" --json status
    expect_status 0
    jq -r .port "$work/out"
}
is_port() { [ "$1" = "$2" ] || failed "the port is '$1', expected '$2'"; }

# No workspace, or one without a port.
mkdir bare
run -C bare status
expect_error 2 "holds no port yet" "taohf run MODEL"
run -C absent status
expect_error 2 "holds no port yet" "taohf run MODEL"
[ ! -e absent ] || failed "looking made the folder"
for command in plan report logs "gate check" "phase 0" clean; do
    # shellcheck disable=SC2086  # two words
    run -C bare $command
    expect_error 2 "holds no port yet" "taohf run MODEL"
done
expect_files bare ""

make_workspace ws
make_port ws first /models/first
is_port "$(port_of -C ws)" first

# Relative, absolute and with a slash at the end; from a folder below, without -C.
is_port "$(port_of -C ./ws/)" first
is_port "$(port_of -C "$work/ws")" first
mkdir -p ws/results/deep
cd ws/results/deep
is_port "$(port_of)" first
cd "$work"

make_port ws second /models/second
run -C ws status
expect_error 2 "first second" "taohf use NAME"
is_port "$(port_of -C ws --port second)" second
run -C ws use second
expect_status 0
grep -q 'port: "second"' ws/taohf.yaml || failed "taohf.yaml does not name the port"
grep -q 'tao_version: "7.3.0"' ws/taohf.yaml || failed "use lost what else taohf.yaml said"
is_port "$(port_of -C ws)" second
is_port "$(port_of -C ws --port first)" first
run -C ws use third
expect_status 2
expect_err "ports are: first second"

# A port that does not exist is not made by looking at it.
for command in status plan report "gate check" "phase 0" "gate show G0.1"; do
    # shellcheck disable=SC2086  # two words
    run -C ws --port third $command
    expect_error 11 "no port 'third'" "taohf run MODEL --name third"
done
[ ! -e ws/.taohf/third ] || failed "looking made the port"

# A workspace file with a slip.
printf 'schema: taohf/workspace/v1\nport: first\nport: second\n' >ws/taohf.yaml
run -C ws status
expect_status 22
expect_err "taohf.yaml:3:1: duplicate key 'port'"
echo 'schema: other' >ws/taohf.yaml
run -C ws status
expect_error 22 "schema: taohf/workspace/v1" "taohf init"

# Whatever nothing would read, or would misread, is a slip too.
slip() { # PLACE WHAT LINE
    printf 'schema: taohf/workspace/v1\nprofile: sandbox\n%s\n' "$3" >ws/taohf.yaml
    run -C ws status
    expect_error 22 "taohf.yaml:$1: $2" "correct "
}
slip 3:1 "there is no 'prot' in taohf.yaml (did you mean 'port'?)" "prot: first"
slip 3:9 "'inputs' must be a mapping" "inputs: 3"
slip 3:10 "there is no input 'epoch' (did you mean 'epochs'?)" "inputs: {epoch: 3}"
slip 3:18 "input 'epochs' is a whole number, not \"many\"" "inputs: {epochs: many}"
slip 3:18 "input 'epochs' is a whole number, not 2.5" "inputs: {epochs: 2.5}"
slip 3:25 "input 'learning_rate' is a number" "inputs: {learning_rate: [1]}"
slip 3:20 "'nativ' is no strategy (did you mean 'native'?)" "inputs: {strategy: nativ}"
slip 3:9 "'inlind' is no layout (did you mean 'inlined'?)" "layout: inlind"
slip 3:7 "'port' must be text" "port: {a: b}"
printf 'schema: taohf/workspace/v1\nport: first\ninputs: {epochs: 3, learning_rate: 1, dataset: /data}\n' >ws/taohf.yaml
run -C ws status
expect_status 0

# What a run was told is recorded, and wins over taohf.yaml from then on.
make_workspace told
make_port told vit "$digits/model"
inputs_of() { jq -s 'map(select(.event == "run_started"))[0].inputs' "$work/out" >"$work/inputs" && cp "$work/inputs" "$work/out"; }
run -C told --json phase 0 --profile tao
inputs_of
expect_json '.profile == "tao"'
run -C told --json phase 0
inputs_of
expect_json '.profile == "tao" and .layout == "inlined"'

# init of a folder that cannot be one.
run -C /proc/taohf init
expect_error 16 "cannot make the folder '/proc/taohf" "where you may write"
run -C ws init --profile frobnicate
expect_status 2
run init --layout frobnicate
expect_status 2
mkdir host && printf 'schema: taohf/workspace/v1\nprofile: tao\n' >host/taohf.yaml
run -C host init --profile tao
expect_error 20 "lacks tao-core, tao-pytorch, tao-deploy, tao-dataservices" "--tao-pytorch DIR"
run -C host init --profile tao --tao-pytorch "$work/bare"
expect_error 18 "is no checkout of tao-pytorch" "setup.py"
