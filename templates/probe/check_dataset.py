"""Whether the dataset has the layout that the task's loader reads, and the classes the model knows.

Inputs: root (folder), splits ({purpose: folder}), classes_file, suffixes, labels (names by id).
"""

import pathlib

from lib.evidence import read_inputs, write_json
from PIL import Image


def images_of(folder, suffixes):
    """Return the image files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lstrip(".") in suffixes)


def unreadable(paths):
    """Names of files that Pillow cannot open."""
    bad = []
    for path in paths:
        try:
            with Image.open(path) as image:
                image.verify()
        except Exception as error:  # whatever a broken file raises
            bad.append(f"{path}: {type(error).__name__}")
    return bad


def split_facts(root, name, suffixes, classes):
    """Describe one split."""
    folder = root / name
    images = images_of(folder, suffixes) if folder.is_dir() else []
    counts = {item: 0 for item in classes}
    stray = 0
    for path in images:
        label = path.relative_to(folder).parts[0]
        if label in counts:
            counts[label] += 1
        else:
            stray += 1
    return {"folder": name, "images": len(images), "by_class": counts, "outside_classes": stray,
            "empty_classes": [item for item, count in counts.items() if count == 0],
            "unreadable": unreadable(images)}


def main():
    """Write what lies in the dataset folder."""
    inputs = read_inputs()
    root = pathlib.Path(inputs["root"])
    classes_file = root / inputs["classes_file"]
    classes = []
    if classes_file.is_file():
        classes = [line.strip() for line in classes_file.read_text(encoding="utf-8").splitlines() if line.strip()]
    splits = {purpose: split_facts(root, name, inputs["suffixes"], classes)
              for purpose, name in inputs["splits"].items()}
    for purpose, facts in splits.items():
        print(f"{purpose}: {facts['images']} images in {facts['folder']}/")
    write_json(inputs["evidence"], {
        "schema": "taohf/dataset/v1",
        "classes": classes,
        "classes_match_labels": len(classes) == len(inputs["labels"]),
        "same_names": classes == [str(label) for label in inputs["labels"]],
        "splits": splits,
        "images": sum(facts["images"] for facts in splits.values()),
        "fewest": min(facts["images"] for facts in splits.values()),
        "unreadable": [name for facts in splits.values() for name in facts["unreadable"]],
        "outside_classes": sum(facts["outside_classes"] for facts in splits.values()),
    })


if __name__ == "__main__":
    main()
