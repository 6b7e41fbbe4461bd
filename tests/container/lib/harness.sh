# shellcheck shell=bash
# Sourced by the tests that port a whole model: the program, workspaces, containers, and expectations.
#
#   TAOHF                  the program; default: the release build
#   TAOHF_TEST_LAYOUT      core or inlined; default: inlined
#   TAOHF_TEST_WORKSPACE   folder of the finished port, kept for the next test;
#                          default: build/test-workspace/<layout>/port
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
taohf=$(realpath "${TAOHF:-$root/build/release/taohf}")
layout=${TAOHF_TEST_LAYOUT:-inlined}
digits=$root/examples/digits
port=vit_digits
store=$root/build/test-workspace/$layout
finished=${TAOHF_TEST_WORKSPACE:-$store/port}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/taohf-container.XXXXXX")

# A test that has more to remove defines clean_up.
at_exit() {
    local status=$?
    if declare -F clean_up >/dev/null; then clean_up || true; fi
    rm -rf "$scratch"
    exit "$status"
}
trap at_exit EXIT
for name in ${!TAOHF_*}; do
    case $name in TAOHF_TEST_* | TAOHF_KILL*) ;; *) unset "$name" ;; esac
done
export HF_HUB_OFFLINE=1 LC_ALL=C.UTF-8

skip() { echo "$*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
say() { echo "[$SECONDS s] $*"; }

docker info >/dev/null 2>&1 || skip "no docker daemon answers"
for program in jq git python3; do command -v "$program" >/dev/null || skip "no $program here"; done

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# The one command that everything here is about.
run_arguments=(run "$digits/model" --dataset "$digits/dataset" --name "$port" --yes)
run_port() { "$taohf" -C "$1" "${run_arguments[@]}"; } # WORKSPACE

# Clones and images, but no port yet. `taohf init` is quick when nothing is missing.
make_fresh_workspace() {
    local status=0
    mkdir -p "$store/fresh"
    "$taohf" -C "$store/fresh" init --profile sandbox --layout "$layout" >"$scratch/init.log" 2>&1 || status=$?
    case $status in 14 | 15) skip "no network to make the sandbox: $(tail -n 1 "$scratch/init.log")" ;; esac
    [ "$status" -eq 0 ] || { cat "$scratch/init.log" >&2; fail "taohf init ended with $status"; }
}

copy_workspace() { # FROM TO: state, results and clones with their times
    rm -rf "$2"
    mkdir -p "$(dirname "$2")"
    cp -a "$1" "$2"
}

# A finished port, made only if there is none yet; brought up to date if program or templates changed.
make_finished_workspace() {
    if [ ! -d "$finished/.taohf/$port" ]; then
        make_fresh_workspace
        copy_workspace "$store/fresh" "$finished"
    fi
    run_port "$finished" >"$scratch/finish.log" 2>&1 || {
        tail -n 40 "$scratch/finish.log" >&2
        fail "the port in $finished does not finish"
    }
}

# The value of the label taohf.port that a workspace's containers carry.
label_of() { # WORKSPACE
    printf '%s-%s' "$(printf '%s' "$(realpath "$1")" | sha256sum | cut -c1-12)" "$port"
}

containers_of() { # WORKSPACE: ids, running or not
    docker ps --all --quiet --filter "label=taohf.port=$(label_of "$1")"
}

remove_containers_of() { # WORKSPACE
    local id
    for id in $(containers_of "$1"); do docker rm --force --volumes "$id" >/dev/null 2>&1 || true; done
}

expect_no_container() { # WORKSPACE
    local left
    left=$(containers_of "$1")
    [ -z "$left" ] || fail "containers of the port are left: $left"
}

check_gates() { # WORKSPACE [GLOBAL OPTIONS...]: $scratch/gates.json, and the exit code in gates_status
    gates_status=0
    "$taohf" -C "$1" "${@:2}" --json gate check >"$scratch/gates.json" 2>"$scratch/gates.err" || gates_status=$?
}

expect_green() { # WORKSPACE
    check_gates "$1"
    if [ "$gates_status" -eq 0 ] && jq -e '.passed and (.gates | length > 0)' "$scratch/gates.json" >/dev/null; then return; fi
    jq -r '.gates[] | select(.passed | not) | "  \(.id): expected \(.expected); observed \(.observed)"' "$scratch/gates.json" >&2 || true
    fail "gate check ended with $gates_status and should be green"
}
