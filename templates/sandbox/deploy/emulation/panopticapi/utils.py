"""COCO panoptic id <-> colour: id = R + 256 G + 256^2 B."""

import numpy as np


def rgb2id(color):
    """Ids of an RGB image or of one colour."""
    if isinstance(color, np.ndarray) and color.ndim == 3:
        color = color.astype(np.int32)
        return color[:, :, 0] + 256 * color[:, :, 1] + 256 * 256 * color[:, :, 2]
    return int(color[0] + 256 * color[1] + 256 * 256 * color[2])


def id2rgb(id_map):
    """Colours of an id map or of one id."""
    ids = np.asarray(id_map)
    rgb = np.stack([ids % 256, ids // 256 % 256, ids // 65536 % 256], -1).astype(np.uint8)
    return rgb if ids.ndim else [int(value) for value in rgb]
