"""Masks as COCO's annotations write them: polygons, run lengths, or run lengths packed into a text."""

import numpy as np
from PIL import Image, ImageDraw


def encoded(mask):
    """Return a mask as run lengths down the columns, the first one of pixels that are off."""
    flat = np.concatenate([[False], mask.ravel(order="F"), [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return {"size": list(mask.shape), "counts": np.diff([0, *edges, mask.size]).tolist()}


def unpacked(text):
    """Return the run lengths of a text: five bits a character, from the third on as the step from two before."""
    counts, value, shift = [], 0, 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value, shift = 0, 0
    return counts


def decoded(segmentation, height, width):
    """Return the mask of a segmentation; a ValueError says what is wrong with it."""
    if isinstance(segmentation, list):
        return drawn(segmentation, height, width)
    if not isinstance(segmentation, dict) or "counts" not in segmentation:
        raise ValueError("a segmentation is a list of polygons, or has size and counts")
    if list(segmentation.get("size", [])) != [height, width]:
        raise ValueError(f"its size is {segmentation.get('size')}, the image has height {height} and width {width}")
    counts = segmentation["counts"]
    counts = unpacked(counts) if isinstance(counts, str) else counts
    if min(counts, default=0) < 0 or sum(counts) != height * width:
        raise ValueError(f"its run lengths sum up to {sum(counts)}, the image has {height * width} pixels")
    return np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(height, width, order="F")


def drawn(polygons, height, width):
    """Return the mask of polygons, each a list x, y, x, y, ..."""
    canvas = Image.new("1", (width, height))
    for polygon in polygons:
        if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
            raise ValueError("a polygon is a list of at least three pairs of numbers")
        corners = [float(value) for value in polygon]
        if not np.isfinite(corners).all():
            raise ValueError("a polygon has a corner that is not finite")
        ImageDraw.Draw(canvas).polygon(corners, fill=1)
    return np.asarray(canvas)
