"""What one side answers for the images of a split: named arrays whose first axis counts the images."""

import os
import pathlib

import numpy as np
from lib import adapter


def save(path, arrays, paths, folder):
    """Write the arrays, and the names of the images relative to a folder, as one .npz file."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [str(pathlib.Path(image).relative_to(folder)) for image in paths]
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, names=np.asarray(names), **{f"output:{name}": value for name, value in arrays.items()})
    os.replace(partial, path)


def load(path):
    """Return (names of the images, {output: array})."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key.removeprefix("output:"): file[key] for key in file.files if key.startswith("output:")}
        return [str(name) for name in file["names"]], arrays


def collect(paths, size, answer):
    """Return {output: array} of all images; `answer` takes a list of at most `size` paths.

    A task whose answers are too large to be kept has a function for what is kept of them.
    """
    kept = getattr(adapter, "kept", dict)
    parts = [kept(answer(paths[first:first + size])) for first in range(0, len(paths), size)]
    return {name: np.concatenate([np.asarray(part[name], np.float32) for part in parts]) for name in parts[0]}
