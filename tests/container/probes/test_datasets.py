"""What is said of a user's dataset: of a drawn one nothing, of a damaged one what is wrong and where."""

import importlib.util
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

import numpy as np
import yaml
from PIL import Image

TEMPLATES = pathlib.Path("/templates")
sys.path[:0] = [str(TEMPLATES / "probe"), "/tests/tasks"]
import lib  # noqa: E402
import make_model  # noqa: E402

lib.adapter = None  # of the task, see facts_of
import check_dataset  # noqa: E402

SIDE = 48  # pixels of a drawn image
LABELS = ["N/A", "square", "N/A"]  # names may stand there twice, as in DETR's models


def adapter_of(task):
    """Return the adapter of a task."""
    specification = importlib.util.spec_from_file_location(f"adapter_of_{task}", TEMPLATES / task / "adapter.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Dataset:
    """A small drawn dataset of a task."""

    def __init__(self, task, folder):
        """Draw it in a folder."""
        self.root, self.adapter = folder / "data", adapter_of(task)
        dataset = yaml.safe_load((TEMPLATES / task / "task.yaml").read_text(encoding="utf-8"))["dataset"]
        dataset["generated_images"] = 6 if task == "classification" else {"train": 2, "val": 2}
        if task == "zero_shot":
            dataset["tokenizer"] = str(folder / "model")
            (folder / "model").mkdir()
            make_model.write_tokenizer(make_model.recipe_of("grounding_dino"), folder / "model")
        self.inputs = {"root": str(self.root), "dataset": dataset, "labels": LABELS, "seed": 1,
                       "image": {"height": SIDE, "width": SIDE, "channels": 3}}
        self.root.mkdir()
        self.adapter.draw_dataset(self.inputs)

    def facts(self):
        """Return what the probe says of it."""
        check_dataset.adapter = self.adapter
        return check_dataset.facts_of(self.inputs)

    def edit(self, name, change):
        """Change a JSON document of it."""
        path = self.root / name
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    def cut(self, name, keep=0.5):
        """Leave the first part of a file."""
        data = (self.root / name).read_bytes()
        (self.root / name).write_bytes(data[:int(len(data) * keep)])

    def write(self, name, text):
        """Write a file anew."""
        (self.root / name).write_text(text, encoding="utf-8")

    def repaint(self, name, mode, size=(SIDE, SIDE)):
        """Replace a picture by a black one."""
        Image.new(mode, size).save(self.root / name)


def first(key, **values):
    """Return a change of the first row of a list in a document."""
    return lambda document: document[key][0].update(values)


def every(key, **values):
    """Return a change of all rows of a list in a document."""
    return lambda document: [row.update(values) for row in document[key]]


def with_palette(path):
    """Give the numbers of a mask colours, as VOC does."""
    with Image.open(path) as image:
        mask = image.copy()
    mask.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
    mask.save(path)


def sort_otherwise(folder):
    """Leave two images whose endings, and not their names, tell which one comes first."""
    with Image.open(folder / "0002.png") as image:
        image.save(folder / "0001.k.png")
        image.save(folder / "0001.jpg")
    (folder / "0001.png").unlink()


COCO = (
    (lambda data: (data.root / "train.json").unlink(), "there is no train.json"),
    (lambda data: data.cut("val.json"), "val.json: is no COCO annotation: JSONDecodeError"),
    (lambda data: data.write("val.json", "[1, 2]"), "val.json: is no COCO annotation: TypeError"),
    (lambda data: data.write("val.json", "[" * 100000), "val.json: is no COCO annotation: Recursion"),
    (lambda data: (data.root / "val.json").write_bytes(b"\xff\xfe"), "val.json: is no COCO annotation: Unicode"),
    (lambda data: (data.root / "val/0002.png").unlink(), "val.json: 0002.png is not in val/"),
    (lambda data: data.repaint("val/0001.png", "RGB", (9, 7)), "0001.png is 9 x 7 pixels, annotated as 48 x 48"),
    (lambda data: data.edit("val.json", lambda d: d.update(images=[])), "val.json: names no image"),
    (lambda data: data.edit("val.json", every("images", id=1)), "val.json: two images have the same id"),
    (lambda data: data.edit("val.json", every("images", file_name="0001.png")), "an image stands there twice"),
    (lambda data: data.edit("val.json", first("annotations", image_id=99)), "belongs to no image"),
)
CLASSES = (
    (lambda data: (data.root / "classes.txt").unlink(), "there is no classes.txt"),
    (lambda data: data.write("classes.txt", "0\n1\n"), "classes.txt names 2 classes, the model has 3"),
    (lambda data: (data.root / "classes.txt").write_bytes(b"\xff\xfe\n"), "a list is no text in UTF-8"),
)
BOXES = (
    (lambda data: data.edit("val.json", first("annotations", category_id=3)), "has category 3, the classes are 0 to 2"),
    (lambda data: data.edit("val.json", first("annotations", category_id=0.5)), "has category 0.5"),
    (lambda data: data.edit("val.json", first("annotations", bbox=[0, 0, 60, 9])), "does not lie in the image"),
    (lambda data: data.edit("val.json", first("annotations", bbox=[0, 0, float("nan"), 9])), "not lie in the image"),
    (lambda data: data.edit("val.json", first("annotations", bbox=[0, 0, 0, 9])), "does not lie in the image"),
    (lambda data: data.edit("val.json", first("annotations", bbox=[0, 0, 9])), "val.json: is no COCO annotation"),
)
LABEL_MAP = (
    (lambda data: (data.root / "label_map.json").unlink(), "there is no label_map.json"),
    (lambda data: data.write("label_map.json", '{"a": 1}'), "label_map.json is no list of categories"),
    (lambda data: data.write("label_map.json", '[{"id": "x", "name": "circle"}]'), "has no whole number as id"),
    (lambda data: data.edit("label_map.json", lambda d: d.pop()), "has 2 categories, the model 3 classes"),
    (lambda data: data.edit("val.json", lambda d: d["categories"].reverse()), "the order of the model's classes"),
)
MASKS = (
    (first("annotations", segmentation=[[0, 0, 1]]), "a polygon is a list of at least three pairs"),
    (first("annotations", segmentation=[[0, 0, 1, 1, float("inf"), 2]]), "has no mask"),
    (first("annotations", segmentation={"size": [9, 9], "counts": [81]}), "the image has height 48 and width 48"),
    (first("annotations", segmentation={"size": [SIDE, SIDE], "counts": [5]}), "its run lengths sum up to 5"),
    (first("annotations", segmentation={"size": [SIDE, SIDE], "counts": [SIDE * SIDE]}), "has an empty mask"),
    (first("annotations", category_id=7), "has the category 7, which is none"),
    (first("annotations", id=0), "has an id that TAO cannot tell from others"),
    (every("annotations", id=1), "two annotations have the same id"),
)
SEGMENTS = (
    (lambda data: (data.root / "val_panoptic/0001.png").unlink(), "0001.png is not in val_panoptic/"),
    (lambda data: data.cut("val_panoptic/0001.png"), "0001.png cannot be read"),
    (lambda data: data.repaint("val_panoptic/0001.png", "RGB", (9, 7)), "0001.png is 9 x 7 pixels, its image 48 x 48"),
    (lambda data: data.repaint("val_panoptic/0001.png", "RGB"), "does not show the segment 1"),
    (lambda data: data.edit("val.json", lambda d: d["categories"][0].pop("isthing")), "do not say isthing"),
    (lambda data: data.edit("val.json", lambda d: d["annotations"][0]["segments_info"][0].update(category_id=9)),
     "has a segment of the category 9, which is none"),
    (lambda data: data.edit("val.json", lambda d: d["annotations"][0]["segments_info"][0].pop("iscrowd")),
     "does not say iscrowd"),
)
PIXEL_CLASSES = (
    (lambda data: (data.root / "masks/val/0001.png").unlink(), "0001.png has no mask val/0001.png"),
    (lambda data: data.cut("masks/val/0001.png"), "0001.png cannot be read"),
    (lambda data: data.repaint("masks/val/0001.png", "RGB"), "0001.png is RGB, not one number for each pixel"),
    (lambda data: data.repaint("masks/val/0001.png", "L", (9, 7)), "0001.png is (9, 7), its image (48, 48)"),
    (lambda data: Image.new("L", (SIDE, SIDE), 3).save(data.root / "masks/val/0001.png"),
     "0001.png has class 3, the model knows 0 to 2"),
    (lambda data: with_palette(data.root / "masks/val/0001.png"), "0001.png has a palette"),
    (lambda data: data.write("images/val/notes.txt", "mine"), "val/notes.txt is no image"),
    (lambda data: data.repaint("masks/val/0009.png", "L"), "masks/val/0009.png belongs to no image"),
    (lambda data: (sort_otherwise(data.root / "images/val"), data.repaint("masks/val/0001.k.png", "L")),
     "and their masks sort differently"),
)
DEPTHS = (
    (lambda data: (data.root / "val.txt").unlink(), "val has no images"),
    (lambda data: data.write("val.txt", "/nowhere/1.png /nowhere/1.pfm\n"), "there is no /nowhere/1.png"),
    (lambda data: data.write("val.txt", f"{data.root}/val/0001.png\n"), "0001.png has no truth"),
    (lambda data: data.write("val.txt", f"{data.root}/val/0001.png {data.root}/val/0002.png\n"), "0002.png is no .pfm"),
    (lambda data: data.cut("val/0001.pfm"), "0001.pfm is no portable float map"),
    (lambda data: (data.root / "val/0001.pfm").write_bytes(b"PF\n4 4\n-1.0\n"), "0001.pfm is no portable float map"),
    (lambda data: data.repaint("val/0001.png", "RGB", (9, 7)), "0001.pfm is (48, 48), its image (9, 7)"),
    (lambda data: data.adapter.write_pfm(data.root / "val/0001.pfm", np.full((SIDE, SIDE), np.nan)),
     "0001.pfm has values that are not finite"),
    (lambda data: (data.root / "val.txt").write_bytes(b"\xff\xfe\n"), "a list is no text in UTF-8"),
)
FOLDERS = (
    (lambda data: data.write("classes.txt", "0\n1\n1\n"), "classes.txt names '1' twice"),
    (lambda data: data.repaint("val/circle.png", "RGB"), "val: 1 images in no class's folder"),
    (lambda data: (data.root / "val/1").rename(data.root / "val/one"), "val: 2 images in no class's folder"),
    (lambda data: shutil.rmtree(data.root / "test"), "test has no images"),
    (lambda data: [path.rename(path.with_suffix(".gif")) for path in (data.root / "test").rglob("*.png")],
     "test has no images, which end in .jpg, .png, .JPEG; its files end in .gif"),
)
LINES = (
    (lambda data: (data.root / "train.jsonl").unlink(), "there is no train.jsonl"),
    (lambda data: data.cut("train.jsonl"), "train.jsonl, line"),
    (lambda data: data.write("train.jsonl", '{"file_name": "9.png"}\n'), "line 1: 9.png is not in train/"),
    (lambda data: data.write("train.jsonl", '{"file_name": "0001.png"}\n'), "line 1 is no ODVG annotation: KeyError"),
    (lambda data: data.write("train.jsonl", json.dumps({"file_name": "0001.png", "detection": {"instances": [
        {"bbox": [0, 0, 9, 9], "label": 4}]}})), "line 1: label 4, the classes are 0 to 3"),
    (lambda data: data.write("train.jsonl", json.dumps({"file_name": "0001.png", "detection": {"instances": [
        {"bbox": [9, 0, 3, 9], "label": 0}]}})), "line 1: the box [9, 0, 3, 9] does not lie in the image"),
    (lambda data: (data.root / "classes.txt").unlink(), "classes.txt has no names"),
    (lambda data: data.write("classes.txt", "red. rectangle\n"), "separate the names in a caption"),
    (lambda data: data.edit("label_map.json", lambda d: d.pop("0")), "label_map.json does not have the classes 0 to 3"),
    (lambda data: data.edit("val.json", lambda d: d["categories"].reverse()), "val.json does not have the classes"),
)
WITH_MASKS = tuple(((lambda data, change=change: data.edit("val.json", change)), said) for change, said in MASKS)
DAMAGES = {
    "classification": CLASSES + FOLDERS,
    "detection": COCO + CLASSES + BOXES,
    "segmentation": PIXEL_CLASSES,
    "instance": COCO + LABEL_MAP + WITH_MASKS,
    "panoptic": COCO + LABEL_MAP + SEGMENTS,
    "zero_shot": tuple(row for row in COCO if "train.json" not in row[1]) + LINES,
    "depth": DEPTHS,
}


class Datasets(unittest.TestCase):
    """Every task knows what its loaders need."""

    def drawn(self, task):
        """Return a drawn dataset that goes with the test."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Dataset(task, pathlib.Path(folder.name))

    def test_every_task_is_here(self):
        tasks = {path.parent.name for path in TEMPLATES.glob("*/task.yaml")}
        self.assertEqual(set(DAMAGES), tasks)

    def test_nothing_is_wrong_with_a_drawn_one(self):
        for task in DAMAGES:
            with self.subTest(task):
                facts = self.drawn(task).facts()
                self.assertEqual((facts["problems"], facts["unreadable"]), ([], []))
                self.assertTrue(facts["classes_match_labels"])
                self.assertGreater(facts["fewest"], 0)

    def test_a_damage_is_named(self):
        for task, damages in DAMAGES.items():
            for damage, said in damages:
                with self.subTest(task, expected=said):
                    data = self.drawn(task)
                    damage(data)
                    self.assertIn(said, "\n".join(data.facts()["problems"]))

    def test_an_image_cut_short_is_unreadable(self):
        for task in DAMAGES:
            for ending in ("png", "jpg"):
                with self.subTest(task, ending=ending):
                    data = self.drawn(task)
                    victim = next(path for path in sorted(data.root.rglob("*.png"))
                                  if not {"masks", "val_panoptic", "train_panoptic"} & set(path.parts))
                    as_other_format(data, victim, ending)
                    data.cut(victim.with_suffix(f".{ending}").relative_to(data.root), 0.6)
                    self.assertTrue(any(victim.stem in name for name in data.facts()["unreadable"]))


def as_other_format(data, path, ending):
    """Replace a picture by the same one in another format, under the name that fits, and name it so in lists."""
    if path.suffix == f".{ending}":
        return
    with Image.open(path) as image:
        image.convert("RGB").save(path.with_suffix(f".{ending}"), quality=95)
    path.unlink()
    for document in (path for kind in ("*.json", "*.jsonl", "*.txt") for path in data.root.glob(kind)):
        text = document.read_text(encoding="utf-8")
        document.write_text(text.replace(path.name, f"{path.stem}.{ending}"), encoding="utf-8")


if __name__ == "__main__":
    unittest.main()
