#!/bin/bash
# bench_inspect.sh [TAOHF]
#
# What knowing a model before its download costs, against a hub of its own that waits 30 ms before every answer: bytes,
# time and memory of `taohf inspect`, and the time of a Python process that does the same with huggingface_hub,
# transformers' AutoConfig and get_safetensors_metadata. Prints the figures; exit code 1 when one misses its bar.
# Needs a Python package index once (exit code 77 without).
set -- "${1:-$(dirname "${BASH_SOURCE[0]}")/../build/release/taohf}"
source "$(dirname "${BASH_SOURCE[0]}")/../tests/hub/lib/harness.sh"

# shellcheck disable=SC2034  # the harness reads them
client=$root/build/hub/bench
# shellcheck disable=SC2034
client_packages=(huggingface_hub==0.36.0 transformers==4.57.6)
models=100 missed=0

figure() { # NAME VALUE BAR "at most"|"at least"
    local verdict
    verdict=$(python3 -c 'import sys
value, bar = map(float, sys.argv[1:3])
print("ok" if (value <= bar if sys.argv[3] == "at most" else value >= bar) else "MISSED")' "$2" "$3" "$4")
    printf '%-58s %12s  (%s %s) %s\n' "$1" "$2" "$4" "$3" "$verdict"
    [ "$verdict" = ok ] || missed=1
}

compute() { python3 -c "print(f'{$1:.4g}')"; }

measured() { # COMMAND...: sets seconds and kib
    python3 "$hub_lib/measure.py" "$work/measured" "$@" >"$work/out" 2>"$work/err" </dev/null
    local code
    read -r seconds kib code <"$work/measured"
    # shellcheck disable=SC2034
    [ "$code" -eq 0 ] || { status=$code command_line="$*"; failed "the command of a measurement failed"; }
}

median() { # COUNT COMMAND...: sets seconds to the median, kib to the maximum
    local count=$1 number all='' most=0
    shift
    for ((number = 0; number < count; number++)); do
        rm -rf "$HF_HOME"
        measured "$@"
        all+="$seconds"$'\n'
        [ "$kib" -le "$most" ] || most=$kib
    done
    seconds=$(sort -g <<<"$all" | sed '/^$/d' | sed -n "$(((count + 1) / 2))p") kib=$most
}

need_client
"$client/bin/python" -c 'import transformers' 2>"$work/pip" || skip "transformers cannot be used: $(tail -n 1 "$work/pip")"
mkdir -p hub/org
python3 "$hub_lib/make_weights.py" sparse hub/org/big 1200000000
names=()
for ((number = 0; number < models; number++)); do
    name=$(printf 'org/model-%03d' "$number")
    cp -al hub/org/big "hub/$name"
    names+=("$name")
done
printf '%s\n' "${names[@]}" >list
start_hub --latency-ms 30
"$client/bin/python" "$hub_lib/python_inspect.py" org/big >out 2>err || failed "the Python program does not work"
asked >asked

# Bytes: what the hub sent is what the program says, and nothing but metadata, configuration, processor and header.
rm -rf "$HF_HOME"
run --json inspect org/big
expect_status 0
asked >asked
size=$(stat -c %s hub/org/big/model.safetensors)
header=$((8 + $(od -An -t u8 -N 8 hub/org/big/model.safetensors)))
needed=$((header + $(stat -c %s hub/org/big/config.json) + $(stat -c %s hub/org/big/preprocessor_config.json) +
    $(jq -s 'map(select(.path | startswith("/api/models/")) | .sent) | add' asked)))
sent=$(jq -s 'map(.sent) | add' asked)
[ "$sent" -eq "$(jq .bytes_read out)" ] || failed "bytes_read is not what the hub sent, $sent"
figure "size of the safetensors file, MB" "$(compute "$size / 1e6")" 1200 "at least"
figure "read of it, per cent (header only)" "$(compute "100 * $(jq -s 'map(select(.host == "cdn") | .sent) | add' asked) / $size")" 1 "at most"
figure "read in all, bytes" "$sent" "$needed" "at most"

# Time of one model, a process each.
median 5 "$taohf" --json inspect org/big
one=$seconds
figure "peak memory of taohf for it, MiB" "$(compute "$kib / 1024")" 48 "at most"
median 3 "$client/bin/python" "$hub_lib/python_inspect.py" org/big
figure "wall time of taohf, s (Python: $(compute "$seconds"))" "$(compute "$one")" "$(compute "0.15 * $seconds")" "at most"

# Many models in one call, against the loop without its imports.
median 3 "$taohf" --json inspect --from list
[ "$(jq -s 'map(select(.verdict == "portable")) | length' out)" -eq "$models" ] || failed "not every model was inspected"
many=$seconds
figure "peak memory of taohf for $models, MiB" "$(compute "$kib / 1024")" 48 "at most"
median 1 "$client/bin/python" "$hub_lib/python_inspect.py" "${names[@]:0:30}"
loop=$(tail -n 1 out)
rate=$(compute "30 / $loop")
figure "models a second (Python: $rate)" "$(compute "$models / $many")" "$(compute "20 * 30 / $loop")" "at least"
exit $missed
