#!/bin/bash
# Every recipe of tests/container/zoo as a snapshot, served by the local hub: what taohf reads of it without
# downloading equals what transformers says of it in the inspection image.
# usage: zoo.sh [IGNORED]    TAOHF=taohf    ZOO_ONLY=word,word    exit code 77: no docker or no image here
set -euo pipefail
image='taohf-sandbox/inspect:trixie'
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
taohf=$(realpath "${TAOHF:-$root/build/release/taohf}")

docker info >/dev/null 2>&1 || { echo "no docker daemon answers"; exit 77; }
docker image inspect "$image" >/dev/null 2>&1 || { echo "no image $image"; exit 77; }

work=$(mktemp -d "${TMPDIR:-/tmp}/taohf-zoo.XXXXXX")
hub_process=''
at_exit() {
    [ -z "$hub_process" ] || kill "$hub_process" 2>/dev/null || true
    rm -rf "$work"
}
trap at_exit EXIT
snapshots=$work/hub/zoo
mkdir -p "$snapshots"

inside() {
    docker run --rm --network none --user "$(id -u):$(id -g)" --label taohf=1 --env HOME=/tmp \
        --env PYTHONDONTWRITEBYTECODE=1 --volume "$root/tests/container/zoo:/zoo:ro" --volume "$snapshots:/snapshots" \
        --volume "$root/templates/probe:/probes:ro" \
        "$image" "$@"
}

IFS=, read -r -a words <<<"${ZOO_ONLY:-}"
inside python3 /zoo/make_zoo.py /zoo/recipes.json /snapshots "${words[@]}"
PYTHONDONTWRITEBYTECODE=1 python3 "$root/tests/hub/lib/local_hub.py" "$work/hub" >"$work/url" 2>"$work/hub-errors" &
hub_process=$!
until [ -s "$work/url" ]; do
    kill -0 "$hub_process" 2>/dev/null || { cat "$work/hub-errors" >&2; exit 1; }
    sleep 0.1
done
HF_ENDPOINT=$(cat "$work/url")
export HF_ENDPOINT HF_HOME=$work/home NO_PROXY='127.0.0.1,127.0.0.2,localhost'
unset HF_HUB_OFFLINE HF_HUB_CACHE HF_TOKEN http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
for folder in "$snapshots"/[0-9]*/; do
    name=$(basename "$folder")
    status=0
    "$taohf" inspect --json --keys "zoo/$name" >"$work/inspection.json" 2>"$work/$name.log" || status=$?
    # 1 is a refusal, which is an answer too.
    [ "$status" -le 1 ] || { cat "$work/$name.log" >&2; echo "FAILED: inspect of $name ended with $status" >&2; exit 1; }
    jq -e '.source == "hub"' "$work/inspection.json" >/dev/null || { echo "FAILED: $name was not read from the hub" >&2; exit 1; }
    mv "$work/inspection.json" "$snapshots/$name.inspect.json"
done
[ ! -e "$work/home" ] || [ -z "$(find "$work/home" -type f -size +1M)" ] || { echo "FAILED: weights were downloaded" >&2; exit 1; }
inside python3 /zoo/compare.py /snapshots
[ -n "${ZOO_ONLY:-}" ] || inside python3 /zoo/confirm.py /snapshots /probes
