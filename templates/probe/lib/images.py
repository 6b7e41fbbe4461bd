"""Image files of a dataset: found in one order that every probe uses, and tried."""

import pathlib

from PIL import Image


def read_lines(path):
    """Return the lines of a file that hold something."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def image_files(folder, suffixes):
    """Return the image files below a folder, sorted by path."""
    return sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix.lstrip(".") in suffixes)


def splits_of(root, dataset):
    """Return for each purpose its split: the folder, the number of its images, and those that cannot be read."""
    splits = {}
    for purpose, folder in dataset["splits"].items():
        images = image_files(root / folder, dataset["suffixes"])
        splits[purpose] = {"folder": folder, "images": len(images), "unreadable": unreadable(images)}
    return splits


def unreadable(paths):
    """Return the names of files that Pillow cannot open, with the reason."""
    bad = []
    for path in paths:
        try:
            try_to_read(path)
        except Exception as error:  # whatever a broken file raises
            bad.append(f"{path}: {type(error).__name__}")
    return bad


def try_to_read(path):
    """Read an image; raises what is wrong with it."""
    with Image.open(path) as image:
        if image.format == "JPEG":  # has no checksum: only decoding finds that its end is missing
            image.draft("RGB", (1, 1))  # at an eighth of the size, which is fast
            image.load()
        else:
            image.verify()


def size_of(path):
    """Return (width, height) of an image, or None: `unreadable` names it."""
    try:
        with Image.open(path) as image:
            return image.size
    except Exception:  # whatever a broken file raises
        return None
