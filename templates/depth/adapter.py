"""What the probes have to know of depth estimation."""

import pathlib

import numpy as np
from lib.dense import metric, new_module, opened, registered, sample
from lib.images import read_lines, size_of, unreadable
from lib.pictures import TITLES, beside, with_values
from lib.pixels import as_processor, normalised, unit_images
from lib.scenes import scenes
from PIL import Image

__all__ = ["metric", "new_module", "registered"]

GRAPH_DIFFERS = False  # the graph answers what the module answers
GRAPH_BATCHES = (1, 2)
TAO_MEAN, TAO_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SAME_DEPTH = 0.001  # of the deepest pixel


def draw_dataset(inputs):
    """Write scenes with the inverse of each pixel's distance, and the lists of both."""
    dataset, image, root = inputs["dataset"], inputs["image"], pathlib.Path(inputs["root"])
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        (root / split).mkdir(parents=True, exist_ok=True)
        lines = []
        drawn = scenes(inputs["seed"] + number, count, image["height"], image["width"], classes=6)
        for index, scene in enumerate(drawn, 1):
            picture, truth = root / split / f"{index:04d}.png", root / split / f"{index:04d}.pfm"
            Image.fromarray(scene.pixels).save(picture)
            write_pfm(truth, 1 / scene.depth)
            lines.append(f"{picture} {truth}")
        (root / dataset["lists"][split]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {"images": dataset["generated_images"]}


def write_pfm(path, values):
    """Write a portable float map; its rows run from the bottom to the top."""
    header = f"Pf\n{values.shape[1]} {values.shape[0]}\n-1.0\n".encode("ascii")
    pathlib.Path(path).write_bytes(header + np.flipud(values).astype("<f4").tobytes())


def read_pfm(path):
    """Return the values of a portable float map of one channel."""
    with open(path, "rb") as file:
        kind = file.readline().strip()
        width, height = (int(number) for number in file.readline().split())
        order = "<f4" if float(file.readline()) < 0 else ">f4"
        if kind != b"Pf":
            raise ValueError(f"it begins with {kind[:8]!r}")
        return np.flipud(np.frombuffer(file.read(), order, width * height).reshape(height, width))


def listed(inputs, split):
    """Return [(image, truth or None)] of a list."""
    path = pathlib.Path(inputs["root"]) / inputs["dataset"]["lists"][split]
    rows = [line.split() for line in read_lines(path)] if path.is_file() else []
    return [(pathlib.Path(row[0]), pathlib.Path(row[-1]) if len(row) > 1 else None) for row in rows]


def read_dataset(inputs):
    """Return what the lists name, split by split, and what is wrong with it."""
    splits, problems = {}, []
    for purpose, split in inputs["dataset"]["splits"].items():
        rows = listed(inputs, split)
        there = [image for image, _ in rows if image.is_file()]
        splits[purpose] = {"folder": split, "images": len(there), "unreadable": unreadable(there)}
    for split in dict.fromkeys(inputs["dataset"]["splits"].values()):
        for image, truth in listed(inputs, split):
            problems += row_problems(inputs["dataset"]["lists"][split], image, truth)
    return {"classes_match_labels": True, "splits": splits, "problems": problems}


def row_problems(name, image, truth):
    """Return what is wrong with one line of a list."""
    if not image.is_file():
        return [f"{name}: there is no {image}; paths are those inside the container"]
    if truth is None or not truth.is_file():
        return [f"{name}: {image.name} has no truth"]
    if truth.suffix != ".pfm":
        return [f"{name}: {truth.name} is no .pfm, the only format that both commands read alike"]
    try:
        values = read_pfm(truth)
    except ValueError as error:
        return [f"{name}: {truth.name} is no portable float map of one channel: {error}"]
    size, shape = size_of(image), values.shape[::-1]
    if size not in (None, shape):
        return [f"{name}: {truth.name} is {shape}, its image {size}"]
    return [] if np.isfinite(values).all() else [f"{name}: {truth.name} has values that are not finite"]


def compared_images(inputs):
    """Return the images that every side answers for: spread over the list when there are many."""
    paths = [image for image, _ in listed(inputs, inputs["dataset"]["splits"]["inference"])]
    wanted = min(inputs["dataset"]["compared_images"], len(paths))
    return [paths[index] for index in np.unique(np.linspace(0, len(paths) - 1, wanted).astype(int))] if paths else []


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them."""
    return as_processor(unit, image), normalised(unit, TAO_MEAN, TAO_STD)


def hf_batch(inputs, paths):
    """Return the images as the transformers model takes them."""
    return as_processor(unit_images(paths, inputs["image"]), inputs["image"])


def tao_batch(inputs, paths, _side):
    """Return the images as TAO's pipeline normalises them."""
    return normalised(unit_images(paths, inputs["image"]), TAO_MEAN, TAO_STD)


def hf_answers(model, pixels, _inputs):
    """Return one number for each pixel of the input, as the TAO module does."""
    import torch

    depth = model(pixel_values=torch.from_numpy(pixels), return_dict=True).predicted_depth
    if depth.shape[-2:] != pixels.shape[-2:]:
        depth = torch.nn.functional.interpolate(depth[:, None], size=pixels.shape[-2:], mode="bilinear",
                                                align_corners=False)[:, 0]
    return {"outputs": depth.numpy()}


def native_answers(model, pixels, _inputs):
    """Return the answers of the TAO module."""
    import torch

    return {"outputs": model(torch.from_numpy(pixels)).numpy()}


def feed(pixels, _inputs):
    """Return what the graph and the engine are given."""
    return {"images": pixels}


def engine(inputs):
    """Return a function from a feed to the engine's answers."""
    from lib.engine import padded
    from nvidia_tao_deploy.cv.depth_net.inferencer import DepthNetInferencer

    inferencer = DepthNetInferencer(inputs["engine"], batch_size=inputs["batch_size"])

    def infer(given):
        count = len(given["images"])
        depth = np.array(inferencer.infer(padded(given["images"], inputs["batch_size"])))[:count]
        return {"outputs": depth.reshape(count, *depth.shape[-2:])}

    return infer


def aligned(values, _reference):
    """Pixels have one order."""
    return values


def agree(values, reference):
    """Return for each image whether no pixel is elsewhere."""
    scale = np.abs(reference["outputs"]).max(axis=(1, 2))
    return np.abs(values["outputs"] - reference["outputs"]).max(axis=(1, 2)) <= SAME_DEPTH * scale


def predictions(inputs, _paths, _data):
    """Count the depth maps that both inference commands drew; what they hold is compared as numbers above."""
    count = len(listed(inputs, inputs["dataset"]["splits"]["inference"]))
    drawn = {side: len(list(pathlib.Path(inputs["predictions"][side]).rglob("*.png"))) for side in ("native", "engine")}
    return {"images": count, **{side: {"rows": rows, "different": []} for side, rows in drawn.items()}}


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: picture, truth and three answers side by side."""
    truth = dict(listed(inputs, inputs["dataset"]["splits"]["inference"]))
    rows = []
    for index in chosen:
        path = paths[index]
        maps = [read_pfm(truth[path]), *(data[side]["outputs"][index] for side in ("hf", "native", "engine"))]
        picture = pathlib.Path(inputs["pictures"]) / f"{path.stem}.png"
        beside(picture, [("image", opened(inputs, path)),
                         *((title, with_values(values)) for title, values in zip(TITLES, maps))])
        words = {side: {"label": f"{values.min():.4g} to {values.max():.4g}"}
                 for side, values in zip(("hf", "tao", "engine"), maps[1:])}
        rows.append(sample(path, picture, words))
    return rows
