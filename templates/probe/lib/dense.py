"""What the adapters of all tasks but classification have in common.

Every side is given the same pixels: the image sized as TAO's evaluation sizes it, in 0..1, normalised as
the side expects it. TAO's own pipelines are judged by the metrics that its commands tell.
"""

import pathlib

import numpy as np
from lib.images import image_files
from lib.pixels import as_processor, unit_images
from PIL import Image


def folder(inputs):
    """Return the folder of the images that every side answers for."""
    return pathlib.Path(inputs["root"]) / inputs["dataset"]["splits"]["inference"]


def annotation_file(inputs):
    """Return the file of annotations of the images that every side answers for."""
    return pathlib.Path(inputs["root"]) / inputs["dataset"]["annotations"][inputs["dataset"]["splits"]["inference"]]


def all_images(inputs):
    """Return the images that the inference commands answer for."""
    return image_files(folder(inputs), inputs["dataset"]["suffixes"])


def compared_images(inputs):
    """Return the images that every side answers for: spread over the split when there are many."""
    paths = all_images(inputs)
    wanted = min(inputs["dataset"]["compared_images"], len(paths))
    return [paths[index] for index in np.unique(np.linspace(0, len(paths) - 1, wanted).astype(int))] if paths else []


def hf_batch(inputs, paths):
    """Return the images as the transformers model takes them."""
    return as_processor(unit_images(paths, inputs["image"]), inputs["image"])


def new_module(lightning_class, spec, export):
    """Return the Lightning module."""
    return lightning_class(spec, export=export)


def registered(_inputs):
    """No registry of TAO is involved."""
    return True


def metric(_inputs, _paths, _arrays):
    """What these tasks measure is measured by TAO's own commands."""
    return None


def opened(inputs, path):
    """Return an image at the model's size."""
    return Image.open(path).convert("RGB").resize((inputs["image"]["width"], inputs["image"]["height"]))


def sample(path, picture, counts):
    """Return one row of the report: a picture of all sides, and a few words for each."""
    return {"image": str(picture), "label": path.name, **counts}
