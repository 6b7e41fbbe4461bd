"""Images as arrays in 0..1, sized without keeping the ratio: what TAO's evaluation pipelines start from."""

import numpy as np
from PIL import Image


def unit_images(paths, image):
    """Return float32 (n, 3, height, width) in 0..1."""
    size = (image["width"], image["height"])
    opened = [Image.open(path).convert("RGB").resize(size, Image.Resampling.BILINEAR) for path in paths]
    return np.stack([np.asarray(item, np.float32).transpose(2, 0, 1) / 255 for item in opened])


def random_unit(image, count, seed):
    """Return random images in 0..1 of the model's size."""
    random = np.random.default_rng(seed)
    return random.random((count, image["channels"], image["height"], image["width"]), np.float32)


def normalised(unit, mean, std):
    """Return (x - mean) / std for each channel."""
    mean, std = (np.asarray(value, np.float32).reshape(1, -1, 1, 1) for value in (mean, std))
    return ((unit - mean) / std).astype(np.float32)


def as_processor(unit, image):
    """Return what the model's image processor makes of images in 0..1: its rescale factor, mean and std."""
    return normalised(unit * np.float32(255 * image["rescale"]), image["mean"], image["std"])
