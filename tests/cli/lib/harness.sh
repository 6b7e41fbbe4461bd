# shellcheck shell=bash
# Sourced by every test of this folder: a fresh folder that is removed at exit, surroundings in which
# nothing of the caller's counts, and expectations that say what they saw.
#
# A test calls `run ARGUMENTS...` and then expect_*; the first expectation that fails ends it. So does a
# command that fails outside of `run`.
set -euo pipefail

taohf=$(realpath "${1:-${TAOHF:?the first argument is the taohf binary}}")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
digits=$root/examples/digits
work=$(mktemp -d "${TMPDIR:-/tmp}/taohf-cli.XXXXXX")
status=0 command_line=''

# A test that mounts or starts something defines clean_up; it runs before the folder goes.
at_exit() {
    local status=$?
    if declare -F clean_up >/dev/null; then clean_up || true; fi
    chmod -R u+w "$work" 2>/dev/null || true
    rm -rf "$work"
    exit "$status"
}
trap at_exit EXIT

for name in ${!TAOHF_*} HF_TOKEN HF_ENDPOINT HF_HUB_CACHE DOCKER_CONTEXT NO_COLOR; do unset "$name"; done
export HOME=$work/home HF_HOME=$work/home/huggingface HF_HUB_OFFLINE=1 LC_ALL=C.UTF-8
# No test of this folder needs an engine, and none may find one.
export DOCKER_HOST=unix://$work/no-engine.sock
mkdir -p "$HOME"
cd "$work"

run() {
    status=0 command_line="taohf $*"
    "$taohf" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

failed() {
    {
        echo "FAILED: $command_line"
        echo "  $*"
        echo "  exit code $status; standard output:"
        sed -n '1,40s/^/    /p' "$work/out"
        echo "  standard error:"
        sed -n '1,40s/^/    /p' "$work/err"
    } >&2
    exit 1
}

skip() {
    echo "$*"
    exit 77
}

expect_status() { [ "$status" -eq "$1" ] || failed "expected exit code $1"; }

# Fixed text, all on one line.
expect_out() { grep -qF -- "$1" "$work/out" || failed "standard output lacks: $1"; }
expect_err() { grep -qF -- "$1" "$work/err" || failed "standard error lacks: $1"; }
expect_no_out() { [ ! -s "$work/out" ] || failed "expected nothing on standard output"; }

# An error has what (and why) on its first line, and what to do next on a line of its own.
expect_error() { # CODE WHAT NEXT
    expect_status "$1"
    expect_err "taohf: error: "
    expect_err "$2"
    grep -F -- 'next: ' "$work/err" | grep -qF -- "$3" || failed "no line 'next: ' with: $3"
    ! grep -qE 'unexpected failure|terminate called|std::' "$work/err" || failed "the message is one of a crash"
}

expect_json() { # JQ-FILTER that gives true
    jq -e "$1" "$work/out" >"$work/jq" 2>&1 || failed "not true of standard output: $1"
}

expect_files() { # the files below FOLDER, as find prints them, equal TEXT
    local folder=$1 wanted=$2 seen
    seen=$(cd "$folder" && find . -mindepth 1 | LC_ALL=C sort | tr '\n' ' ')
    [ "${seen% }" = "$wanted" ] || failed "in $folder lie '${seen% }', expected '$wanted'"
}

# The least that taohf takes for a workspace of the inlined layout: no clone holds anything that runs.
make_workspace() { # FOLDER
    mkdir -p "$1"/tao-pytorch/nvidia_tao_pytorch/{cv/backbone_v2,cv/classification_pyt/scripts,config/common}
    touch "$1"/tao-pytorch/nvidia_tao_pytorch/config/common/common_config.py
    mkdir -p "$1"/{tao-core,tao-deploy,tao-dataservices}
    printf 'schema: taohf/workspace/v1\nprofile: sandbox\ntao_version: 7.3.0\nlayout: inlined\n' >"$1/taohf.yaml"
}

# A port as it stands before its first step.
make_port() { # WORKSPACE NAME MODEL
    mkdir -p "$1/.taohf/$2"
    jq -n --arg port "$2" --arg model "$3" '{schema: "taohf/state/v1", port: $port, lineage: "0123456789abcdef", serial: 1,
        updated: "2026-01-01T00:00:00Z", inputs: {model: $model}, phases: [], approvals: {}}' >"$1/.taohf/$2/state.json"
}

copy_digits() { # FOLDER: a writable copy of the model
    cp -r "$digits/model" "$1"
    chmod -R u+w "$1"
}

# A docker that answers what it is, and nothing else. Found by `PATH=$work/bin:$PATH`.
fake_docker() { # WHAT IT SAYS OTHERWISE
    mkdir -p "$work/bin"
    cat >"$work/bin/docker" <<SH
#!/bin/sh
case \$1 in
info) echo '{"ServerVersion": "28.2.2", "Runtimes": {"runc": {}}}' ;;
*) echo "$1" >&2; exit 1 ;;
esac
SH
    chmod +x "$work/bin/docker"
}
