"""What the adapters of instance and panoptic segmentation have in common: models that propose masks."""

import json
import math
import pathlib

import numpy as np
from lib.coco import coco_faults
from lib.dense import opened, sample
from lib.images import splits_of
from lib.pictures import TITLES, beside, with_classes
from lib.pixels import as_processor, normalised, unit_images
from lib.scenes import scenes
from PIL import Image

GRAPH_DIFFERS = False  # `answers` of the module is what the graph answers
GRAPH_BATCHES = (1, 2)
TAO_MEAN, TAO_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # what the specs tell TAO's loaders
GRID = 128  # pixels a side at which masks are compared
SURE = 0.4  # score from which the commands show an answer
SAME_SHARE = 0.99  # of the pixels of two equal pictures


def kept(arrays):
    """Return the answers with masks at every so many pixels: all of them would not fit into memory."""
    return {name: value[:, :, ::step_of(value), ::step_of(value)] if value.ndim == 4 else value
            for name, value in arrays.items()}


def step_of(masks):
    """Return at every how many pixels masks are looked at."""
    return math.ceil(max(masks.shape[-2:]) / GRID)


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them."""
    return as_processor(unit, image), normalised(unit, TAO_MEAN, TAO_STD)


def tao_batch(inputs, paths, _side):
    """Return the images as TAO's pipeline gives them."""
    return normalised(unit_images(paths, inputs["image"]), TAO_MEAN, TAO_STD)


def new_module(lightning_class, spec, _export):
    """Return the Lightning module."""
    return lightning_class(spec)


def segmented(model, pixels):
    """Return the transformers model's scores of the classes and, at the size of the images, its mask logits."""
    import torch

    output = model(pixel_values=torch.from_numpy(pixels), return_dict=True)
    masks = torch.nn.functional.interpolate(output.masks_queries_logits, size=pixels.shape[-2:], mode="bilinear",
                                            align_corners=False)
    return output.class_queries_logits.softmax(-1)[..., :-1], masks


def native_answers(model, pixels, _inputs):
    """Return the answers of the TAO module."""
    import torch

    return kept({name: value.numpy() for name, value in model.answers(torch.from_numpy(pixels)).items()})


def feed(pixels, _inputs):
    """Return what the graph and the engine are given."""
    return {"inputs": pixels}


def engine_of(inputs, returned):
    """Return a function from a feed to the engine's answers, which TAO's inferencer returns under these names."""
    from lib.engine import as_function
    from nvidia_tao_deploy.cv.mask2former.inferencer import Mask2formerInferencer

    inferencer = Mask2formerInferencer(inputs["engine"], batch_size=inputs["batch_size"])
    infer = as_function(inferencer, returned, inputs["batch_size"])
    return lambda given: kept(infer(given["inputs"]))


# Generated datasets.


def draw_split(inputs, number, split, count, classes):
    """Write the images of a split; yield (facts of the image, scene)."""
    image, folder = inputs["image"], pathlib.Path(inputs["root"]) / split
    folder.mkdir(parents=True, exist_ok=True)
    drawn = scenes(inputs["seed"] + number, count, image["height"], image["width"], classes)
    for index, scene in enumerate(drawn, 1):
        Image.fromarray(scene.pixels).save(folder / f"{index:04d}.png")
        yield {"id": index, "file_name": f"{index:04d}.png", "height": image["height"], "width": image["width"]}, scene


def write_label_map(inputs, categories):
    """Write the categories as TAO's label map, with colours."""
    from lib.scenes import colour

    rows = [{**category, "color": list(colour(number, len(categories)))} for number, category in enumerate(categories)]
    write_json(inputs, inputs["dataset"]["label_map"], rows)


def write_json(inputs, name, document):
    """Write a JSON file of the dataset."""
    (pathlib.Path(inputs["root"]) / name).write_text(json.dumps(document), encoding="utf-8")


# Given datasets.


def read_dataset_with(inputs, annotation_faults):
    """Return what lies in the dataset folder, and what is wrong with it.

    `annotation_faults` takes (inputs, split, document, {image id: facts}) and returns the faults of the annotations
    of a split.
    """
    root, dataset = pathlib.Path(inputs["root"]), inputs["dataset"]
    label_map, problems = read_label_map(root / dataset["label_map"])
    for split, name in dataset["annotations"].items():
        def of_all(document, images, split=split):
            faults = category_faults(document["categories"], label_map)
            return faults or annotation_faults(inputs, split, document, images)

        problems += coco_faults(root / split, root / name, of_all)
    classes, wanted = [str(category.get("name", "")) for category in label_map], len(inputs["labels"])
    if label_map and len(classes) != wanted:
        problems.append(f"{dataset['label_map']} has {len(classes)} categories, the model {wanted} classes")
    return {"classes": classes, "classes_match_labels": len(classes) == wanted,
            "splits": splits_of(root, dataset), "problems": problems}


def read_label_map(path):
    """Return (the categories of TAO's label map, what is wrong with them)."""
    if not path.is_file():
        return [], [f"there is no {path.name}: a list of the categories, each with id and name, in the order of the "
                    "model's classes"]
    try:
        categories = json.loads(path.read_text(encoding="utf-8"))
        bad = [row for row in categories if not isinstance(row["id"], int) or not row["name"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return [], [f"{path.name} is no list of categories with id and name: {type(error).__name__}: {error}"]
    return categories, [f"{path.name}: {row} has no whole number as id, or no name" for row in bad]


def category_faults(categories, label_map):
    """Return where the categories of the annotations are not those of the label map, in its order."""
    given, wanted = [row["id"] for row in categories], [row["id"] for row in label_map]
    if len(set(given)) != len(given):
        return ["two categories have the same id"]
    if label_map and given != wanted:
        return [f"its categories have the ids {given[:10]}, the label map {wanted[:10]}; both stand in the order of "
                "the model's classes"]
    return []


# Comparing and showing.


def same_map(one, other):
    """Whether two maps of class numbers are equal but for a few pixels, along edges."""
    return one.shape == other.shape and float((one == other).mean()) >= SAME_SHARE


def painted(image, numbers, classes):
    """Return the image under a map of class numbers; what is no class (-1) shows the image."""
    numbers = Image.fromarray(numbers.astype(np.int32)).resize(image.size, Image.Resampling.NEAREST)
    colours = np.asarray(with_classes(np.asarray(numbers), classes), np.float32)
    pixels, seen = np.asarray(image.convert("RGB"), np.float32), (np.asarray(numbers) >= 0)[..., None]
    return Image.fromarray(np.where(seen, 0.35 * pixels + 0.65 * colours, pixels).astype(np.uint8))


def shown(inputs, paths, maps, truth, words):
    """Return what the report shows of single images: truth and three answers side by side.

    `maps` is {number of the image: class maps of hf, native and engine}; `truth` returns the map of a path;
    `words` turns a map into a few words.
    """
    classes, rows = len(inputs["labels"]), []
    for index, found in maps.items():
        path, image = paths[index], opened(inputs, paths[index])
        picture = pathlib.Path(inputs["pictures"]) / f"{path.stem}.png"
        panels = [truth(path), *found]
        beside(picture, [(title, painted(image, numbers, classes)) for title, numbers in zip(TITLES, panels)])
        told = {side: {"label": words(numbers)} for side, numbers in zip(("hf", "tao", "engine"), found)}
        rows.append(sample(path, picture, told))
    return rows


def counted(numbers):
    """Say how many classes a map shows."""
    return f"{len(np.unique(numbers[numbers >= 0]))} classes"
