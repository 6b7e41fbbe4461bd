"""What the probes have to know of zero-shot object detection."""

import functools
import importlib.util
import json
import pathlib

import numpy as np
from lib.boxes import box_faults, compared_labels, corners, draw, truth
from lib.dense import annotation_file, compared_images, hf_batch, metric, opened, registered, sample
from lib.images import read_lines, splits_of
from lib.pictures import TITLES, beside, with_boxes
from lib.pixels import as_processor, normalised, unit_images
from lib.scenes import scenes
from PIL import Image

__all__ = ["compared_images", "hf_batch", "metric", "registered"]

GRAPH_DIFFERS = False  # the graph answers what the module answers
GRAPH_BATCHES = (1, 2)
SURE = 0.3  # score from which a detection counts as a decision
SAME_SCORE = 0.05
SAME_PLACE = 0.01  # of the image's side
LEFT_OUT = 10  # one query of so many, see aligned
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # what TAO's Grounding DINO normalises with
SEPARATORS = ".?"  # of names in a caption
TEXT_INPUTS = ("input_ids", "attention_mask", "position_ids", "token_type_ids", "text_token_mask")


@functools.cache
def tokenizer_of(folder):
    """Return the tokenizer in a snapshot."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def tokenizer(inputs):
    """Return the tokenizer of the model."""
    return tokenizer_of(inputs["dataset"]["tokenizer"])


def class_names(inputs):
    """Return the names of what is to be found: the dataset's classes, for the model itself has none."""
    return [name.lower() for name in read_lines(pathlib.Path(inputs["root"]) / inputs["dataset"]["classes_file"])]


def as_caption(names):
    """Return the names as one text, as TAO joins them."""
    return " . ".join(names) + " ."


def tokens_of(inputs, names):
    """Return for each name which tokens of the caption are its own, as rows of 0 and 1."""
    caption, start, rows = as_caption(names), 0, []
    places = tokenizer(inputs)(caption, return_offsets_mapping=True)["offset_mapping"]
    for name in names:
        end = start + len(name)
        rows.append([start <= first < last <= end for first, last in places])
        start = end + len(" . ")
    return np.asarray(rows, np.float64)


def draw_dataset(inputs):
    """Write scenes with their boxes, ODVG lines to train with and COCO annotations; return what was written."""
    dataset, image, root = inputs["dataset"], inputs["image"], pathlib.Path(inputs["root"])
    names = dataset["drawn_names"]
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        drawn = scenes(inputs["seed"] + number, count, image["height"], image["width"], len(names))
        document = draw(root / split, drawn, names, image)
        file = root / dataset["annotations"][split]
        lines = odvg_lines(document) if file.suffix == ".jsonl" else [document]
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (root / dataset["label_map"]).write_text(json.dumps({str(label): name for label, name in enumerate(names)}),
                                             encoding="utf-8")
    (root / dataset["classes_file"]).write_text("\n".join(names) + "\n", encoding="utf-8")
    return {"classes": len(names), "images": dataset["generated_images"]}


def odvg_lines(document):
    """Return COCO annotations as TAO's training reads them: an object for each image, boxes as two corners."""
    objects = {item["id"]: [] for item in document["images"]}
    for item in document["annotations"]:
        left, top, wide, tall = item["bbox"]
        objects[item["image_id"]].append({"bbox": [left, top, left + wide, top + tall], "label": item["category_id"],
                                          "category": document["categories"][item["category_id"]]["name"]})
    return [{"file_name": item["file_name"], "height": item["height"], "width": item["width"],
             "detection": {"instances": objects[item["id"]]}} for item in document["images"]]


def read_dataset(inputs):
    """Return what lies in the dataset folder, split by split, and what is wrong with it."""
    root, dataset = pathlib.Path(inputs["root"]), inputs["dataset"]
    names = class_names(inputs) if (root / dataset["classes_file"]).is_file() else []
    problems = name_problems(inputs, names) if names else [f"{dataset['classes_file']} has no names"]
    numbering = numbering_problems(root / dataset["label_map"], label_map, names)
    for split, name in dataset["annotations"].items():
        file = root / name
        if file.suffix == ".jsonl":
            problems += odvg_problems(root / split, file, len(names))
        else:
            problems += box_faults(root / split, file, len(names))
            numbering += numbering_problems(file, categories, names) if file.is_file() else []
    return {"classes": names, "classes_match_labels": bool(names) and not numbering,
            "splits": splits_of(root, dataset), "problems": problems + numbering}


def label_map(document):
    """Return (number, name) of a label map; its order means nothing."""
    return sorted((int(number), name) for number, name in document.items())


def categories(document):
    """Return (id, name) of COCO annotations; TAO numbers the names in this order."""
    return [(item["id"], item["name"]) for item in document["categories"]]


def numbering_problems(file, pairs, names):
    """Return why a JSON file does not number the classes as the lines of the class file do."""
    if not file.is_file():
        return [f"there is no {file.name}"]
    try:
        found = [(number, name.strip().lower()) for number, name in pairs(json.loads(file.read_text("utf-8")))]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return [f"{file.name} does not number the classes: {type(error).__name__}: {error}"]
    return [] if found == list(enumerate(names)) else [f"{file.name} does not have the classes 0 to {len(names) - 1} "
                                                       "with the names of the class file, in their order"]


def name_problems(inputs, names):
    """Return why names cannot stand in a caption: there a name is what lies between two separators."""
    caption, tokens, start, found = as_caption(names), tokenizer(inputs), 0, []
    for name in names:
        if any(mark in name for mark in SEPARATORS):
            found.append(f"class '{name}': '.' and '?' separate the names in a caption")
        elif caption.find(name) != start:
            found.append(f"class '{name}' is part of a class before it, where TAO would look for it")
        elif tokens.unk_token_id in tokens(name)["input_ids"]:
            found.append(f"class '{name}': the model's tokenizer does not know every part of it")
        start += len(name) + len(" . ")
    if len(tokens(caption)["input_ids"]) > inputs["dataset"]["text_length"]:
        found.append(f"the names of all classes have more than {inputs['dataset']['text_length']} tokens")
    return found


def odvg_problems(images, file, classes):
    """Return what is wrong with one file of ODVG lines."""
    if not file.is_file():
        return [f"there is no {file.name}"]
    found = []
    for number, line in enumerate(read_lines(file), 1):
        where = f"{file.name}, line {number}"
        try:
            entry = json.loads(line)
            path = images / entry["file_name"]
            if path.is_file():
                found += [f"{where}: {fault}" for fault in odvg_faults(entry["detection"]["instances"], path, classes)]
            else:
                found.append(f"{where}: {entry['file_name']} is not in {images.name}/")
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            found.append(f"{where} is no ODVG annotation: {type(error).__name__}: {error}")
    return found


def odvg_faults(objects, path, classes):
    """Return what is wrong with the objects of one image."""
    with Image.open(path) as image:
        width, height = image.size
    found = [f"label {item['label']}, the classes are 0 to {classes - 1}" for item in objects
             if not 0 <= int(item["label"]) < classes]
    for item in objects:
        left, top, right, bottom = item["bbox"]
        if not (0 <= left < right <= width + 1 and 0 <= top < bottom <= height + 1):
            found.append(f"the box {item['bbox']} does not lie in the image")
    return found


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them."""
    return as_processor(unit, image), normalised(unit, MEAN, STD)


def tao_batch(inputs, paths, _side):
    """Return the images as TAO's pipelines give them."""
    return normalised(unit_images(paths, inputs["image"]), MEAN, STD)


def new_module(lightning_class, spec, export):
    """Return the Lightning module; the names are for its post-processing only."""
    return lightning_class(spec, cap_lists=["object"], export=export)


def answered(logits, count):
    """Return the logits with 0 where there is no token; anything but -inf stays there and shows."""
    beyond = np.arange(logits.shape[-1]) >= count
    return np.where(beyond & np.isneginf(logits), 0, logits).astype(np.float32)


def hf_answers(model, pixels, inputs):
    """Return the transformers model's answers under TAO's names; it makes its masks itself.

    The caption is as long as TAO's: sums of other lengths differ in the last bit.
    """
    import torch

    given = tokenizer(inputs)([as_caption(class_names(inputs))] * len(pixels), padding="max_length",
                              max_length=inputs["dataset"]["text_length"], return_tensors="pt")
    output = model(pixel_values=torch.from_numpy(pixels), **given, return_dict=True)
    return {"pred_logits": answered(output.logits.numpy(), given["attention_mask"][0].sum().item()),
            "pred_boxes": output.pred_boxes.numpy()}


def native_answers(model, pixels, inputs):
    """Return the answers of the TAO module."""
    import torch

    given = feed(pixels, inputs)
    output = model(*(torch.from_numpy(value) for value in given.values()))
    return {"pred_logits": answered(output["pred_logits"].numpy(), given["attention_mask"][0].sum()),
            "pred_boxes": output["pred_boxes"].numpy()}


def feed(pixels, inputs):
    """Return what the graph and the engine are given: images, and the caption as TAO's own code prepares it."""
    names, length = class_names(inputs), inputs["dataset"]["text_length"]
    captions = [as_caption(names)] * len(pixels)
    if importlib.util.find_spec("nvidia_tao_deploy"):
        from nvidia_tao_deploy.cv.grounding_dino.utils import tokenize_captions

        text = tokenize_captions(tokenizer(inputs), names, captions, length)
    else:
        text = native_text(tokenizer(inputs), captions, length)
    return {"inputs": pixels, **dict(zip(TEXT_INPUTS, text))}


def native_text(tokens, captions, length):
    """Return the five text inputs as tao-pytorch makes them."""
    from nvidia_tao_pytorch.cv.grounding_dino.model import bertwraper

    encoded = tokens(captions, padding="max_length", max_length=length, return_tensors="pt")
    separators = tokens.convert_tokens_to_ids(["[CLS]", "[SEP]", *SEPARATORS])
    masks, positions, _ = bertwraper.generate_masks_with_special_tokens_and_transfer_map(encoded, separators, tokens)
    return [value.numpy() for value in (encoded["input_ids"], encoded["attention_mask"].bool(), positions,
                                        encoded["token_type_ids"], masks)]


def engine(inputs):
    """Return a function from a feed to the engine's answers; the engine sees whole batches only."""
    from lib.engine import padded
    from nvidia_tao_deploy.cv.grounding_dino.inferencer import GDINOInferencer

    size, names = inputs["batch_size"], inputs["tensors"]["names"]
    inferencer = GDINOInferencer(inputs["engine"], batch_size=size, num_classes=inputs["dataset"]["text_length"])

    def infer(given):
        results = inferencer.infer(tuple(padded(given[name], size) for name in names["inputs"]))
        answer = {name: np.array(result)[:len(given["inputs"])] for name, result in zip(names["outputs"], results)}
        return {**answer, "pred_logits": answered(answer["pred_logits"], given["attention_mask"][0].sum())}
    return infer


def token_scores(arrays):
    """Return the probabilities of all tokens."""
    return 1 / (1 + np.exp(-arrays["pred_logits"].astype(np.float64)))


def aligned(values, reference):
    """Return the values with 0 where a graph answers -inf and the reference has no token, without the worst queries.

    Which proposal a query refines is told by the order of scores. Two that are nearly equal change places with the
    last bit of float32, and each query has a learned content of its own: both answer otherwise then.
    """
    if any(values[name].shape != reference[name].shape for name in reference):
        return values
    values = {name: np.where(np.isneginf(value) & (reference[name] == 0), 0, value) for name, value in values.items()}
    far = np.max([np.abs(value - reference[name]).max(-1) / max(1e-9, np.abs(reference[name]).max())
                  for name, value in values.items()], axis=0)
    far = np.where(np.isfinite(far), far, -1)  # what is no number is never left out
    worst = far.argsort(axis=1)[:, ::-1][:, :far.shape[1] // LEFT_OUT]
    for name, value in values.items():
        np.put_along_axis(value, worst[..., None], np.take_along_axis(reference[name], worst[..., None], 1), 1)
    return values


def _decisions(arrays):
    """Return for every query a vector in which a distance of 1 is the limit of sameness, and whether it is sure."""
    scores = token_scores(arrays) * (arrays["pred_logits"] != 0)  # 0 stands for no token
    return np.concatenate([scores / SAME_SCORE, arrays["pred_boxes"] / SAME_PLACE], -1), scores.max(-1) >= SURE


def _found_again(vectors, others):
    """Whether each of the vectors is near one of the others."""
    return all(np.abs(others - vector).max(-1).min() <= 1 for vector in vectors)


def agree(values, reference):
    """Return for each image whether both sides have the same sure detections: the same tokens at the same place."""
    sides = (*_decisions(values), *_decisions(reference))
    return np.array([_found_again(one[sure], other) and _found_again(other[certain], one)
                     for one, sure, other, certain in zip(*sides)])


def predictions(inputs, _paths, _data):
    """Compare the label files of both inference commands."""
    return compared_labels(inputs)


def _found(arrays, index, image, tokens):
    """Return the sure detections of an image in pixels; a name's score is the mean of its tokens', as in TAO."""
    scores = token_scores(arrays)[index][:, :tokens.shape[1]] @ (tokens / tokens.sum(1, keepdims=True)).T
    places = corners(arrays["pred_boxes"][index], image)
    return [(int(scores[query].argmax()), place) for query, place in enumerate(places) if scores[query].max() >= SURE]


def _truth(inputs, path):
    """Return the annotated boxes of an image."""
    return truth(annotation_file(inputs), path.name, inputs["image"])


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: truth and three answers side by side."""
    names, rows = class_names(inputs), []
    tokens = tokens_of(inputs, names)
    for index in chosen:
        path, image = paths[index], opened(inputs, paths[index])
        found = [_truth(inputs, path),
                 *(_found(data[side], index, inputs["image"], tokens) for side in ("hf", "native", "engine"))]
        picture = pathlib.Path(inputs["pictures"]) / f"{path.stem}.png"
        beside(picture, [(title, with_boxes(image, boxes, len(names))) for title, boxes in zip(TITLES, found)])
        words = {side: {"label": f"{len(boxes)} boxes"} for side, boxes in zip(("hf", "tao", "engine"), found[1:])}
        rows.append(sample(path, picture, words))
    return rows
