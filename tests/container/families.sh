#!/bin/bash
# The family table against the transformers and timm of the inspection image: model types, classes, base
# models, processors and their defaults, timm's twins. Every difference is one line.
# usage: families.sh [IGNORED]    exit code 77: no docker or no image here
set -euo pipefail
image=taohf-sandbox/inspect:trixie
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

docker info >/dev/null 2>&1 || { echo "no docker daemon answers"; exit 77; }
docker image inspect "$image" >/dev/null 2>&1 || { echo "no image $image"; exit 77; }

check() { # TABLE
    docker run --rm --network none --user "$(id -u):$(id -g)" --label taohf=1 --env HOME=/tmp \
        --env PYTHONDONTWRITEBYTECODE=1 --volume "$root/tests/container/families:/check:ro" \
        --volume "$1:/families.yaml:ro" "$image" python3 /check/check.py /families.yaml
}

check "$root/templates/families.yaml"

# A release with one class more, one type more and another default shows as such.
broken=$(mktemp "${TMPDIR:-/tmp}/taohf-families.XXXXXX")
trap 'rm -f "$broken"' EXIT
sed -e '/^  ViTForImageClassification:/d' -e 's/"whisper"/"whisperer"/' \
    -e 's/^\(  PvtImageProcessor: .*\)"bilinear"/\1"bicubic"/' -e 's/^\(  YolosFor.*\)base: "vit"/\1base: "yolos"/' \
    "$root/templates/families.yaml" >"$broken"
chmod 644 "$broken"
if found=$(check "$broken" 2>/dev/null); then echo "FAILED: the broken table passes" >&2; exit 1; fi
for line in 'class ViTForImageClassification: new' 'model type whisper: new' 'model type whisperer: gone' \
    'processor PvtImageProcessor: interpolation' 'class YolosForObjectDetection: base'; do
    grep -qF "$line" <<<"$found" || { echo "FAILED: no line says '$line'" >&2; echo "$found" >&2; exit 1; }
done
echo "a changed table shows: $(tail -n 1 <<<"$found")"
