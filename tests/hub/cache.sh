#!/bin/bash
# One cache for two programs: what huggingface_hub fetched is found by taohf and the other way round, offline too; both
# at once do no harm; what one began the other goes on with, and taohf checks it.
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"

need_client
make_models
start_hub
make_fetching_workspace ws
cache=$HF_HOME/hub

download() { # MODEL [FILE]: by the official client
    python_client -c 'import sys, huggingface_hub as hub
print(hub.hf_hub_download(*sys.argv[1:]) if sys.argv[2:] else hub.snapshot_download(sys.argv[1]))' "$@"
}

count() { jq -s "map(select(.host == \"cdn\" and ($1))) | length" asked; }

# By the client, then by taohf: nothing is fetched again, and offline it is found.
download org/digits >folder
asked >asked
fetch org/digits
expect_status 0
asked >asked
[ "$(count true)" -eq 0 ] || failed "weights were fetched again"
cmp "$digits/model/model.safetensors" ws/results/*/model/model.safetensors || failed "the port got other bytes"
HF_HUB_OFFLINE=1 run --json inspect org/digits
expect_json '.source == "cache" and .verdict == "portable"'
[ "$(jq -r .revision out)" = "$(basename "$(cat folder)")" ] || failed "another revision than the client's"
rm -rf "$cache" ws/results

# By taohf, then by the client: every file has the name, the link and the content that the client gives it.
fetch org/digits
expect_status 0
asked >asked
commit=$(cat "$cache/models--org--digits/refs/main")
HF_HUB_OFFLINE=1 download org/digits >folder
[ "$(basename "$(cat folder)")" = "$commit" ] || failed "the client finds another revision"
download org/digits >folder
asked >asked
[ "$(jq -s 'map(select(.method == "GET" and (.path | test("^/api/models/") | not))) | length' asked)" -eq 0 ] ||
    failed "the client fetched something again: $(cat asked)"
mkdir client-cache
HF_HUB_CACHE=$work/client-cache download org/digits >folder
names() { (cd "$1" && find . \( -type f -o -type l \) ! -path './.locks/*' ! -name 'CACHEDIR.TAG' -printf '%p %l\n' | sort); }
diff <(names client-cache) <(names "$cache") || failed "the two caches differ"
fetch org/sharded
expect_status 0
HF_HUB_OFFLINE=1 download org/sharded >folder
fetch org/digits@refs/pr/1
expect_status 0
HF_HUB_OFFLINE=1 python_client -c 'import huggingface_hub as hub
print(hub.snapshot_download("org/digits", revision="refs/pr/1"))' >folder
rm -rf "$cache" ws/results

# What taohf's inspection did not store it does not claim to have.
run --json inspect org/digits
expect_json '.source == "hub"'
[ ! -e "$cache" ] || failed "an inspection wrote into the cache"

# Begun by either, ended by the other: only the rest is fetched.
etag=$(sha256sum <"$digits/model/model.safetensors" | cut -d' ' -f1)
incomplete=$cache/models--org--digits/blobs/$etag.incomplete
begin() {
    mkdir -p "$(dirname "$incomplete")"
    head -c 500000 "$digits/model/model.safetensors" >"$incomplete"
    asked >asked
}
begin
fetch org/digits
expect_status 0
asked >asked
[ "$(count '.range == "bytes=500000-"')" -eq 1 ] || failed "not the rest was fetched: $(cat asked)"
cmp "$digits/model/model.safetensors" "${incomplete%.incomplete}" || failed "the resumed file is damaged"
rm -rf "$cache" ws/results
begin
download org/digits model.safetensors >file
cmp "$digits/model/model.safetensors" "$(cat file)" || failed "the client made something else of it"
rm -rf "$cache"

# Wrong bytes at the begin are found at the end, thrown away, and the next attempt is right.
begin
head -c 500000 /dev/zero >"$incomplete"
fetch org/digits
expect_error 10 "arrived damaged" "run the same command again"
[ ! -e "$incomplete" ] && [ ! -e "${incomplete%.incomplete}" ] || failed "damaged bytes were kept"
fetch org/digits
expect_status 0
rm -rf "$cache" ws/results

# Both at once, four of each, and again: one download, and every one finds the whole file.
head -c 30000000 /dev/urandom >blob
mkdir hub/org/large
cp hub/org/digits/{config.json,preprocessor_config.json} hub/org/large/
python3 - blob hub/org/large/model.safetensors <<'PYTHON'
import json, pathlib, struct, sys
data = pathlib.Path(sys.argv[1]).read_bytes()
header = json.dumps({"x": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
pathlib.Path(sys.argv[2]).write_bytes(struct.pack("<Q", len(header)) + header + data)
PYTHON
kill "$hub_process"
wait "$hub_process" 2>/dev/null || true
rm -f hub-url
start_hub --latency-ms 20
for _ in 1 2 3; do
    rm -rf "$cache" ws/results ws/.taohf
    asked >asked
    jobs=()
    for number in 1 2 3 4; do
        download org/large >"file$number" 2>"client$number" & jobs+=($!)
        make_port ws "both$number" org/large
        "$taohf" --phases ws/phases -C ws --port "both$number" phase 0 >"out$number" 2>"err$number" </dev/null & jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || failed "one of the eight failed: $(cat client? err?)"; done
    asked >asked
    for number in 1 2 3 4; do
        cmp hub/org/large/model.safetensors "$(cat "file$number")/model.safetensors" || failed "the client's file is damaged"
        cmp hub/org/large/model.safetensors "ws/results/both$number/model/model.safetensors" || failed "the port's file is damaged"
    done
    [ "$(count '.method == "GET"')" -eq 1 ] || failed "the weights were fetched $(count '.method == "GET"') times"
    ! find "$cache" -name '*.incomplete' | grep . || failed "something incomplete is left"
done

# kill -9 in mid-transfer: the part stays, no name appears, and the next run goes on from there.
rm -rf "$cache" ws/results ws/.taohf
large_etag=$(sha256sum <hub/org/large/model.safetensors | cut -d' ' -f1)
part=$cache/models--org--large/blobs/$large_etag.incomplete
kill "$hub_process"
wait "$hub_process" 2>/dev/null || true
rm -f hub-url
echo '[{"match": "^cdn", "times": 1, "hang_after": 10000000}]' >rules
start_hub --faults rules
make_port ws killed org/large
"$taohf" --phases ws/phases -C ws --port killed phase 0 >out 2>err </dev/null &
killed=$!
for _ in $(seq 100); do
    [ "$(stat -c %s "$part" 2>/dev/null || echo 0)" -gt 5000000 ] && break
    sleep 0.1
done
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
kept=$(stat -c %s "$part")
[ "$kept" -gt 5000000 ] || failed "only $kept bytes are kept"
[ ! -e "${part%.incomplete}" ] && [ ! -e "$cache/models--org--large/refs" ] || failed "a name appeared before its time"
asked >asked
run --phases ws/phases -C ws --port killed phase 0
expect_status 0
asked >asked
[ "$(count ".range == \"bytes=$kept-\"")" -eq 1 ] || failed "it did not go on from byte $kept: $(cat asked)"
cmp hub/org/large/model.safetensors ws/results/killed/model/model.safetensors || failed "the resumed file is damaged"
