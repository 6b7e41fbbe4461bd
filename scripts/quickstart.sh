#!/bin/bash
# quickstart.sh [--workspace DIR] [--layout core|inlined] [--tao-version V]
#               [--model MODEL] [--dataset DIR] [--name NAME]
#
# From a bare Debian or Ubuntu machine to a finished port on the CPU: prepares the machine, builds taohf,
# makes a sandbox workspace and ports MODEL, a HuggingFace id or snapshot folder (default: the digits ViT
# in examples/digits). Run it again and it goes on where it stopped. The exit code is taohf's.
#
#   --workspace DIR   default: ./taohf-workspace
#   --layout          which arrangement of TAO: core (6.x) or inlined (from 7.0)
#   --tao-version V   any published TAO version; without it taohf chooses one of the layout, without
#                     both a release with the inlined layout
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
example=$root/examples/digits
taohf=${TAOHF:-$root/build/release/taohf}
workspace=$PWD/taohf-workspace
layout='' version=''
init_options=(--profile sandbox)
run_options=()
model=''

usage() { echo "quickstart: $*; see quickstart.sh --help" >&2; exit 2; }

while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}"; continue ;;
    esac
    [ $# -ge 2 ] || usage "$1 is no option, or lacks its value"
    case $1 in
    --workspace) workspace=$2 ;;
    --layout) layout=$2 ;;
    --tao-version) version=$2 ;;
    --model) model=$2 ;;
    --dataset | --name) run_options+=("$1" "$2") ;;
    *) usage "unknown option $1" ;;
    esac
    shift 2
done

# A version has one layout of its own, so that only a call without either needs a default.
[ -n "$layout$version" ] || layout=inlined
init_options+=(--layout "${layout:-auto}" ${version:+--tao-version "$version"})

if [ -z "$model" ]; then
    model=$example/model
    case " ${run_options[*]-} " in *" --dataset "*) ;; *) run_options+=(--dataset "$example/dataset") ;; esac
    case " ${run_options[*]-} " in *" --name "*) ;; *) run_options+=(--name vit_digits) ;; esac
fi

# Taken from what taohf judges and writes now: nothing here knows what a port proves.
show_what_was_proved() {
    local gates
    gates=$("$taohf" -C "$workspace" --json gate check) || true
    echo
    echo "What the gates found:"
    jq -r '.gates[]
        | (if .passed then "  proved  " elif .severity == "error" then "  RED     " else "  warning " end)
          + .id + "  " + .title + (if .emulated then " (emulated)" else "" end)
          + (if .passed then "" else "\n            expected " + .expected + "; observed " + .observed end)
        ' <<<"$gates" || true
    echo
    "$taohf" -C "$workspace" report || true
}

if [ -z "${TAOHF:-}" ]; then "$root/scripts/prepare.sh"; fi
mkdir -p "$workspace"
"$taohf" -C "$workspace" init "${init_options[@]}"
status=0
"$taohf" -C "$workspace" run "$model" --yes "${run_options[@]}" || status=$?
if [ -d "$workspace/.taohf" ]; then show_what_was_proved; fi
exit "$status"
