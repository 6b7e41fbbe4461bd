"""What is wrong with a file of COCO annotations, as far as it is the same for boxes, masks and segments."""

import json

from lib.images import size_of


def coco_faults(folder, file, annotation_faults):
    """Return what is wrong with a file of annotations of the images in a folder.

    `annotation_faults` takes (document, {image id: facts}) and is asked when the images are right.
    """
    if not file.is_file():
        return [f"there is no {file.name}"]
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        faults = all_image_faults(folder, document["images"])
        faults = faults or annotation_faults(document, {item["id"]: item for item in document["images"]})
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        faults = [f"is no COCO annotation: {type(error).__name__}: {error}"]
    return [f"{file.name}: {fault}" for fault in faults]


def all_image_faults(folder, images):
    """Return what is wrong with the images that a file of annotations names."""
    ids, names = ([item[key] for item in images] for key in ("id", "file_name"))
    faults = [fault for item in images for fault in image_faults(folder, item)]
    if not images:
        faults.append("names no image")
    if len(set(ids)) != len(ids):
        faults.append("two images have the same id")
    if len(set(names)) != len(names):
        faults.append("an image stands there twice")
    return faults


def image_faults(folder, item):
    """Return what is wrong with one image."""
    path = folder / item["file_name"]
    if not path.is_file():
        return [f"{item['file_name']} is not in {folder.name}/"]
    size, told = size_of(path), (item["width"], item["height"])
    if size not in (None, told):  # None is counted as unreadable
        return [f"{item['file_name']} is {size[0]} x {size[1]} pixels, annotated as {told[0]} x {told[1]}"]
    return []
