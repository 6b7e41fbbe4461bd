"""What the probes have to know of instance segmentation."""

import json
import pathlib

import numpy as np
from lib.coco_masks import decoded, encoded
from lib.dense import all_images, annotation_file, compared_images, hf_batch, metric, registered
from lib.universal import (
    GRAPH_BATCHES,
    GRAPH_DIFFERS,
    SURE,
    both_of,
    counted,
    draw_split,
    engine_of,
    feed,
    kept,
    native_answers,
    new_module,
    read_dataset_with,
    same_map,
    segmented,
    shown,
    tao_batch,
    write_json,
    write_label_map,
)
from PIL import Image

__all__ = ["GRAPH_BATCHES", "GRAPH_DIFFERS", "both_of", "compared_images", "feed", "hf_batch", "kept", "metric",
           "native_answers", "new_module", "registered", "tao_batch"]

MOST_ANSWERS = 100  # model.test_topk_per_image of the specs
FLIPPED = 0.001  # share of a mask's pixels that may change sides: their logits are nearly 0
HALF = 0.5  # of the best score in an image: what has less is not looked at, or not shown
HIGHEST_ID = 2 ** 24  # TAO resizes a picture of the ids as 32-bit floats


def draw_dataset(inputs):
    """Write scenes with the masks of their shapes as COCO annotations; return what was written."""
    dataset, names = inputs["dataset"], [str(name) for name in inputs["labels"]]
    categories = [{"id": number, "name": name, "isthing": 1} for number, name in enumerate(names)]
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        images, annotations = [], []
        for facts, scene in draw_split(inputs, number, split, count, len(names)):
            images.append(facts)
            annotations += [{"id": len(annotations) + place, "image_id": facts["id"], "category_id": shape.label,
                             "segmentation": encoded(shape.mask), "area": int(shape.mask.sum()), "bbox": shape.box,
                             "iscrowd": 0} for place, shape in enumerate(scene.shapes, 1)]
        write_json(inputs, dataset["annotations"][split],
                   {"images": images, "annotations": annotations, "categories": categories})
    write_label_map(inputs, categories)
    return {"classes": len(names), "images": dataset["generated_images"]}


def read_dataset(inputs):
    """Return what lies in the dataset folder, and what is wrong with it."""
    return read_dataset_with(inputs, annotation_faults)


def annotation_faults(_inputs, _split, document, images):
    """Return what is wrong with the annotations of a split."""
    known, faults = {row["id"] for row in document["categories"]}, []
    for item in document["annotations"]:
        faults += [f"annotation {item['id']} {fault}" for fault in object_faults(item, images, known)]
    ids = [item["id"] for item in document["annotations"]]
    return faults + (["two annotations have the same id"] if len(set(ids)) != len(ids) else [])


def object_faults(item, images, known):
    """Return what is wrong with one annotated object."""
    if item["image_id"] not in images:
        return ["belongs to no image"]
    if item["category_id"] not in known:
        return [f"has the category {item['category_id']}, which is none"]
    if not 0 < item["id"] < HIGHEST_ID:
        return [f"has an id that TAO cannot tell from others: it must lie between 1 and {HIGHEST_ID - 1}"]
    facts = images[item["image_id"]]
    try:
        mask = decoded(item["segmentation"], facts["height"], facts["width"])
    except (ValueError, TypeError, OverflowError) as error:
        return [f"has no mask: {error}"]
    return [] if mask.any() or item.get("iscrowd") else ["has an empty mask"]


def hf_answers(model, pixels, _inputs):
    """Return the transformers model's most probable pairs of mask and class, as TAO names them."""
    scores, masks = segmented(model, pixels)
    classes = scores.shape[-1]
    scores = scores.flatten(1)
    scores, places = scores.topk(min(MOST_ANSWERS, scores.shape[1]))
    answers = {"pred_masks": [], "pred_scores": [], "pred_classes": (places % classes).numpy()}
    for logits, values, queries in zip(masks, scores, places // classes):
        logits = logits[queries]
        binary = (logits > 0).float()
        certainty = (logits.sigmoid() * binary).sum((1, 2)) / (binary.sum((1, 2)) + 1e-6)
        answers["pred_masks"].append(binary.numpy())
        answers["pred_scores"].append((values * certainty).numpy())
    return kept({name: np.stack(list(value)) for name, value in answers.items()})


def engine(inputs):
    """Return a function from a feed to the engine's answers."""
    return engine_of(inputs, ("pred_classes", "pred_masks", "pred_scores"))


def aligned(values, reference):
    """Return the values in the order of the reference, without pixels on an edge that changed sides.

    Answers are sorted by probabilities that can be nearly equal: the place of one means nothing.
    """
    values = kept(values)
    if any(values[name].shape != reference[name].shape for name in reference):
        return values
    order = [_order(a, b) for a, b in zip(_vectors(values), _vectors(reference))]
    values = {name: np.stack([rows[index] for rows, index in zip(values[name], order)]) for name in reference}
    masks, wanted = values["pred_masks"], reference["pred_masks"]
    few = (masks != wanted).mean((2, 3), keepdims=True) <= FLIPPED
    return {**values, "pred_masks": np.where(few, wanted, masks)}


def _vectors(arrays):
    """Return a few numbers for each answer: class, score, and where its mask lies."""
    masks = arrays["pred_masks"].astype(np.float64)
    rows, columns = (np.linspace(0, 1, size) for size in masks.shape[-2:])
    places = [masks.mean((2, 3)), (masks * rows[:, None]).mean((2, 3)), (masks * columns).mean((2, 3))]
    return np.stack([arrays["pred_classes"], arrays["pred_scores"], *places], axis=-1)


def _order(values, reference):
    """Return the nearest answer for each of the reference's, or the given order when two want the same."""
    nearest = np.abs(values[None] - reference[:, None]).max(-1).argmin(1)
    return nearest if len(set(nearest)) == len(nearest) else np.arange(len(values))


def agree(values, reference):
    """Return for each image whether the sure answers make the same picture."""
    return np.array([same_map(class_map(values, index), class_map(reference, index))
                     for index in range(len(reference["pred_scores"]))])


def class_map(arrays, index, least=SURE):
    """Return the classes of the sure objects of an image, the surest on top; -1 where there is none."""
    masks, scores, classes = (arrays[name][index] for name in ("pred_masks", "pred_scores", "pred_classes"))
    numbers = np.full(masks.shape[1:], -1)
    for place in np.argsort(scores):
        if scores[place] >= least:
            numbers[masks[place] > 0.5] = classes[place]
    return numbers


def shown_map(arrays, index):
    """Return the classes of the objects that an image is about to the model, however sure it is."""
    return class_map(arrays, index, min(SURE, HALF * arrays["pred_scores"][index].max()))


def predictions(inputs, _paths, _data):
    """Compare what both inference commands wrote: how many files, and where objects differ."""
    names = [path.stem for path in all_images(inputs)]
    native, engine_side = (_objects(inputs["predictions"][side]) for side in ("native", "engine"))
    different = [name for name in names if not _same_objects(native.get(name), engine_side.get(name))]
    return {"images": len(names), "native": {"rows": len(native), "different": different},
            "engine": {"rows": len(engine_side), "different": different}}


def _objects(folder):
    """Return {image: objects} of the images that were drawn too."""
    files = {path.stem: path for path in pathlib.Path(folder).glob("*.json")}
    drawn = {path.stem for path in pathlib.Path(folder).glob("*.jpg")}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in sorted(files.items()) if name in drawn}


def _same_objects(one, other):
    """Whether the objects that each side is surest of have a partner on the other one."""
    return bool(one and other) and all(
        any(_same_object(item, candidate) for candidate in many)
        for some, many in ((one, other), (other, one)) for item in some
        if item["score"] >= HALF * max(found["score"] for found in some))


def _same_object(one, other):
    """Whether two objects have the same class, nearly the same score and nearly the same mask."""
    if one["category_id"] != other["category_id"] or abs(one["score"] - other["score"]) > 0.01:
        return False
    masks = [decoded(item["segmentation"], *item["segmentation"]["size"]) for item in (one, other)]
    return masks[0].shape == masks[1].shape and same_map(*masks)


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: truth and three answers side by side."""
    maps = {index: [shown_map(data[side], index) for side in ("hf", "native", "engine")] for index in chosen}
    return shown(inputs, paths, maps, lambda path: _truth(inputs, path), counted)


def _truth(inputs, path):
    """Return the annotated classes of an image, -1 where there is none."""
    document = json.loads(annotation_file(inputs).read_text(encoding="utf-8"))
    classes = {row["id"]: number for number, row in enumerate(document["categories"])}
    with Image.open(path) as image:
        numbers = np.full((image.height, image.width), -1)
    for item in _objects_of(document, path.name):
        numbers[decoded(item["segmentation"], *numbers.shape)] = classes[item["category_id"]]
    return numbers


def _objects_of(document, name):
    """Return the annotated objects of an image, none where the image is not annotated."""
    ids = {item["id"] for item in document["images"] if item["file_name"] == name}
    return [item for item in document["annotations"] if item["image_id"] in ids]
