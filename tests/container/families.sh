#!/bin/bash
# The family table against the transformers and timm of the inspection image: model types, classes, base
# models, processors and their defaults, timm's twins. Every difference is one line.
# usage: families.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/inspection_image.sh"

check() { # TABLE
    inside --volume "$1:/families.yaml:ro" -- python3 /tests/families/check.py /families.yaml
}

make_fresh_workspace # with it comes the image
check "$root/templates/families.yaml"

# A release with one class more, one type more and another default shows as such.
broken=$scratch/families.yaml
sed -e '/^  ViTForImageClassification:/d' -e 's/"whisper"/"whisperer"/' \
    -e 's/^\(  PvtImageProcessor: .*\)"bilinear"/\1"bicubic"/' -e 's/^\(  YolosFor.*\)base: "vit"/\1base: "yolos"/' \
    "$root/templates/families.yaml" >"$broken"
chmod 755 "$scratch"
chmod 644 "$broken"
if found=$(check "$broken" 2>/dev/null); then fail "the broken table passes"; fi
for line in 'class ViTForImageClassification: new' 'model type whisper: new' 'model type whisperer: gone' \
    'processor PvtImageProcessor: interpolation' 'class YolosForObjectDetection: base'; do
    grep -qF "$line" <<<"$found" || { echo "$found" >&2; fail "no line says '$line'"; }
done
echo "a changed table shows: $(tail -n 1 <<<"$found")"
