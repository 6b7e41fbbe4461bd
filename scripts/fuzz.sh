#!/bin/bash
# fuzz.sh SECONDS [TARGET...]: builds the parsers' fuzz targets with clang and runs each for that long.
#
# New inputs are kept in build/fuzz/corpus/<target>; an input with a finding lies beside them as
# finding-<target>-*. Exit code 1 on any finding. CC and CXX name another clang.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:?how many seconds for each target}
shift
targets=("$@")
[ $# -gt 0 ] || targets=(safetensors pickle torch_archive config hub_json)
status=0

cd "$root"
cmake --preset fuzz ${CC:+-DCMAKE_C_COMPILER="$CC"} ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"} >/dev/null
cmake --build --preset fuzz
for target in "${targets[@]}"; do
    corpus=build/fuzz/corpus/$target
    mkdir -p "$corpus"
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "build/fuzz/tests/fuzz/fuzz_$target" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/corpus/finding-$target-" "$corpus" "tests/fuzz/seeds/$target" \
        >"build/fuzz/corpus/$target.log" 2>&1 || { status=1; tail -n 30 "build/fuzz/corpus/$target.log"; }
    echo "$target: $(grep -E '^Done ' "build/fuzz/corpus/$target.log" || echo 'stopped by a finding')"
done
exit $status
