"""Drawn scenes with exact truth: coloured shapes before a grey ground, each with class, mask, box and depth.

A class is a colour and a form, so that a model can learn it; the truth is what was drawn, to the pixel.
"""

import colorsys
import dataclasses

import numpy as np
from PIL import Image, ImageDraw

GROUND_DEPTH = (2.0, 10.0)  # metres, at the bottom and at the top of the picture
OBJECT_DEPTH = (0.5, 2.0)  # of the first and of the last class


@dataclasses.dataclass
class Shape:
    """One object: its class (number, 0 is the first) and the pixels of it that can be seen."""

    label: int
    mask: np.ndarray

    @property
    def box(self):
        """Return [x, y, width, height] around what can be seen."""
        rows, columns = np.nonzero(self.mask)
        return [int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1]


    @property
    def edge(self):
        """Return its outermost pixels, where a neighbour is none of its own."""
        wide = np.pad(self.mask, 1)
        return self.mask & ~(wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:])


@dataclasses.dataclass
class Scene:
    """A picture (height, width, 3), its shapes and the distance of every pixel in metres."""

    pixels: np.ndarray
    shapes: list
    depth: np.ndarray


def colour(label, classes):
    """Return the colour of a class."""
    return tuple(int(255 * part) for part in colorsys.hsv_to_rgb(label / max(1, classes), 0.85, 0.95))


def distance_of(label, classes):
    """Return how far away a class stands. It goes with the colour: nothing else in a picture would tell it."""
    return float(np.interp(label, (0, max(1, classes - 1)), OBJECT_DEPTH))


def drawn_mask(random, height, width, label):
    """Return the pixels of a shape somewhere in the picture: an ellipse or a rectangle, by class."""
    tall, wide = (int(random.integers(side // 4, side // 2)) for side in (height, width))
    top, left = int(random.integers(0, height - tall)), int(random.integers(0, width - wide))
    canvas = Image.new("1", (width, height))
    draw = ImageDraw.Draw(canvas)
    (draw.ellipse if label % 2 else draw.rectangle)((left, top, left + wide - 1, top + tall - 1), fill=1)
    return np.asarray(canvas)


def draw_scene(random, height, width, classes, most=3):
    """Return a scene with one to `most` shapes; a nearer shape hides a farther one."""
    noise = random.integers(-12, 13, (height, width, 1))
    pixels = np.clip(110 + noise, 0, 255).astype(np.uint8).repeat(3, axis=2)
    depth = np.linspace(*GROUND_DEPTH[::-1], height, dtype=np.float32)[:, None].repeat(width, axis=1)
    labels = sorted((int(label) for label in random.integers(0, classes, int(random.integers(1, most + 1)))),
                    key=lambda label: distance_of(label, classes), reverse=True)
    shapes = []
    for label in labels:
        mask = drawn_mask(random, height, width, label)
        pixels[mask], depth[mask] = colour(label, classes), distance_of(label, classes)
        shapes = [Shape(item.label, item.mask & ~mask) for item in shapes] + [Shape(label, mask)]
    return Scene(pixels, [item for item in shapes if item.mask.sum() >= 16], depth)


def scenes(seed, count, height, width, classes):
    """Yield scenes; the same numbers give the same scenes."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield draw_scene(random, height, width, classes)
