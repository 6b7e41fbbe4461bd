#!/bin/bash
# Every recipe of tests/container/zoo as a snapshot: what taohf reads from the files equals what
# transformers says of it in the inspection image.
# usage: zoo.sh [IGNORED]    TAOHF=taohf    ZOO_ONLY=word,word    exit code 77: no docker or no image here
set -euo pipefail
image='taohf-sandbox/inspect:trixie'
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
taohf=$(realpath "${TAOHF:-$root/build/release/taohf}")

docker info >/dev/null 2>&1 || { echo "no docker daemon answers"; exit 77; }
docker image inspect "$image" >/dev/null 2>&1 || { echo "no image $image"; exit 77; }

work=$(mktemp -d "${TMPDIR:-/tmp}/taohf-zoo.XXXXXX")
trap 'rm -rf "$work"' EXIT

inside() {
    docker run --rm --network none --user "$(id -u):$(id -g)" --label taohf=1 --env HOME=/tmp \
        --env PYTHONDONTWRITEBYTECODE=1 --volume "$root/tests/container/zoo:/zoo:ro" --volume "$work:/snapshots" \
        --volume "$root/templates/probe:/probes:ro" \
        "$image" "$@"
}

IFS=, read -r -a words <<<"${ZOO_ONLY:-}"
inside python3 /zoo/make_zoo.py /zoo/recipes.json /snapshots "${words[@]}"
for folder in "$work"/[0-9]*/; do
    name=$(basename "$folder")
    status=0
    "$taohf" inspect --json --keys "$folder" >"$work/$name.inspect.json" 2>"$work/$name.log" || status=$?
    # 1 is a refusal, which is an answer too.
    [ "$status" -le 1 ] || { cat "$work/$name.log" >&2; echo "FAILED: inspect of $name ended with $status" >&2; exit 1; }
done
inside python3 /zoo/compare.py /snapshots
[ -n "${ZOO_ONLY:-}" ] || inside python3 /zoo/confirm.py /snapshots /probes
