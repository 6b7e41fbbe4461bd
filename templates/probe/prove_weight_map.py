"""The proof of a weight map, and of a checkpoint that was converted with it.

Inputs: model (snapshot folder), weight_map (evidence of the derivation), tolerance, seed,
optionally images (folder, or list of files) with image (ledger of the image processor), and checkpoint
(a converted .pth). The evidence is written whether the map is proved or not: a gate judges it.
"""

import json
import pathlib

import numpy as np
import torch
from lib.evidence import read_inputs, sha256, write_json
from lib.pixels import as_processor, unit_images
from lib.sources import source_of
from lib.weight_map_proof import Proof
from PIL import Image

MOST_IMAGES = 8
RANDOM_WEIGHTS = 2


def image_files(images):
    """Return the files that are named or in a folder, spread over them when there are many."""
    if isinstance(images, str):
        suffixes = set(Image.registered_extensions())
        files = sorted(
            path for path in pathlib.Path(images).rglob("*") if path.suffix.lower() in suffixes
        )
    else:
        files = [pathlib.Path(path) for path in images]
    chosen = np.unique(np.linspace(0, len(files) - 1, MOST_IMAGES).astype(int)) if files else []
    return [files[index] for index in chosen]


def real_images(inputs, checks):
    """Return real images as the model takes them, or None when none were given."""
    if not inputs.get("images"):
        return None
    files = image_files(inputs["images"])
    checks.at_least("real images", len(files), 1)
    if not files:
        return None
    return torch.from_numpy(as_processor(unit_images(files, inputs["image"]), inputs["image"]))


def read_checkpoint(path):
    """Return the tensors of a converted checkpoint; nothing in it is executed."""
    return torch.load(path, map_location="cpu", weights_only=True)["state_dict"]


def main():
    """Write the proof."""
    inputs = read_inputs()
    document = json.loads(pathlib.Path(inputs["weight_map"]).read_text(encoding="utf-8"))
    origin = source_of(inputs["model"], document)
    source, info = origin.load()
    proof = Proof(document, origin, source, float(inputs["tolerance"]), int(inputs.get("seed", 2026)))
    book = proof.structure()
    images = real_images(inputs, proof.checks)
    proof.own_weights(info["missing_keys"], images)
    for number in range(1, RANDOM_WEIGHTS + 1):
        proof.random_weights(number)
    if inputs.get("checkpoint"):
        proof.checkpoint(read_checkpoint(inputs["checkpoint"]))
    checks = proof.checks
    print(
        f"{document['strategy']} map of {document['architecture']}: largest relative difference "
        f"{proof.largest:.3g}, {'proved' if checks.passed else 'not proved: ' + checks.why}"
    )
    write_json(
        inputs["evidence"],
        {
            "schema": "taohf/weight_map_proof/v1",
            "strategy": document["strategy"],
            "proved": checks.passed,
            "why": checks.why,
            "relative_difference": proof.largest,
            "tolerance": proof.tolerance,
            "checks": checks.rows,
            "source_tensors": len(source.state_dict()),
            "used_sources": book["used_sources"],
            "target_tensors": book["set_targets"] + len(book["unset_targets"]),
            "set_targets": book["set_targets"],
            "explained_sources": book["explained_sources"],
            "unused_sources": book["unused_sources"],
            "unset_targets": book["unset_targets"],
            "images": 0 if images is None else len(images),
            "checkpoint_sha256": sha256(inputs["checkpoint"]) if inputs.get("checkpoint") else "",
            "emulated": False,
        },
    )


if __name__ == "__main__":
    main()
