"""Answers of the engine on a split, through the rendered inferencer and loader.

Inputs: name, class_name, engine, images, classes_file, suffixes, mean, std, batch_size, logits (.npz).
"""

import importlib
import pathlib

import numpy as np
from lib import logits
from lib.evidence import digests, read_inputs, write_json
from lib.images import labelled_images, read_classes
from PIL import Image

EMULATED = b"TAOHF-EMULATED"


def main():
    """Write the logits and the accuracy."""
    inputs = read_inputs()
    package = f"nvidia_tao_deploy.cv.{inputs['name']}"
    preprocess = importlib.import_module(f"{package}.preprocessing").preprocess
    inferencer_class = getattr(importlib.import_module(f"{package}.inferencer"), f"{inputs['class_name']}Inferencer")
    inferencer = inferencer_class(inputs["engine"], batch_size=inputs["batch_size"])
    rows = labelled_images(inputs["images"], read_classes(inputs["classes_file"]), inputs["suffixes"])
    answers = []
    for batch in logits.in_batches(rows, inputs["batch_size"]):
        pixels = np.stack([preprocess(Image.open(path), inputs["mean"], inputs["std"]) for path, _ in batch])
        answers.append(inferencer.infer(pixels))
    answers = np.concatenate(answers)
    labels = [label for _, label in rows]
    logits.save(inputs["logits"], answers, rows, inputs["images"])
    head = pathlib.Path(inputs["engine"]).read_bytes()[:64]
    print(f"engine: accuracy {logits.accuracy(answers, labels):.4f} on {len(rows)} images")
    write_json(inputs["evidence"], {
        "schema": "taohf/engine_accuracy/v1", "images": len(rows), "accuracy": logits.accuracy(answers, labels),
        "emulated": head.startswith(EMULATED), "sha256": digests([inputs["logits"], inputs["engine"]])})


if __name__ == "__main__":
    main()
