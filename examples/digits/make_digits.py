"""Make the digits example: a small ViT checkpoint and the data set it was trained on.

The images are the 1,797 handwritten digits that scikit-learn carries. Each is enlarged to the size the
model takes, so that no later resize changes a pixel. Two thirds train the model; the remaining third is
never seen in training and chooses nothing: it is halved into `val` and `test`, and measured once by
`transformers` on the files as written.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits
from torch.nn import functional as F
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

IMAGE_SIZE = 32
SEED = 20240607
BATCH_SIZE = 64
PEAK_LEARNING_RATE = 2e-3
SPLITS = ("train", "val", "test")
CLASSES = [str(digit) for digit in range(10)]


def enlarge(image: np.ndarray) -> Image.Image:
    """Turn an 8x8 array of 0..16 into an RGB picture of the model's size."""
    pixels = np.rint(image * (255.0 / 16.0)).astype(np.uint8)
    picture = Image.fromarray(pixels).resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BILINEAR)
    return picture.convert("RGB")


def split_indices(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return stratified row numbers: two thirds train, one sixth val, one sixth test."""
    rows = np.arange(len(labels))
    train, held_out = train_test_split(rows, test_size=1 / 3, stratify=labels, random_state=SEED)
    val, test = train_test_split(
        held_out, test_size=0.5, stratify=labels[held_out], random_state=SEED
    )
    return {"train": np.sort(train), "val": np.sort(val), "test": np.sort(test)}


def write_dataset(root: Path) -> None:
    """Write `<split>/<class>/<row>.png` and `classes.txt`, whose line numbers are the label ids."""
    digits = load_digits()
    shutil.rmtree(root, ignore_errors=True)
    for split, rows in split_indices(digits.target).items():
        for row in rows:
            path = root / split / CLASSES[digits.target[row]] / f"{row:04d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            enlarge(digits.images[row]).save(path, optimize=True)
    (root / "classes.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")


def read_split(root: Path, split: str) -> tuple[list[Image.Image], torch.Tensor]:
    """Read one split back from its files, in a fixed order."""
    paths = sorted((root / split).glob("*/*.png"))
    images = [Image.open(path).convert("RGB") for path in paths]
    return images, torch.tensor([CLASSES.index(path.parent.name) for path in paths])


def make_processor() -> ViTImageProcessor:
    """Every value is written out, so that a reader needs no library defaults."""
    return ViTImageProcessor(
        do_resize=True,
        size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
        resample=Image.Resampling.BILINEAR,
        do_rescale=True,
        rescale_factor=1 / 255,
        do_normalize=True,
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )


def make_model() -> ViTForImageClassification:
    """Return an untrained ViT of about 0.2 million parameters."""
    config = ViTConfig(
        image_size=IMAGE_SIZE,
        patch_size=8,
        num_channels=3,
        hidden_size=64,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=256,
        hidden_dropout_prob=0.1,
        id2label=dict(enumerate(CLASSES)),
        label2id={name: index for index, name in enumerate(CLASSES)},
    )
    return ViTForImageClassification(config)


def augment(pixels: torch.Tensor) -> torch.Tensor:
    """Shift, turn, scale and shear each image a little; what comes in at the rim is background."""
    count = len(pixels)
    angle = (torch.rand(count) - 0.5) * 0.5
    scale = 1 + (torch.rand(count) - 0.5) * 0.25
    shear = (torch.rand(count) - 0.5) * 0.3
    shift = (torch.rand(count, 2) - 0.5) * 0.35
    cos, sin = scale * torch.cos(angle), scale * torch.sin(angle)
    rows = [
        torch.stack([cos, shear - sin, shift[:, 0]], dim=1),
        torch.stack([sin, cos, shift[:, 1]], dim=1),
    ]
    grid = F.affine_grid(torch.stack(rows, dim=1), list(pixels.shape), align_corners=False)
    # grid_sample pads with 0, the background is -1 after normalisation: shift there and back.
    return F.grid_sample(pixels + 1, grid, align_corners=False) - 1


def train(
    model: ViTForImageClassification, pixels: torch.Tensor, labels: torch.Tensor, epochs: int
) -> None:
    """Train for a fixed number of epochs; nothing is selected on held-out images."""
    steps = epochs * -(-len(pixels) // BATCH_SIZE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=steps)
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(pixels)).split(BATCH_SIZE):
            logits = model(pixel_values=augment(pixels[rows])).logits
            loss = F.cross_entropy(logits, labels[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        if (epoch + 1) % 20 == 0:
            print(f"epoch {epoch + 1}/{epochs}: loss {total / len(pixels):.4f}", flush=True)


@torch.no_grad()
def count_correct(model_dir: Path, dataset_dir: Path, split: str) -> tuple[int, int]:
    """Load the snapshot as a user would and return (correct, all) over one split."""
    model = ViTForImageClassification.from_pretrained(model_dir).eval()
    processor = ViTImageProcessor.from_pretrained(model_dir)
    images, labels = read_split(dataset_dir, split)
    logits = model(**processor(images, return_tensors="pt")).logits
    return int((logits.argmax(dim=1) == labels).sum()), len(labels)


def measure(model_dir: Path, dataset_dir: Path, epochs: int) -> dict:
    """Return the accuracies of the saved snapshot on the images as written."""
    counts = {split: count_correct(model_dir, dataset_dir, split) for split in SPLITS}
    counts["held_out"] = tuple(map(sum, zip(counts["val"], counts["test"], strict=True)))
    model = ViTForImageClassification.from_pretrained(model_dir)
    return {
        "accuracy": {name: round(right / count, 6) for name, (right, count) in counts.items()},
        "correct": {name: right for name, (right, _) in counts.items()},
        "images": {name: count for name, (_, count) in counts.items()},
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "epochs": epochs,
        "seed": SEED,
        "measured_with": "transformers ViTForImageClassification, float32, CPU",
    }


MODEL_CARD = """---
license: apache-2.0
pipeline_tag: image-classification
library_name: transformers
metrics: [accuracy]
---

# A small ViT for handwritten digits

`ViTForImageClassification`, {parameters:,} parameters, {size}x{size} RGB input, patch 8, hidden size 64,
4 layers, 4 heads, 10 classes (`0` to `9`). Trained from scratch by `make_digits.py` for {epochs} epochs on a CPU.

| split | images | correct | accuracy |
|---|---|---|---|
{rows}

`held_out` is `val` and `test` together: a stratified third that took no part in training or in choosing
anything. Measured with `transformers` in float32 on a CPU.

**Data:** the handwritten digits of scikit-learn, which are the test part of *Optical Recognition of
Handwritten Digits* (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, CC BY 4.0), enlarged from
8x8 to {size}x{size}. **Weights:** Apache-2.0. **Meant for** demonstrating and testing a port, not for reading
digits in earnest: the model knows only centred, evenly lit digits on black.
"""


def write_model_card(model_dir: Path, metrics: dict) -> None:
    """Write the card from the measured numbers, so that the two cannot differ."""
    rows = "\n".join(
        f"| {name} | {metrics['images'][name]} | {metrics['correct'][name]} | {accuracy:.2%} |"
        for name, accuracy in metrics["accuracy"].items()
    )
    card = MODEL_CARD.format(
        size=IMAGE_SIZE, parameters=metrics["parameters"], epochs=metrics["epochs"], rows=rows
    )
    (model_dir / "README.md").write_text(card, encoding="utf-8")


def main() -> None:
    """Write the data set, train the model, measure what was saved."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    parser.add_argument("--epochs", type=int, default=200)
    arguments = parser.parse_args()
    dataset_dir, model_dir = arguments.output / "dataset", arguments.output / "model"

    torch.manual_seed(SEED)
    # The order of additions, and with it the weights, depends on the number of threads: of PyTorch's own
    # and of the BLAS library's.
    torch.set_num_threads(1)
    threadpool_limits(limits=1)
    torch.use_deterministic_algorithms(True)
    write_dataset(dataset_dir)
    processor, model = make_processor(), make_model()
    images, labels = read_split(dataset_dir, "train")
    pixels = processor(images, return_tensors="pt")["pixel_values"]
    train(model, pixels, labels, arguments.epochs)

    model.eval().save_pretrained(model_dir, safe_serialization=True)
    processor.save_pretrained(model_dir)
    metrics = measure(model_dir, dataset_dir, arguments.epochs)
    write_model_card(model_dir, metrics)
    text = json.dumps(metrics, indent=2) + "\n"
    (arguments.output / "metrics.json").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
