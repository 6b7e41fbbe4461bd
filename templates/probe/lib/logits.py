"""Logits of a whole split, with the names of the images, as one .npz file."""

import os
import pathlib

import numpy as np


def save(path, logits, rows, folder):
    """Write logits (n, classes), labels (n,) and image names relative to the split's folder."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    names = [str(pathlib.Path(image).relative_to(folder)) for image, _ in rows]
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, logits=np.asarray(logits, np.float32), labels=np.asarray([label for _, label in rows]),
             names=np.asarray(names))
    os.replace(partial, path)


def accuracy(logits, labels):
    """Return the share of images whose largest logit is the label's."""
    return float((np.argmax(logits, axis=1) == np.asarray(labels)).mean())


def in_batches(rows, size):
    """Yield slices of the rows."""
    for first in range(0, len(rows), size):
        yield rows[first:first + size]
