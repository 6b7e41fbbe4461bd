"""What the probes have to know of panoptic segmentation."""

import json
import pathlib

import numpy as np
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

OUTPUTS = ("prob_masks", "pred_masks", "pred_scores", "pred_classes")
HALF = 0.5  # of the best score in an image: what has less is not shown
BASE = 256  # of the numbers that COCO writes as colours


def draw_dataset(inputs):
    """Write scenes with a segment for each shape and one for the ground; return what was written."""
    dataset, names = inputs["dataset"], [str(name) for name in inputs["labels"]]
    shapes = max(1, len(names) - 1)  # the last class is the ground, where there are two classes or more
    categories = [{"id": number, "name": name, "isthing": int(number < shapes)} for number, name in enumerate(names)]
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        folder = pathlib.Path(inputs["root"]) / dataset["segments"][split]
        folder.mkdir(parents=True, exist_ok=True)
        images, annotations = [], []
        for facts, scene in draw_split(inputs, number, split, count, shapes):
            numbers, segments = segments_of(scene, len(names))
            Image.fromarray(as_colours(numbers)).save(folder / facts["file_name"])
            images.append(facts)
            annotations.append({"image_id": facts["id"], "file_name": facts["file_name"], "segments_info": segments})
        write_json(inputs, dataset["annotations"][split],
                   {"images": images, "annotations": annotations, "categories": categories})
    write_label_map(inputs, categories)
    return {"classes": len(names), "images": dataset["generated_images"]}


def segments_of(scene, classes):
    """Return a map of segment numbers and what they are; the ground is the last class where it is one."""
    numbers, labels = np.zeros(scene.depth.shape, np.int64), [shape.label for shape in scene.shapes]
    for number, shape in enumerate(scene.shapes, 1):
        numbers[shape.mask] = number
    if classes > 1:
        numbers[numbers == 0] = len(labels) + 1
        labels.append(classes - 1)
    return numbers, [{"id": number, "category_id": label, "iscrowd": 0, "area": int((numbers == number).sum())}
                     for number, label in enumerate(labels, 1)]


def as_colours(numbers):
    """Return the colours that stand for numbers."""
    return np.stack([numbers % BASE, numbers // BASE % BASE, numbers // BASE ** 2], axis=-1).astype(np.uint8)


def as_numbers(path):
    """Return the numbers of a picture of segments."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(np.int64) @ [1, BASE, BASE ** 2]


def read_dataset(inputs):
    """Return what lies in the dataset folder, and what is wrong with it."""
    return read_dataset_with(inputs, annotation_faults)


def annotation_faults(inputs, split, document, images):
    """Return what is wrong with the annotations of a split."""
    known, faults = {row["id"] for row in document["categories"]}, []
    if not all("isthing" in row for row in document["categories"]):
        return ["its categories do not say isthing, 1 or 0"]
    folder = pathlib.Path(inputs["root"]) / inputs["dataset"]["segments"][split]
    for item in document["annotations"]:
        faults += [f"{item['file_name']} {fault}" for fault in picture_faults(folder, item, images, known)]
    return faults


def picture_faults(folder, item, images, known):
    """Return what is wrong with one picture of segments."""
    if item["image_id"] not in images:
        return ["belongs to no image"]
    path, facts = folder / item["file_name"], images[item["image_id"]]
    if not path.is_file():
        return [f"is not in {folder.name}/"]
    try:
        numbers = as_numbers(path)
    except Exception as error:  # whatever a broken file raises
        return [f"cannot be read: {type(error).__name__}"]
    if numbers.shape != (facts["height"], facts["width"]):
        return [f"is {numbers.shape[1]} x {numbers.shape[0]} pixels, its image {facts['width']} x {facts['height']}"]
    faults, seen = [], set(np.unique(numbers).tolist())
    for segment in item["segments_info"]:
        if segment["category_id"] not in known:
            faults.append(f"has a segment of the category {segment['category_id']}, which is none")
        if "iscrowd" not in segment:
            faults.append(f"has the segment {segment['id']}, which does not say iscrowd, 1 or 0")
        if segment["id"] not in seen:
            faults.append(f"does not show the segment {segment['id']}: a colour is R + 256 G + 256 * 256 B")
    return faults


def hf_answers(model, pixels, _inputs):
    """Return the transformers model's masks with their most probable classes, as TAO names them."""
    scores, masks = segmented(model, pixels)
    scores, classes = scores.max(-1)
    masks = masks.sigmoid()
    tensors = (scores[..., None, None] * masks, masks, scores, classes)
    return kept({name: value.numpy() for name, value in zip(OUTPUTS, tensors)})


def engine(inputs):
    """Return a function from a feed to the engine's answers."""
    return engine_of(inputs, OUTPUTS)


def aligned(values, _reference):
    """Return the values: an answer's place is its query's."""
    return kept(values)


def agree(values, reference):
    """Return for each image whether the answers make the same picture."""
    return np.array([same_map(class_map(values, index), class_map(reference, index))
                     for index in range(len(reference["pred_scores"]))])


def class_map(arrays, index, least=SURE):
    """Return the class of each pixel, that of the mask which claims it most; -1 where none is sure."""
    weighted, masks, scores, classes = (arrays[name][index] for name in OUTPUTS)
    weighted = np.where((scores >= least)[:, None, None], weighted, -1)
    best = weighted.argmax(0)
    sure = np.take_along_axis(masks, best[None], 0)[0] >= 0.5
    return np.where(sure & (weighted.max(0) >= 0), classes[best], -1).astype(int)


def shown_map(arrays, index):
    """Return the class of each pixel, however sure the model is of it."""
    return class_map(arrays, index, min(SURE, HALF * arrays["pred_scores"][index].max()))


def predictions(inputs, _paths, _data):
    """Compare what both inference commands wrote: how many files, and where pictures differ."""
    names = [path.stem for path in all_images(inputs)]
    native, engine_side = (_pictures(inputs["predictions"][side]) for side in ("native", "engine"))
    different = [name for name in names if name not in native or name not in engine_side
                 or not same_map(native[name], engine_side[name])]
    return {"images": len(names), "native": {"rows": len(native), "different": different},
            "engine": {"rows": len(engine_side), "different": different}}


def _pictures(folder):
    """Return {image: map of categories} of the images that were drawn too."""
    files = {path.stem: path for path in pathlib.Path(folder).glob("*.png") if path.with_suffix(".jpg").is_file()}
    return {name: _categories(path) for name, path in sorted(files.items()) if path.with_suffix(".json").is_file()}


def _categories(path):
    """Return the map of category ids that a picture of segments and the file beside it tell, -1 for none."""
    numbers = as_numbers(path)
    found = np.full(numbers.shape, -1)
    for segment in json.loads(path.with_suffix(".json").read_text(encoding="utf-8")):
        found[numbers == segment["id"]] = segment["category_id"]
    return found


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: truth and three answers side by side."""
    maps = {index: [shown_map(data[side], index) for side in ("hf", "native", "engine")] for index in chosen}
    return shown(inputs, paths, maps, lambda path: _truth(inputs, path), counted)


def _truth(inputs, path):
    """Return the annotated classes of an image, -1 where there is none."""
    segments = pathlib.Path(inputs["root"]) / inputs["dataset"]["segments"][inputs["dataset"]["splits"]["inference"]]
    document = json.loads(annotation_file(inputs).read_text(encoding="utf-8"))
    classes = {row["id"]: number for number, row in enumerate(document["categories"])}
    ids = {item["id"] for item in document["images"] if item["file_name"] == path.name}
    with Image.open(path) as image:
        found = np.full((image.height, image.width), -1)
    for item in document["annotations"]:
        if item["image_id"] in ids:
            numbers = as_numbers(segments / item["file_name"])
            for segment in item["segments_info"]:
                found[numbers == segment["id"]] = classes[segment["category_id"]]
    return found
