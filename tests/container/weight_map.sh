#!/bin/sh
# Weight maps in the inspection image: derived and proved for the example, and red where they are broken.
# usage: TAOHF=taohf TAOHF_SOURCE_DIR=repo weight_map.sh [IGNORED]    exit code 77: no docker or no image here
set -eu
image=taohf-sandbox/inspect:trixie
: "${TAOHF:?the taohf program}" "${TAOHF_SOURCE_DIR:?the source folder}"

docker info >/dev/null 2>&1 || { echo "no docker daemon" >&2; exit 77; }
docker image inspect "$image" >/dev/null 2>&1 || { echo "no image $image" >&2; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

inside() {
    docker run --rm --network none --user "$(id -u):$(id -g)" --label taohf=1 --env HOME=/tmp \
        --volume "$TAOHF_SOURCE_DIR:/source:ro" --volume "$work:/scratch" "$image" "$@"
}

"$TAOHF" inspect "$TAOHF_SOURCE_DIR/examples/digits/model" --json >"$work/inspection.json"
cat >"$work/derive.json" <<'END'
{"model": "/source/examples/digits/model", "inspection": "/scratch/inspection.json", "strategy": "auto",
 "tolerance": 2e-5, "evidence": "/scratch/weight_map.json"}
END
jq '{model: "/source/examples/digits/model", weight_map: "/scratch/weight_map.json", tolerance: 2e-5,
    images: "/source/examples/digits/dataset/test", image, seed: 2026, evidence: "/scratch/proof.json"}' \
    "$work/inspection.json" >"$work/prove.json"
inside python3 /source/templates/probe/derive_weight_map.py /scratch/derive.json
inside python3 /source/templates/probe/prove_weight_map.py /scratch/prove.json

python3 - "$work" <<'END'
import json
import sys

document, proof = (json.load(open(f"{sys.argv[1]}/{name}.json")) for name in ("weight_map", "proof"))
assert document["strategy"] == "timm" and document["is_twin"] and not document["is_wrap"], document["reason"]
assert document["head_module"] == "classifier", document["head_module"]
assert len(document["entries"]) == document["target_tensors"] == proof["set_targets"] == proof["target_tensors"]
assert proof["proved"] is True and proof["emulated"] is False, proof["why"]
assert 0 < proof["relative_difference"] <= 2e-5, proof["relative_difference"]
assert proof["used_sources"] == proof["source_tensors"] == document["source_tensors"] > len(document["entries"])
assert proof["unused_sources"] == proof["unset_targets"] == proof["explained_sources"] == []
assert proof["images"] > 1 and all(row["passed"] for row in proof["checks"])
END

inside python3 /source/tests/container/weight_map/cases.py /source/templates/probe /source/examples/digits/model /scratch
