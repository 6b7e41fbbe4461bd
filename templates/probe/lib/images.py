"""The labelled images of a split in one order that every framework's probe uses."""

import pathlib


def read_classes(path):
    """Return the class names, line number = label id."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def labelled_images(folder, classes, suffixes):
    """Return [(path, label id)] sorted by path; folders that are no class are an error."""
    folder = pathlib.Path(folder)
    ids = {name: index for index, name in enumerate(classes)}
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lstrip(".") in suffixes)
    return [(path, ids[path.relative_to(folder).parts[0]]) for path in paths]
