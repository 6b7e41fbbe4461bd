#!/bin/bash
# Every recipe of tests/container/zoo as a snapshot, served by the local hub: what taohf reads of it without
# downloading equals what transformers says of it in the inspection image.
# usage: zoo.sh [IGNORED]    TAOHF=taohf    ZOO_ONLY=word,word
# exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/inspection_image.sh"

hub_process=''
clean_up() { [ -z "$hub_process" ] || kill "$hub_process" 2>/dev/null || true; }
snapshots=$scratch/hub/zoo
mkdir -p "$snapshots"

transformers() { # SCRIPT ARGUMENTS...
    inside --volume "$snapshots:/snapshots" --volume "$root/templates/probe:/probes:ro" -- python3 "/tests/zoo/$1" "${@:2}"
}

make_fresh_workspace # with it comes the image
IFS=, read -r -a words <<<"${ZOO_ONLY:-}"
transformers make_zoo.py /tests/zoo/recipes.json /snapshots "${words[@]}"
PYTHONDONTWRITEBYTECODE=1 python3 "$root/tests/hub/lib/local_hub.py" "$scratch/hub" >"$scratch/url" 2>"$scratch/hub-errors" &
hub_process=$!
until [ -s "$scratch/url" ]; do
    kill -0 "$hub_process" 2>/dev/null || { cat "$scratch/hub-errors" >&2; fail "the local hub does not start"; }
    sleep 0.1
done
HF_ENDPOINT=$(cat "$scratch/url")
export HF_ENDPOINT HF_HOME=$scratch/home NO_PROXY='127.0.0.1,127.0.0.2,localhost'
unset HF_HUB_OFFLINE HF_HUB_CACHE HF_TOKEN http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
for folder in "$snapshots"/[0-9]*/; do
    name=$(basename "$folder")
    status=0
    "$taohf" inspect --json --keys "zoo/$name" >"$scratch/inspection.json" 2>"$scratch/$name.log" || status=$?
    # 1 is a refusal, which is an answer too.
    [ "$status" -le 1 ] || { cat "$scratch/$name.log" >&2; fail "inspect of $name ended with $status"; }
    jq -e '.source == "hub"' "$scratch/inspection.json" >/dev/null || fail "$name was not read from the hub"
    mv "$scratch/inspection.json" "$snapshots/$name.inspect.json"
done
[ ! -e "$scratch/home" ] || [ -z "$(find "$scratch/home" -type f -size +1M)" ] || fail "weights were downloaded"
transformers compare.py /snapshots
[ -n "${ZOO_ONLY:-}" ] || transformers confirm.py /snapshots /probes
