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


def unreadable(paths):
    """Return the names of files that Pillow cannot open, with the reason."""
    bad = []
    for path in paths:
        try:
            with Image.open(path) as image:
                image.verify()
        except Exception as error:  # whatever a broken file raises
            bad.append(f"{path}: {type(error).__name__}")
    return bad
