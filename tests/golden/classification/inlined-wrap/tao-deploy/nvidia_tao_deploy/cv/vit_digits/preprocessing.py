# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Image preprocessing of examples/digits: what its HuggingFace image processor does.

NumPy and Pillow only. tao-pytorch and tao-deploy hold the same module, so that a native model and its
engine see the same numbers.
"""

import numpy as np
from PIL import Image

RESIZE = "squash"
RESIZE_SIZE = {"height": 32, "width": 32}
INTERPOLATION = Image.Resampling["bilinear".upper()]
CROP = None
CHANNEL_ORDER = "rgb"
RESCALE = 0.00392156862745098
HALF_PIXEL = "down"


def resized_size(width, height):
    """Return (width, height) of the image after the resize."""
    if RESIZE == "squash":
        return RESIZE_SIZE["width"], RESIZE_SIZE["height"]
    short, long = min(width, height), max(width, height)
    new_short = RESIZE_SIZE["shortest_edge"]
    new_long = int(new_short * long / short)
    limit = RESIZE_SIZE.get("longest_edge")
    if limit is not None and new_long > limit:
        new_short, new_long = int(limit * new_short / new_long), limit
    return (new_short, new_long) if width <= height else (new_long, new_short)


def half(pixels):
    """Return half of a number of pixels; transformers rounds down, torchvision to the even number."""
    return pixels // 2 if HALF_PIXEL == "down" else round(pixels / 2)


def center_crop(image, width, height):
    """Cut out the middle; where the image is too small, the rim is black."""
    left = half(image.width - width)
    top = half(image.height - height)
    return image.crop((left, top, left + width, top + height))


def normalize(pixels, mean, std):
    """Turn (height, width, channel) bytes into a normalised float32 (channel, height, width) array."""
    if CHANNEL_ORDER == "bgr":
        pixels = pixels[..., ::-1]
    scaled = (pixels.astype(np.float64) * RESCALE).astype(np.float32)
    scaled = (scaled - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def preprocess(image, mean, std):
    """Return the model input of a Pillow image as a float32 (channel, height, width) array."""
    image = image.convert("RGB")
    if RESIZE != "none":
        image = image.resize(resized_size(image.width, image.height), INTERPOLATION)
    if CROP is not None:
        image = center_crop(image, **CROP)
    return normalize(np.asarray(image), mean, std)
