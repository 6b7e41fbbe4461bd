"""A tiny model as a HuggingFace snapshot folder: half taught where its recipe has a lesson, else of random weights.

    make_model.py NAME FOLDER          NAME is a key of models.json beside this file

Runs in the inspection image. Random heads are often constant or near zero, so that scores tie and masks
flip with the last bit: `noise` moves every weight a little. What was taught lies in taught/ (lessons.py made it).
"""

import json
import pathlib
import shutil
import string
import sys

import timm
import torch
import transformers
from safetensors.torch import load_file
from transformers.dynamic_module_utils import get_class_from_dynamic_module

MODELS = pathlib.Path(__file__).parent / "models.json"
OWN_CODE = pathlib.Path(__file__).parent / "own_code"
TAUGHT = pathlib.Path(__file__).parent / "taught"
SIDE = 128


def recipe_of(name):
    """Return the recipe of a model; `like` names another one that it shares everything with that it does not say."""
    recipes = json.loads(MODELS.read_text(encoding="utf-8"))
    recipe = recipes[name]
    return {**recipes[recipe["like"]], **recipe} if "like" in recipe else recipe


def classes_of(recipe):
    """Return (class of the configuration, class of the model): of transformers, or of code that a snapshot holds."""
    if "auto_map" in recipe:
        names = [recipe["auto_map"][key] for key in ("AutoConfig", "AutoModelForImageClassification")]
        return tuple(get_class_from_dynamic_module(name, OWN_CODE) for name in names)
    return tuple(getattr(transformers, recipe[key]) for key in ("config_class", "model_class"))


def build(recipe):
    """Return the model of a recipe; the same recipe gives the same weights."""
    torch.manual_seed(7)
    if "timm" in recipe:
        model = timm.create_model(recipe["timm"], num_classes=len(recipe["label_names"]), **recipe["model_args"])
    else:
        config_class, model_class = classes_of(recipe)
        model = model_class(config_class(**recipe["config"]))
    with torch.no_grad():
        for parameter in model.parameters():
            if recipe["noise"]:
                parameter += (recipe["noise"] if parameter.ndim > 1 else 0.05) * torch.randn_like(parameter)
        for name in recipe.get("keep_alive", []):  # a last ReLU must not die
            model.get_parameter(name).fill_(1.0)
    return model


def load_taught(model, name):
    """Give the model what it was taught; the weights are kept in half precision."""
    weights = load_file(TAUGHT / f"{name}.safetensors")
    model.load_state_dict({key: value.float() if value.is_floating_point() else value
                           for key, value in weights.items()})


def processor(recipe):
    """Return the image processor's configuration: one size, the usual normalisation."""
    side = recipe.get("side", SIDE)
    return {"image_processor_type": recipe.get("processor", "ViTImageProcessor"), "do_resize": True,
            "size": {"height": side, "width": side}, "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}


def save_transformers(recipe, model, folder):
    """Write the model, and the code that defines it where that is the snapshot's own."""
    if "auto_map" in recipe:
        model.config.auto_map = recipe["auto_map"]
        shutil.copytree(OWN_CODE, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    model.save_pretrained(folder)


def save_timm(recipe, model, folder):
    """Write the model as timm does for the Hub; 64 / 0.95 leaves an odd number of pixels to cut off."""
    side = recipe["side"]
    settings = {"input_size": (3, side, side), "crop_pct": 0.95, "interpolation": "bicubic",
                "mean": (0.4, 0.5, 0.6), "std": (0.2, 0.3, 0.4)}
    model.pretrained_cfg = {**model.pretrained_cfg, **settings, "num_classes": model.num_classes}
    timm.models.save_for_hf(model, str(folder), model_config={"label_names": recipe["label_names"]},
                            model_args=recipe["model_args"], safe_serialization=True)


def write_tokenizer(recipe, folder):
    """Write a BERT tokenizer of single letters and of the recipe's words.

    transformers' detectors that read text know some ids of bert-base-uncased by number.
    """
    known = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]", 1012: ".", 1029: "?", 1037: "a"}
    size = recipe["config"]["text_config"]["vocab_size"]
    letters = string.ascii_lowercase.replace("a", "") + string.digits
    pieces = [*recipe["tokenizer"], *letters, *(f"##{letter}" for letter in string.ascii_lowercase + string.digits)]
    free = (number for number in range(1, size) if number not in known)
    known.update(zip(free, pieces))
    vocabulary = folder / "vocab.txt"
    lines = [known.get(number, f"[unused{number}]") for number in range(size)]
    vocabulary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    transformers.BertTokenizerFast(str(vocabulary), model_max_length=512).save_pretrained(folder)


def main():
    """Write the snapshot."""
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    recipe = recipe_of(name)
    model = build(recipe)
    if "lesson" in recipe:
        load_taught(model, name)
    if "timm" in recipe:
        save_timm(recipe, model, folder)
    else:
        save_transformers(recipe, model, folder)
        (folder / "preprocessor_config.json").write_text(json.dumps(processor(recipe), indent=2), encoding="utf-8")
    if "tokenizer" in recipe:
        write_tokenizer(recipe, folder)
    print(f"{name}: {type(model).__name__}, {sum(p.numel() for p in model.parameters())} parameters")


if __name__ == "__main__":
    main()
