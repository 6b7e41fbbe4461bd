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
expect_err "taohf.yaml:3:1: error: duplicate key 'port'"
echo 'schema: other' >ws/taohf.yaml
run -C ws status
expect_error 22 "schema: taohf/workspace/v1" "taohf init"

# init of a folder that cannot be one.
run -C ws init --profile frobnicate
expect_status 2
run init --layout frobnicate
expect_status 2
mkdir host && printf 'schema: taohf/workspace/v1\nprofile: tao\n' >host/taohf.yaml
run -C host init --profile tao
expect_error 20 "lacks tao-core, tao-pytorch, tao-deploy, tao-dataservices" "--tao-pytorch DIR"
run -C host init --profile tao --tao-pytorch "$work/bare"
expect_error 18 "is no checkout of tao-pytorch" "setup.py"
