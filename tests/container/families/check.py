"""The family table against transformers itself: every difference is one line.

    check.py FAMILIES.YAML [--facts FILE]

A new release of transformers shows here as added, removed or changed lines: model types, classes of the
vision mappings, the base model inside each class, image processors and their defaults, timm's twins.
--facts writes what transformers says as JSON. Runs in the inspection image; exit code 1 on any difference.
"""

import fnmatch
import itertools
import json
import pathlib
import re
import sys
import tempfile
import warnings

import timm
import torch
import transformers
import yaml
from mappings import mapped_classes, types_of
from transformers.models.auto import configuration_auto
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

SEVEN = {"image-classification", "object-detection", "image-segmentation", "panoptic-segmentation", "universal",
         "zero-shot-object-detection", "depth-estimation"}
# Vision classes that no mapping of transformers lists, and classes that a mapping lists under another kind.
UNMAPPED = {"CLIPSegForImageSegmentation", "ConditionalDetrForSegmentation", "SegGptForImageSegmentation",
            "VitMatteForImageMatting", "VitPoseForPoseEstimation"}


# Classes that cannot be built from their default configuration here, and why. tests/container/zoo.sh
# builds those that have a recipe there.
UNBUILT = {
    "DinatForImageClassification": "needs natten", "NatForImageClassification": "needs natten",
    "EfficientFormerForImageClassificationWithTeacher": "its configuration lacks hidden_size",
    "PerceiverForImageClassificationFourier": "its defaults are for text",
    "PerceiverForImageClassificationConvProcessing": "its defaults are for text",
    "ViTHybridForImageClassification": "its initialisation fails",
    "BeitForSemanticSegmentation": "wants out_indices",
}


def base_of(name):
    """Return the attribute that holds the base model of a class, "" when it is the class itself."""
    model_class = getattr(transformers, name)
    config = model_class.config_class()
    for holder in (config, getattr(config, "backbone_config", None)):
        if getattr(holder, "use_pretrained_backbone", False):
            holder.use_pretrained_backbone = False
    with torch.device("meta"):
        model = model_class(config)
    return model.base_model_prefix if model.base_model is not model else ""


def plain(value):
    """Return a processor's setting as the table writes it."""
    return value if value is None or isinstance(value, bool | int | float | str) else \
        {key: value[key] for key in value} if hasattr(value, "keys") else [float(item) for item in value]


def needed_by(name):
    """Return the arguments without which a processor cannot be made."""
    if name != "OneFormerImageProcessor":
        return {}
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "classes.json").write_text('{"0": {"isthing": 1, "name": "a"}}', encoding="utf-8")
    return {"repo_path": str(folder), "class_info_file": "classes.json", "num_text": 1}


def defaults_of(name):
    """Return what a processor does when its file is silent, in the table's words."""
    processor = getattr(transformers, name)(**needed_by(name))
    get = lambda key: plain(getattr(processor, key, None))  # noqa: E731
    names = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
    row, size = {}, get("size")
    if get("do_resize") is False or not isinstance(size, dict):
        row["resize"] = "none"
    elif "shortest_edge" in size:
        row |= {"resize": "shortest_edge", "size": size["shortest_edge"]}
        if size.get("longest_edge"):
            row["longest"] = size["longest_edge"]
    elif "longest_edge" in size:
        row |= {"resize": "longest_edge", "size": size["longest_edge"]}
    else:
        row |= {"resize": "squash", "height": size["height"], "width": size["width"]}
    crop = get("crop_size")
    if isinstance(crop, dict) and "height" in crop:
        row["crop" if get("do_center_crop") else "crop_off"] = crop["height"]
    if get("resample") is not None:
        row["interpolation"] = names[int(processor.resample)]
    if get("crop_pct"):
        row["crop_pct"] = get("crop_pct")
    if get("do_normalize") in (False, None) or get("image_mean") is None:
        row["normalize"] = False
    else:
        row |= {"image_mean": get("image_mean"), "image_std": get("image_std")}
    if get("do_flip_channel_order"):
        row["channel_order"] = "bgr"
    return row


def expand(pattern):
    """Return the names a pattern of the table stands for: {a,b} alternatives, {0..7} ranges, {S} anything."""
    parts = []
    for piece in re.split(r"(\{[^}]*\})", pattern):
        inner = piece[1:-1] if piece.startswith("{") else None
        if inner is None:
            parts.append([piece])
        elif ".." in inner:
            low, high = inner.split("..")
            parts.append([str(i) for i in range(int(low), int(high) + 1)] if int(high) - int(low) < 10 else ["*"])
        else:
            parts.append(inner.split(",") if "," in inner or inner.islower() else ["*"])
    return ["".join(items) for items in itertools.product(*parts)]


def no_twins(row):
    """Return the twins of a family that timm does not have."""
    if row.get("timm") in (None, "none") or " " in row.get("timm_models", ""):
        return []
    names = timm.list_models()
    return [name for name in expand(row["timm_models"]) if not fnmatch.filter(names, name)]


class Differences:
    """Lines, sorted by section."""

    def __init__(self):
        """Start empty."""
        self.lines = []

    def compare(self, where, table, library):
        """Note a value that differs."""
        if table != library:
            self.lines.append(f"{where}: the table says {table!r}, the library {library!r}")


def check_types(table, found):
    """Every model type is known as vision, as another kind, or as a part of a model."""
    library = set(configuration_auto.CONFIG_MAPPING_NAMES)
    others = {kind for kinds in table["other_types"].values() for kind in kinds}
    known = others | set(table["families"]) | set(table["part_types"])
    for kind in sorted(library - known):
        found.lines.append(f"model type {kind}: new in the library, {configuration_auto.CONFIG_MAPPING_NAMES[kind]}")
    for kind in sorted(known - library - set(table["renamed_types"])):
        found.lines.append(f"model type {kind}: gone from the library")


def check_classes(table, found):
    """Classes of the vision mappings and their tasks."""
    library, rows, others = mapped_classes(), table["architectures"], table["other_vision"]
    listed = set(rows) | set(others)
    not_vision = {kind for name, kinds in table["other_types"].items() for kind in kinds}
    for name, (kind, task) in sorted(library.items()):
        if name in rows:
            found.compare(f"class {name}: task", rows[name]["task"], task)
            if rows[name]["model_type"] not in types_of(name):
                found.compare(f"class {name}: model type", rows[name]["model_type"], kind)
        elif name in others:
            if name != "ShieldGemma2ForImageClassification":
                found.compare(f"class {name}: task", others[name], task)
        elif kind not in not_vision or task in SEVEN:
            found.lines.append(f"class {name}: new in the library, {task} of {kind}")
    for name in sorted(listed - set(library) - UNMAPPED):
        if not hasattr(transformers, name):
            found.lines.append(f"class {name}: gone from the library")
        elif name in rows:
            found.lines.append(f"class {name}: in no mapping of the library")


def check_bases(table, found):
    """Look for the base model inside each class that can be ported or refused."""
    for name, row in table["architectures"].items():
        if name in UNBUILT:
            continue
        try:
            library = base_of(name)
        except Exception as error:
            found.lines.append(f"class {name}: base not known: {type(error).__name__}: {str(error)[:120]}")
            continue
        found.compare(f"class {name}: base", row.get("base", ""), library)


def check_processors(table, found):
    """Processors of the families and their defaults."""
    for kind, row in table["families"].items():
        names = IMAGE_PROCESSOR_MAPPING_NAMES.get(kind)
        if names is not None:
            library = (names[0] or names[1]).removesuffix("Fast")
            found.compare(f"family {kind}: processor", row.get("processor"), library)
        for twin in no_twins(row):
            found.lines.append(f"family {kind}: timm has no {twin}")
    used = {row["processor"] for row in table["families"].values() if "processor" in row}
    for name in sorted(used - set(table["processors"])):
        found.lines.append(f"processor {name}: no row")
    for name, row in table["processors"].items():
        real = name if hasattr(transformers, name) else name + "Fast"
        if not hasattr(transformers, real):
            found.lines.append(f"processor {name}: gone from the library")
        elif name != "TimmWrapperImageProcessor":
            library = defaults_of(real)
            mine = {key: value for key, value in row.items() if key in library or key in
                    ("resize", "size", "longest", "height", "width", "crop", "crop_off", "interpolation",
                     "crop_pct", "normalize", "image_mean", "image_std", "channel_order")}
            for key in sorted(set(mine) | set(library)):
                if isinstance(library.get(key), list):
                    mine[key] = [float(item) for item in mine.get(key, [])]
                found.compare(f"processor {name}: {key}", mine.get(key), library.get(key))


def main():
    """Print the differences."""
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    table = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    found = Differences()
    found.compare("transformers", table["transformers"], transformers.__version__)
    for check in (check_types, check_classes, check_bases, check_processors):
        check(table, found)
    if "--facts" in sys.argv:
        facts = {"types": dict(configuration_auto.CONFIG_MAPPING_NAMES), "classes": mapped_classes()}
        pathlib.Path(sys.argv[sys.argv.index("--facts") + 1]).write_text(json.dumps(facts), encoding="utf-8")
    print("\n".join(found.lines))
    print(f"{len(found.lines)} differences: {len(table['architectures'])} classes, {len(table['families'])} families, "
          f"{len(table['processors'])} processors, transformers {transformers.__version__}, timm {timm.__version__}")
    sys.exit(1 if found.lines else 0)


if __name__ == "__main__":
    main()
