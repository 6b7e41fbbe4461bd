"""What the probes have to know of image classification."""

import collections
import csv
import importlib
import pathlib

import numpy as np
from lib.class_names import class_names, count_faults
from lib.images import image_files, read_lines, unreadable
from lib.pixels import as_processor
from PIL import Image

GRAPH_DIFFERS = False  # the graph answers what the module answers
GRAPH_BATCHES = (1, 2)


def draw_dataset(inputs):
    """Write images by class whose labels mean nothing; return what was written."""
    dataset, root = inputs["dataset"], pathlib.Path(inputs["root"])
    labels = [str(index) for index, _ in enumerate(inputs["labels"])]
    per_class = max(1, -(-dataset["generated_images"] // len(labels)))
    random = np.random.default_rng(inputs["seed"])
    root.mkdir(parents=True, exist_ok=True)
    # Numbers instead of names: a label may hold what no folder name may.
    (root / dataset["classes_file"]).write_text("\n".join(labels) + "\n", encoding="utf-8")
    for split in sorted(set(dataset["splits"].values())):
        for label in labels:
            folder = root / split / label
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(per_class):
                _picture(random, inputs["image"]).save(folder / f"{number:04d}.png")
    return {"classes": len(labels), "images_per_class": per_class}


def _picture(random, image):
    """Return a smooth coloured picture: noise would be nearly the same image each time to a model."""
    coarse = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((image["width"], image["height"]), Image.Resampling.BICUBIC)


def read_dataset(inputs):
    """Return what lies in the dataset folder, split by split."""
    root, wanted = pathlib.Path(inputs["root"]), len(inputs["labels"])
    file = root / inputs["dataset"]["classes_file"]
    classes = class_names(file)
    splits = {purpose: _split(root / name, inputs["dataset"]["suffixes"], classes)
              for purpose, name in inputs["dataset"]["splits"].items()}
    problems = count_faults(file, classes, wanted)
    problems += [f"{file.name} names '{name}' twice: a class is its folder" for name in repeated(classes)]
    problems += [f"{split['folder']}: {split['outside_classes']} images in no class's folder"
                 for split in splits.values() if split["outside_classes"]]
    return {"classes": classes, "classes_match_labels": len(classes) == wanted,
            "same_names": classes == [str(label) for label in inputs["labels"]],
            "splits": splits, "problems": problems}


def repeated(names):
    """Return what stands in a list more than once."""
    return [name for name, count in collections.Counter(names).items() if count > 1]


def _split(folder, suffixes, classes):
    """Describe one split."""
    images = image_files(folder, suffixes) if folder.is_dir() else []
    found = collections.Counter(path.relative_to(folder).parts[0] for path in images)
    by_class = {item: found[item] for item in classes}
    return {"folder": folder.name, "images": len(images), "by_class": by_class,
            "outside_classes": len(images) - sum(by_class.values()),
            "empty_classes": [item for item in classes if not found[item]], "unreadable": unreadable(images)}


def _classes(inputs):
    """Return the class names, line number = label id."""
    return read_lines(pathlib.Path(inputs["root"]) / inputs["dataset"]["classes_file"])


def _folder(inputs):
    """Return the folder of the images that every side answers for."""
    return pathlib.Path(inputs["root"]) / inputs["dataset"]["splits"]["inference"]


def _labels(inputs, paths):
    """Return the label id of each image."""
    ids = {name: index for index, name in enumerate(_classes(inputs))}
    return np.asarray([ids[pathlib.Path(path).relative_to(_folder(inputs)).parts[0]] for path in paths])


def compared_images(inputs):
    """Return the images that every side answers for."""
    return image_files(_folder(inputs), inputs["dataset"]["suffixes"])


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them."""
    pixels = as_processor(unit, image)
    return pixels, pixels


def hf_batch(inputs, paths):
    """Return what the snapshot's own image processor makes of the images."""
    import transformers

    processor = transformers.AutoImageProcessor.from_pretrained(inputs["model"], local_files_only=True, use_fast=False)
    images = [Image.open(path).convert("RGB") for path in paths]
    return processor(images=images, return_tensors="pt")["pixel_values"].numpy()  # timm's knows no other tensors


def tao_batch(inputs, paths, side):
    """Return what the rendered preprocessing of a repository makes of the images."""
    place = {"pytorch": "dataloader.preprocessing", "deploy": "preprocessing"}[side]
    preprocess = importlib.import_module(f"nvidia_tao_{side}.cv.{inputs['name']}.{place}").preprocess
    mean, std = inputs["image"]["mean"], inputs["image"]["std"]
    return np.stack([preprocess(Image.open(path), mean, std) for path in paths])


def new_module(lightning_class, spec, export):
    """Return the Lightning module."""
    return lightning_class(spec, export=export)


def registered(inputs):
    """Whether TAO's registry knows the backbone."""
    from nvidia_tao_pytorch.cv.backbone_v2 import BACKBONE_REGISTRY

    return inputs["name"] in BACKBONE_REGISTRY


def hf_answers(model, pixels, _inputs):
    """Return the logits of the source model."""
    import torch
    from lib.hf_model import logits

    return {"output": logits(model, torch.from_numpy(pixels)).numpy()}


def native_answers(model, pixels, _inputs):
    """Return the logits of the TAO module."""
    import torch

    return {"output": model(torch.from_numpy(pixels)).numpy()}


def feed(pixels, _inputs):
    """Return what the graph and the engine are given."""
    return {"input": pixels}


def engine(inputs):
    """Return a function from a feed to the engine's logits, through the rendered inferencer."""
    module = importlib.import_module(f"nvidia_tao_deploy.cv.{inputs['name']}.inferencer")
    inferencer = getattr(module, f"{inputs['class_name']}Inferencer")(inputs["engine"], batch_size=inputs["batch_size"])
    return lambda given: {"output": inferencer.infer(given["input"])}


def aligned(values, _reference):
    """Logits have one order."""
    return values


def agree(values, reference):
    """Return for each image whether both have the same largest logit."""
    return np.argmax(values["output"], axis=1) == np.argmax(reference["output"], axis=1)


def metric(inputs, paths, arrays):
    """Return the share of images whose largest logit is the label's."""
    return float((np.argmax(arrays["output"], axis=1) == _labels(inputs, paths)).mean())


def predictions(inputs, paths, data):
    """Compare each result.csv with the logits: how many rows, and which images got another label."""
    classes = _classes(inputs)
    told = {side: _told_apart(inputs["predictions"][side], paths, classes, data[side]["output"])
            for side in ("native", "engine")}
    return {"images": len(paths), **told}


def _told_apart(path, paths, classes, logits):
    """Compare one result.csv with logits."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = {row["img_name"]: row["pred_label"] for row in csv.DictReader(file)}
    expected = {str(name): classes[index] for name, index in zip(paths, np.argmax(logits, axis=1))}
    return {"rows": len(rows), "different": sorted(name for name, label in expected.items() if rows.get(name) != label)}


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images."""
    classes, truth = _classes(inputs), _labels(inputs, paths)
    shares = {side: _softmax(arrays["output"]) for side, arrays in data.items()}
    keys = {"hf": "hf", "native": "tao", "engine": "engine"}
    return [{"image": str(paths[index]), "label": classes[truth[index]],
             **{keys[side]: {"label": classes[values[index].argmax()], "score": float(values[index].max())}
                for side, values in shares.items()}} for index in chosen]


def _softmax(logits):
    """Return probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
