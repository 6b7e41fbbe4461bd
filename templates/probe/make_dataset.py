"""A generated dataset for a port without one: it proves that everything runs and agrees, not accuracy.

Inputs: root (folder), splits ({purpose: folder}), classes_file, labels, image (height, width), images
(at least so many in each split), seed. The labels of the images mean nothing.
"""

import pathlib

import numpy as np
from lib.evidence import read_inputs, write_json
from PIL import Image


def picture(random, height, width):
    """Return a smooth coloured picture: noise would be nearly the same image each time to a model."""
    coarse = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def main():
    """Write the images, class by class."""
    inputs = read_inputs()
    root = pathlib.Path(inputs["root"])
    labels = [str(index) for index, _ in enumerate(inputs["labels"])]
    per_class = max(1, -(-inputs["images"] // len(labels)))
    random = np.random.default_rng(inputs["seed"])
    root.mkdir(parents=True, exist_ok=True)
    # Numbers instead of names: a label may hold what no folder name may.
    (root / inputs["classes_file"]).write_text("\n".join(labels) + "\n", encoding="utf-8")
    for split in sorted(set(inputs["splits"].values())):
        for label in labels:
            folder = root / split / label
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(per_class):
                image = picture(random, inputs["image"]["height"], inputs["image"]["width"])
                image.save(folder / f"{number:04d}.png")
    print(f"{len(labels)} classes, {per_class} generated images each in every split")
    write_json(inputs["evidence"], {"schema": "taohf/smoke_dataset/v1", "generated": True,
                                    "classes": len(labels), "images_per_class": per_class})


if __name__ == "__main__":
    main()
