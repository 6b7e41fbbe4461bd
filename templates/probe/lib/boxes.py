"""Boxes of objects: COCO annotations, and the label files that TAO's inference commands leave."""

import json
import pathlib

from lib.coco import coco_faults
from lib.dense import all_images
from PIL import Image

SAME_SCORE = 0.01


def draw(folder, drawn, names, image):
    """Write drawn scenes as pictures; return their COCO annotations, where a category's id is its label."""
    folder.mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for index, scene in enumerate(drawn, 1):
        name = f"{index:04d}.png"
        Image.fromarray(scene.pixels).save(folder / name)
        images.append({"id": index, "file_name": name, "width": image["width"], "height": image["height"]})
        annotations += [{"id": len(annotations) + place, "image_id": index, "category_id": shape.label,
                         "bbox": shape.box, "area": shape.box[2] * shape.box[3], "iscrowd": 0}
                        for place, shape in enumerate(scene.shapes, 1)]
    categories = [{"id": label, "name": name} for label, name in enumerate(names)]
    return {"images": images, "annotations": annotations, "categories": categories}


def box_faults(folder, file, classes):
    """Return what is wrong with a file of COCO annotations of boxes, where a category's id is its label."""
    def of_all(document, images):
        return [fault for item in document["annotations"] for fault in annotation_faults(item, images, classes)]

    return coco_faults(folder, file, of_all)


def annotation_faults(item, images, classes):
    """Return what is wrong with one annotated box."""
    where = f"annotation {item['id']}"
    if item["image_id"] not in images:
        return [f"{where} belongs to no image"]
    if not isinstance(item["category_id"], int) or not 0 <= item["category_id"] < classes:
        return [f"{where} has category {item['category_id']}, the classes are 0 to {classes - 1}"]
    facts, (left, top, wide, tall) = images[item["image_id"]], item["bbox"]
    # Asked what must hold, and not what must not: every comparison with NaN is false.
    inside = left >= 0 and top >= 0 and left + wide <= facts["width"] + 1 and top + tall <= facts["height"] + 1
    return [] if wide > 0 and tall > 0 and inside else [f"{where}: its box {item['bbox']} does not lie in the image"]


def truth(file, name, image):
    """Return [(label, [x0, y0, x1, y1])] that COCO annotations say of an image, at the model's size."""
    document, boxes = json.loads(pathlib.Path(file).read_text(encoding="utf-8")), []
    infos = {item["id"]: item for item in document["images"] if item["file_name"] == name}  # none: no boxes known
    for item in document["annotations"]:
        if item["image_id"] in infos:
            info, (left, top, wide, tall) = infos[item["image_id"]], item["bbox"]
            across, down = image["width"] / info["width"], image["height"] / info["height"]
            boxes.append((item["category_id"],
                          [left * across, top * down, (left + wide) * across, (top + tall) * down]))
    return boxes


def corners(boxes, image):
    """Return boxes of centre and size in 0..1 as corners in pixels."""
    scaled = boxes * [image["width"], image["height"], image["width"], image["height"]]
    return [[x - w / 2, y - h / 2, x + w / 2, y + h / 2] for x, y, w, h in scaled]


def compared_labels(inputs):
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
    return all(a[0] == b[0] and abs(a[1] - b[1]) <= SAME_SCORE for a, b in zip(one, other))
