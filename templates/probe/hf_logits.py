"""HuggingFace's own answers on a split: its class, its image processor, float32.

Inputs: model (snapshot), architecture, images (folder), classes_file, suffixes, batch_size, logits (.npz).
"""

import numpy as np
import torch
import transformers
from lib import logits
from lib.evidence import digests, read_inputs, write_json
from lib.images import labelled_images, read_classes
from PIL import Image


def main():
    """Write the logits and the accuracy."""
    inputs = read_inputs()
    model_class = getattr(transformers, inputs["architecture"])
    model = model_class.from_pretrained(inputs["model"], local_files_only=True, torch_dtype=torch.float32).eval()
    processor = transformers.AutoImageProcessor.from_pretrained(inputs["model"], local_files_only=True, use_fast=False)
    rows = labelled_images(inputs["images"], read_classes(inputs["classes_file"]), inputs["suffixes"])
    answers = []
    with torch.no_grad():
        for batch in logits.in_batches(rows, inputs["batch_size"]):
            images = [Image.open(path).convert("RGB") for path, _ in batch]
            pixels = processor(images=images, return_tensors="pt")["pixel_values"]
            answers.append(model(pixel_values=pixels).logits.numpy())
    answers = np.concatenate(answers)
    labels = [label for _, label in rows]
    logits.save(inputs["logits"], answers, rows, inputs["images"])
    print(f"HuggingFace: accuracy {logits.accuracy(answers, labels):.4f} on {len(rows)} images")
    write_json(inputs["evidence"], {
        "schema": "taohf/hf_accuracy/v1", "images": len(rows), "accuracy": logits.accuracy(answers, labels),
        "processor": type(processor).__name__, "sha256": digests([inputs["logits"]])})


if __name__ == "__main__":
    main()
