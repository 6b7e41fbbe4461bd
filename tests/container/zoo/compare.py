"""What `taohf inspect` says of each snapshot of the zoo against what transformers says of it.

    compare.py FOLDER        truth.json and <number>.inspect.json lie there; exit code 1 on any difference

Preprocessing is compared twice: setting by setting, and by doing what the ledger says to a picture and
comparing the numbers with those of transformers' processor. Runs in the inspection image.
"""

import collections
import json
import pathlib
import sys

import numpy as np
from make_zoo import noise_picture
from PIL import Image

SEVEN = {"image-classification", "object-detection", "image-segmentation", "instance-segmentation",
         "panoptic-segmentation", "universal", "zero-shot-object-detection", "depth-estimation"}
KINDS = {"image-segmentation", "instance-segmentation", "panoptic-segmentation"}
# Vision classes of the seven tasks that are refused by name, each with its own reason.
REFUSED = {"ImageGPTForImageClassification": "tokens", "Siglip2ForImageClassification": "patches",
           "OmDetTurboForObjectDetection": "labels", "OwlViTForObjectDetection": "CLIP tokens"}
RESAMPLES = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
PIL_FILTERS = {name: getattr(Image.Resampling, name.upper()) for name in RESAMPLES}
# Processors whose pixels are no plain image tensor or come from more than one picture, and why.
NO_PICTURE = {
    "ImageGPTImageProcessor": "colour clusters", "Siglip2ImageProcessor": "patches",
    "VitMatteImageProcessor": "needs a trimap", "EfficientLoFTRImageProcessor": "needs two pictures",
    "DonutImageProcessor": "thumbnail of a rotated page", "ChineseCLIPImageProcessor": "resizes by shortest edge only",
    "Sam2ImageProcessor": "fast only", "DINOv3ViTImageProcessor": "fast only",
    "DepthProImageProcessor": "resizes tensors",
}


def shortest_size(width, height, size):
    """Return (width, height) for a shortest edge, below a longest one if there is one."""
    edge, longest = size["shortest_edge"], size.get("longest_edge")
    low, high = min(width, height), max(width, height)
    raw = None
    if longest and high / low * edge > longest:
        raw = longest * low / high
        edge = int(round(raw))
    other = int((raw if raw is not None else edge) * high / low)
    return (edge, other) if width <= height else (other, edge)


def resized_size(width, height, image):
    """Return (width, height) after the ledger's resize."""
    size, many, up = image["resize_size"], image["floor_multiple"], image["ceil_multiple"]
    if image["resize"] == "none":
        return width // many * many, height // many * many
    if image["resize"] == "shortest_edge":
        wide, high = shortest_size(width, height, size)
        return -(-(wide // many * many) // up) * up, -(-(high // many * many) // up) * up
    if image["resize"] == "longest_edge":
        scale = size["longest_edge"] / max(width, height)
        return int(width * scale + 0.5), int(height * scale + 0.5)
    return size["width"], size["height"]


def centre(array, height, width, half=None):
    """Return the middle of the array, with zeros around it where it is too small.

    torchvision, which timm uses, rounds half a pixel to the even one; transformers cuts it off.
    """
    half = half or (lambda number: number // 2)
    top, left = half(array.shape[0] - height), half(array.shape[1] - width)
    if top >= 0 and left >= 0:
        return array[top:top + height, left:left + width]
    full_height, full_width = max(height, array.shape[0]), max(width, array.shape[1])
    full = np.zeros((full_height, full_width, 3), array.dtype)
    top, left = -((full_height - array.shape[0]) // -2), -((full_width - array.shape[1]) // -2)
    full[top:top + array.shape[0], left:left + array.shape[1]] = array
    top, left = top + (array.shape[0] - height) // 2, left + (array.shape[1] - width) // 2
    return full[max(0, top):, max(0, left):][:height, :width]


def by_ledger(image):
    """Return the picture after what the ledger says."""
    half = (lambda number: round(number / 2)) if image["half_pixel"] == "even" else None
    picture = noise_picture()
    if image["crop_first"] and image["crop"]:
        ratio = image["resize_size"]["height"] / image["crop"]["height"]
        side = int(ratio * min(picture.size))
        picture = Image.fromarray(centre(np.asarray(picture), side, side))
    size = resized_size(*picture.size, image)
    if size != picture.size:
        picture = picture.resize(size, PIL_FILTERS[image["interpolation"]])
    array = np.asarray(picture)
    if image["crop"] and not image["crop_first"]:
        array = centre(array, image["crop"]["height"], image["crop"]["width"], half)
    pixels = array.astype(np.float32) * np.float32(image["rescale"])
    pixels = (pixels - np.asarray(image["mean"], np.float32)) / np.asarray(image["std"], np.float32)
    if image["channel_order"] == "bgr":
        pixels = pixels[..., ::-1]
    pad = image["pad"]
    if isinstance(pad, dict):
        height, width = pad.get("height"), pad.get("width")
        if "multiple" in pad:
            height, width = (-(-side // pad["multiple"]) * pad["multiple"] for side in pixels.shape[:2])
        pixels = np.pad(pixels, ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0)))
    return pixels.transpose(2, 0, 1)


def expected_settings(processor):
    """Return the ledger's settings that follow directly from the processor's attributes."""
    expected, size = {}, processor.get("size")
    if not processor.get("do_resize", True) or not size:
        expected["resize"] = "none"
    elif "shortest_edge" in size:
        if "crop_pct" not in processor and processor["class"] != "LevitImageProcessor":
            expected |= {"resize": "shortest_edge", "resize_size": size}
    elif "longest_edge" in size:
        expected |= {"resize": "longest_edge", "resize_size": size}
    else:
        expected |= {"resize": "squash", "resize_size": size}
    if processor.get("do_center_crop"):
        expected["crop"] = processor["crop_size"]
    elif "do_center_crop" in processor:
        expected["crop"] = None
    if isinstance(processor.get("resample"), int):
        expected["interpolation"] = RESAMPLES[processor["resample"]]
    if processor.get("do_rescale"):
        expected["rescale"] = processor["rescale_factor"]
    if processor.get("do_normalize") and processor.get("image_mean"):
        expected["mean"] = processor["image_mean"]
        squared = processor.get("include_top")
        expected["std"] = [value ** 2 if squared else value for value in processor["image_std"]]
    elif not processor.get("do_normalize"):
        expected |= {"mean": [0.0] * 3, "std": [1.0] * 3}
    expected["channel_order"] = "bgr" if processor.get("do_flip_channel_order") else "rgb"
    if processor.get("pad_size"):
        expected["pad"] = processor["pad_size"]
    for name in ("keep_aspect_ratio", "ensure_multiple_of"):
        if processor.get(name) is not None:
            expected[name] = processor[name]
    return expected


def same(left, right):
    """Compare, numbers to the last digits of a double."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) or isinstance(right, float):
        return isinstance(left, int | float) and isinstance(right, int | float) and abs(left - right) < 1e-12
    return left == right


class Case:
    """One snapshot: notes each fact that was compared and each difference."""

    def __init__(self, truth, said):
        """Keep both sides."""
        self.truth, self.said, self.lines, self.counts = truth, said, [], collections.Counter()

    def check(self, topic, said, truth):
        """Compare one fact."""
        self.counts[topic] += 1
        if not same(said, truth):
            self.lines.append(f"{topic}: taohf {str(said)[:160]}, transformers {str(truth)[:160]}")

    def task(self):
        """Task and verdict."""
        task, said = self.truth["task"], self.said
        if task == "universal":
            self.check("task", set(said.get("task_candidates", [])), KINDS)
            self.check("task", said.get("task") in KINDS, True)
        else:
            self.check("task", said.get("task"), task)
        name = self.truth["architecture"]
        portable = task in SEVEN and name not in REFUSED
        self.check("verdict", said["verdict"], "portable" if portable else "refused")
        if not portable:
            self.check("reason", REFUSED.get(name, said.get("task")) in said["reason"], True)
            self.check("reason", "not a vision" in said["reason"], False)
            self.check("alternative", bool(said["alternative"]), True)

    def head(self):
        """Modules outside the base model, and the one that gives class scores."""
        if "head" not in self.truth:
            return
        said = self.said.get("head", {})
        if self.truth["architecture"] in REFUSED or self.truth["task"] in SEVEN:
            self.check("head", said.get("base"), self.truth["base"])
            self.check("head", said.get("modules"), self.truth["head"])
            if self.truth["class_head"]:
                names = [name.removeprefix("timm_model.") for name in self.truth["class_head"]]
                self.check("head", said.get("scores") in names or said.get("scores"), True)
                self.check("head", said.get("outputs"), self.truth["class_outputs"])

    def tensors(self):
        """The schema of the weight file, and that the class takes all of it."""
        said = {item["name"]: [item["shape"], item["dtype"]] for item in self.said.get("tensors", [])}
        truth = self.truth["tensors"]
        self.check("tensors", sorted(said), sorted(truth))
        self.check("tensors", [name for name in said if said[name] != truth.get(name)], [])
        if "state_dict" in self.truth:
            state = {name.removeprefix("timm_model."): shape for name, shape in self.truth["state_dict"].items()}
            self.check("tensors", [name for name in said if state.get(name) != said[name][0]], [])
            self.check("tensors", self.truth["missing"] + self.truth["unexpected"], [])

    def image(self, folder):
        """Preprocessing and input size."""
        image, processor = self.said.get("image", {}), self.truth.get("processor")
        if self.truth["num_channels"]:
            self.check("image size", image.get("channels"), self.truth["num_channels"])
        if processor is None:
            size = self.truth["image_size"]
            if isinstance(size, int):
                self.check("image size", [image.get("height"), image.get("width")], [size, size])
            return
        if processor["class"] == "timm":
            data = processor["timm"]
            self.check("preprocessing", [image["mean"], image["std"], image["interpolation"]],
                       [data["mean"], data["std"], data["interpolation"]])
        else:
            for name, value in expected_settings(processor).items():
                self.check("preprocessing", {name: image.get(name)}, {name: value})
        kind = processor["class"].removesuffix("Fast")
        shape = processor.get("pixels", [])
        if len(shape) == 4 and image.get("resize") != "shortest_edge" or image.get("crop"):
            if len(shape) == 4 and image.get("floor_multiple") == 1:
                self.check("image size", [image.get("height"), image.get("width")], shape[2:])
        if kind in NO_PICTURE:
            self.counts["settings only"] += 1
            return
        truth = np.load(folder / self.truth["folder"] / "pixels.npy")
        mine = by_ledger(image)
        self.check("pixels", list(mine.shape), list(truth.shape))
        if mine.shape == truth.shape:
            self.check("pixels", bool(np.abs(mine - truth).max() < 1e-5) or float(np.abs(mine - truth).max()), True)

    def run(self, folder):
        """Compare everything."""
        truth, said = self.truth, self.said
        self.check("class", said.get("architecture") if truth["model_type"] != "timm_wrapper" else
                   truth["architecture"], truth["architecture"])
        self.task()
        self.check("labels", said.get("labels", {}).get("names"), truth["labels"])
        self.head()
        self.tensors()
        self.image(folder)
        return self


def main():
    """Print one line for each snapshot that differs, and the table."""
    folder = pathlib.Path(sys.argv[1])
    counts, bad, differing = collections.Counter(), collections.Counter(), 0
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for truth in truths:
        if "error" in truth:
            print(f"{truth['id']}: transformers itself: {truth['error']}")
            differing += 1
            continue
        said = json.loads((folder / f"{truth['folder']}.inspect.json").read_text(encoding="utf-8"))
        case = Case(truth, said).run(folder)
        counts += case.counts
        bad += collections.Counter(line.split(":")[0] for line in case.lines)
        differing += bool(case.lines)
        for line in case.lines:
            print(f"{truth['id']}: {line}")
    print(f"{'':16}compared  different")
    for topic in sorted(counts):
        print(f"{topic:16}{counts[topic]:8}{bad[topic]:11}")
    print(f"{len(truths) - differing} of {len(truths)} snapshots equal")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
