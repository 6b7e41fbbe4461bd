"""What the probes have to know of object detection."""

import json
import pathlib

import numpy as np
from lib.dense import all_images, compared_images, hf_batch, opened, sample
from lib.images import image_files, read_lines, unreadable
from lib.pictures import TITLES, beside, with_boxes
from lib.pixels import as_processor, unit_images
from lib.scenes import scenes
from PIL import Image

__all__ = ["compared_images", "hf_batch"]

GRAPH_DIFFERS = False  # the graph answers what the module answers
GRAPH_BATCHES = (1, 2)
SURE = 0.3  # score from which a detection counts as a decision
SAME_PLACE = 0.01  # of the image's side


def draw_dataset(inputs):
    """Write scenes with their boxes as COCO annotations; return what was written."""
    dataset, image, root = inputs["dataset"], inputs["image"], pathlib.Path(inputs["root"])
    names = [str(name) for name in inputs["labels"]]
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        (root / split).mkdir(parents=True, exist_ok=True)
        images, annotations = [], []
        drawn = scenes(inputs["seed"] + number, count, image["height"], image["width"], len(names))
        for index, scene in enumerate(drawn, 1):
            name = f"{index:04d}.png"
            Image.fromarray(scene.pixels).save(root / split / name)
            images.append({"id": index, "file_name": name, "width": image["width"], "height": image["height"]})
            annotations += [{"id": len(annotations) + place, "image_id": index, "category_id": shape.label,
                             "bbox": shape.box, "area": shape.box[2] * shape.box[3], "iscrowd": 0}
                            for place, shape in enumerate(scene.shapes, 1)]
        categories = [{"id": label, "name": name} for label, name in enumerate(names)]
        (root / dataset["annotations"][split]).write_text(
            json.dumps({"images": images, "annotations": annotations, "categories": categories}), encoding="utf-8")
    (root / dataset["classes_file"]).write_text("\n".join(names) + "\n", encoding="utf-8")
    return {"classes": len(names), "images": dataset["generated_images"]}


def read_dataset(inputs):
    """Return what lies in the dataset folder, split by split, and what is wrong with it."""
    root, dataset = pathlib.Path(inputs["root"]), inputs["dataset"]
    classes_file = root / dataset["classes_file"]
    classes = read_lines(classes_file) if classes_file.is_file() else []
    splits, problems = {}, []
    for purpose, split in dataset["splits"].items():
        images = image_files(root / split, dataset["suffixes"])
        splits[purpose] = {"folder": split, "images": len(images), "unreadable": unreadable(images)}
    for split, file in dataset["annotations"].items():
        problems += annotation_problems(root / split, root / file, len(inputs["labels"]))
    return {"classes": classes, "classes_match_labels": len(classes) == len(inputs["labels"]),
            "splits": splits, "problems": problems}


def annotation_problems(images, file, classes):
    """Return what is wrong with one file of COCO annotations."""
    if not file.is_file():
        return [f"there is no {file.name}"]
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        sizes = {item["id"]: (item["width"], item["height"], item["file_name"]) for item in document["images"]}
        found = [f"{file.name}: {name} is not in {images.name}/" for _, _, name in sizes.values()
                 if not (images / name).is_file()]
        for item in document["annotations"]:
            found += annotation_faults(file.name, item, sizes, classes)
        return found
    except (ValueError, KeyError, TypeError) as error:
        return [f"{file.name} is no COCO annotation: {type(error).__name__}: {error}"]


def annotation_faults(file, item, sizes, classes):
    """Return what is wrong with one annotation."""
    where = f"{file}: annotation {item['id']}"
    if item["image_id"] not in sizes:
        return [f"{where} belongs to no image"]
    if not 0 <= item["category_id"] < classes:
        return [f"{where} has category {item['category_id']}, the model knows 0 to {classes - 1}"]
    width, height, _ = sizes[item["image_id"]]
    left, top, wide, tall = item["bbox"]
    if wide <= 0 or tall <= 0 or left < 0 or top < 0 or left + wide > width + 1 or top + tall > height + 1:
        return [f"{where}: its box {item['bbox']} does not lie in the image"]
    return []


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them: TAO only scales."""
    return as_processor(unit, image), unit


def tao_batch(inputs, paths, _side):
    """Return the images as TAO's pipeline gives them."""
    return unit_images(paths, inputs["image"])


def new_module(lightning_class, spec, export):
    """Return the Lightning module."""
    return lightning_class(spec, export=export)


def registered(_inputs):
    """No registry is involved."""
    return True


def hf_answers(model, pixels, _inputs):
    """Return the transformers model's answers under TAO's names, with scores of independent classes."""
    import torch

    output = model(pixel_values=torch.from_numpy(pixels), return_dict=True)
    logits = output.logits.double()
    if logits.shape[-1] == model.config.num_labels + 1:
        logarithm = logits.log_softmax(-1)[..., :-1]
        logits = logarithm - torch.log((1.0 - logarithm.exp()).clamp(min=1e-6))
    return {"pred_logits": logits.float().numpy(), "pred_boxes": output.pred_boxes.numpy()}


def native_answers(model, pixels, _inputs):
    """Return the answers of the TAO module."""
    import torch

    output = model(torch.from_numpy(pixels))
    return {name: output[name].numpy() for name in ("pred_logits", "pred_boxes")}


def feed(pixels, _inputs):
    """Return what the graph and the engine are given."""
    return {"inputs": pixels}


def engine(inputs):
    """Return a function from a feed to the engine's answers."""
    from lib.engine import as_function
    from nvidia_tao_deploy.cv.deformable_detr.inferencer import DDETRInferencer

    inferencer = DDETRInferencer(inputs["engine"], batch_size=inputs["batch_size"])
    infer = as_function(inferencer, inputs["tensors"]["names"]["outputs"], inputs["batch_size"])
    return lambda given: infer(given["inputs"])


def scores(arrays):
    """Return the probabilities of all classes."""
    return 1 / (1 + np.exp(-arrays["pred_logits"].astype(np.float64)))


def aligned(values, reference):
    """Return the values with the queries of each image in the reference's order.

    Two-stage detectors sort their queries by scores that can be nearly equal: a query's place means nothing.
    """
    if any(values[name].shape != reference[name].shape for name in reference):
        return values
    order = [_order(a, b) for a, b in zip(_vectors(values), _vectors(reference))]
    return {name: np.stack([value[index] for value, index in zip(values[name], order)]) for name in values}


def _vectors(arrays):
    """Return one vector for each query: scores and box."""
    return np.concatenate([scores(arrays), arrays["pred_boxes"]], axis=-1)


def _order(values, reference):
    """Return the nearest query for each of the reference's, or the given order when two want the same."""
    distance = np.abs(values[None] - reference[:, None]).max(axis=-1)
    nearest = distance.argmin(axis=1)
    return nearest if len(set(nearest)) == len(nearest) else np.arange(len(values))


def agree(values, reference):
    """Return for each image whether the sure detections have the same class and place."""
    values = aligned(values, reference)
    sure = np.maximum(scores(values).max(-1), scores(reference).max(-1)) >= SURE
    same_class = scores(values).argmax(-1) == scores(reference).argmax(-1)
    same_place = np.abs(values["pred_boxes"] - reference["pred_boxes"]).max(-1) <= SAME_PLACE
    return (~sure | (same_class & same_place)).all(axis=1)


def metric(_inputs, _paths, _arrays):
    """The mean average precision is what TAO's own commands measure."""
    return None


def predictions(inputs, _paths, _data):
    """Compare the label files of both inference commands: how many, and where classes or scores differ."""
    names = [path.stem for path in all_images(inputs)]
    native, engine_side = (_label_files(inputs["predictions"][side]) for side in ("native", "engine"))
    different = [name for name in names if not _same_labels(native.get(name), engine_side.get(name))]
    return {"images": len(names), "native": {"rows": len(native), "different": different},
            "engine": {"rows": len(engine_side), "different": different}}


def _label_files(folder):
    """Return {image: [(class, score)]} of a folder of KITTI label files."""
    labels = {}
    for path in sorted(pathlib.Path(folder).glob("*.txt")):
        rows = [line.rsplit(" ", 15) for line in path.read_text(encoding="utf-8").splitlines()]
        labels[path.stem] = sorted((row[0], float(row[-1])) for row in rows)
    return labels


def _same_labels(one, other):
    """Whether two lists of detections have the same classes with nearly the same scores."""
    if one is None or other is None or len(one) != len(other):
        return False
    return all(a[0] == b[0] and abs(a[1] - b[1]) <= 0.01 for a, b in zip(one, other))


def _found(arrays, index, image):
    """Return the sure detections of an image in pixels."""
    best = scores(arrays)[index]
    boxes = arrays["pred_boxes"][index] * [image["width"], image["height"], image["width"], image["height"]]
    return [(int(best[query].argmax()), [x - w / 2, y - h / 2, x + w / 2, y + h / 2])
            for query, (x, y, w, h) in enumerate(boxes) if best[query].max() >= SURE]


def _truth(inputs, path):
    """Return the annotated boxes of an image at the model's size."""
    file = pathlib.Path(inputs["root"]) / inputs["dataset"]["annotations"][path.parent.name]
    document = json.loads(file.read_text(encoding="utf-8"))
    [info] = [item for item in document["images"] if item["file_name"] == path.name]
    across, down = inputs["image"]["width"] / info["width"], inputs["image"]["height"] / info["height"]
    return [(item["category_id"], [item["bbox"][0] * across, item["bbox"][1] * down,
                                   (item["bbox"][0] + item["bbox"][2]) * across,
                                   (item["bbox"][1] + item["bbox"][3]) * down])
            for item in document["annotations"] if item["image_id"] == info["id"]]


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: truth and three answers side by side."""
    classes, rows = len(inputs["labels"]), []
    for index in chosen:
        path, image = paths[index], opened(inputs, paths[index])
        found = [_truth(inputs, path), *(_found(data[side], index, inputs["image"]) for side in ("hf", "native", "engine"))]
        picture = pathlib.Path(inputs["pictures"]) / f"{path.stem}.png"
        beside(picture, [(title, with_boxes(image, boxes, classes)) for title, boxes in zip(TITLES, found)])
        words = {side: {"label": f"{len(boxes)} boxes"} for side, boxes in zip(("hf", "tao", "engine"), found[1:])}
        rows.append(sample(path, picture, words))
    return rows
