#!/bin/bash
# measure.sh [build] [port] [again]
#
# What the program costs on this machine; without arguments all three. Nothing else should run beside it.
#
#   build   seconds of a build from nothing and of one after touching a source, in a scratch clone
#   port    seconds and peak memory of taohf for the digits port from nothing (sandbox images present)
#   again   milliseconds of the same command when nothing is to do, the best of ten, and peak memory
#
# `port` and `again` share the workspace build/measure, which `port` makes anew.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
taohf=${TAOHF:-$root/build/release/taohf}
workspace=$root/build/measure
port=(run "$root/examples/digits/model" --dataset "$root/examples/digits/dataset" --name vit_digits --yes)

# Seconds and KiB of the program itself; its containers are not its children.
timed() { # COMMAND...
    python3 - "$@" <<'PYTHON'
import os
import subprocess
import sys
import time

start = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.monotonic() - start
if code := os.waitstatus_to_exitcode(status):
    sys.exit(f"measure: {' '.join(sys.argv[1:4])} ... ended with {code}")
print(f"{seconds:.3f} {usage.ru_maxrss}")
PYTHON
}

measure_build() {
    local clone seconds
    clone=$(mktemp -d)
    git clone --quiet "$root" "$clone"
    (
        cd "$clone"
        cmake --preset release -DBUILD_TESTING=OFF >/dev/null
        read -r seconds _ < <(timed cmake --build --preset release)
        echo "build from nothing: $seconds s"
        touch src/engine/runner.cpp
        read -r seconds _ < <(timed cmake --build --preset release)
        echo "build after touching src/engine/runner.cpp: $seconds s"
    )
    rm -rf "$clone"
}

measure_port() {
    local seconds memory
    rm -rf "$workspace"
    mkdir -p "$workspace"
    "$taohf" -C "$workspace" init --profile sandbox --layout inlined >/dev/null 2>&1
    read -r seconds memory < <(timed "$taohf" -C "$workspace" "${port[@]}")
    echo "port: $seconds s, peak memory $((memory / 1024)) MiB"
}

measure_again() {
    local best='' seconds memory
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        read -r seconds memory < <(timed "$taohf" -C "$workspace" "${port[@]}")
        best=$(printf '%s\n%s\n' "${best:-999}" "$seconds" | sort -g | head -n 1)
    done
    echo "the same command again: $(awk -v s="$best" 'BEGIN { printf "%.0f", s * 1000 }') ms, peak memory $((memory / 1024)) MiB"
}

for what in "${@:-build port again}"; do
    for one in $what; do
        case $one in
        build | port | again) "measure_$one" ;;
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
        *) echo "measure: unknown argument $one" >&2; exit 2 ;;
        esac
    done
done
