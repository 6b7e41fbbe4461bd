"""What the probes have to know of object detection."""

import json
import pathlib

import numpy as np
from lib.boxes import box_faults, compared_labels, corners, draw, truth
from lib.class_names import class_names, count_faults
from lib.dense import annotation_file, compared_images, hf_batch, metric, new_module, opened, registered, sample
from lib.images import splits_of
from lib.pictures import TITLES, beside, with_boxes
from lib.pixels import as_processor, unit_images
from lib.scenes import scenes

__all__ = ["compared_images", "hf_batch", "metric", "new_module", "registered"]

GRAPH_DIFFERS = False  # the graph answers what the module answers
GRAPH_BATCHES = (1, 2)
SURE = 0.3  # score from which a detection counts as a decision
SAME_PLACE = 0.01  # of the image's side


def draw_dataset(inputs):
    """Write scenes with their boxes as COCO annotations; return what was written."""
    dataset, image, root = inputs["dataset"], inputs["image"], pathlib.Path(inputs["root"])
    names = [str(name) for name in inputs["labels"]]
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        drawn = scenes(inputs["seed"] + number, count, image["height"], image["width"], len(names))
        document = draw(root / split, drawn, names, image)
        (root / dataset["annotations"][split]).write_text(json.dumps(document), encoding="utf-8")
    (root / dataset["classes_file"]).write_text("\n".join(names) + "\n", encoding="utf-8")
    return {"classes": len(names), "images": dataset["generated_images"]}


def read_dataset(inputs):
    """Return what lies in the dataset folder, split by split, and what is wrong with it."""
    root, dataset, wanted = pathlib.Path(inputs["root"]), inputs["dataset"], len(inputs["labels"])
    file = root / dataset["classes_file"]
    classes = class_names(file)
    problems = count_faults(file, classes, wanted)
    for split, name in dataset["annotations"].items():
        problems += box_faults(root / split, root / name, wanted)
    return {"classes": classes, "classes_match_labels": len(classes) == wanted, "splits": splits_of(root, dataset),
            "problems": problems}


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them: TAO only scales."""
    return as_processor(unit, image), unit


def tao_batch(inputs, paths, _side):
    """Return the images as TAO's pipeline gives them."""
    return unit_images(paths, inputs["image"])


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


def predictions(inputs, _paths, _data):
    """Compare the label files of both inference commands."""
    return compared_labels(inputs)


def _found(arrays, index, image):
    """Return the sure detections of an image in pixels."""
    best = scores(arrays)[index]
    places = corners(arrays["pred_boxes"][index], image)
    return [(int(best[query].argmax()), place) for query, place in enumerate(places) if best[query].max() >= SURE]


def _truth(inputs, path):
    """Return the annotated boxes of an image."""
    return truth(annotation_file(inputs), path.name, inputs["image"])


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: truth and three answers side by side."""
    classes, rows = len(inputs["labels"]), []
    for index in chosen:
        path, image = paths[index], opened(inputs, paths[index])
        answers = [_found(data[side], index, inputs["image"]) for side in ("hf", "native", "engine")]
        found = [_truth(inputs, path), *answers]
        picture = pathlib.Path(inputs["pictures"]) / f"{path.stem}.png"
        beside(picture, [(title, with_boxes(image, boxes, classes)) for title, boxes in zip(TITLES, found)])
        words = {side: {"label": f"{len(boxes)} boxes"} for side, boxes in zip(("hf", "tao", "engine"), found[1:])}
        rows.append(sample(path, picture, words))
    return rows
