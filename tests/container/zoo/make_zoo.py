"""Tiny models of random weights as snapshots, and what transformers itself says about each.

    make_zoo.py RECIPES FOLDER [WORDS...]      only recipes whose id contains one of the words

Writes FOLDER/<number>/ (config.json, weights, preprocessor_config.json) and FOLDER/truth.json. Every fact
comes from the snapshot read back: AutoConfig, the class's from_pretrained, AutoImageProcessor on a picture.
Runs in the inspection image.
"""

import copy
import importlib
import json
import pathlib
import sys
import warnings

import numpy as np
import safetensors
import torch
import transformers
from mappings import mapped_classes
from PIL import Image
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

# Classes that no mapping of transformers lists: what their name and documentation say.
UNMAPPED = {
    "CLIPSegForImageSegmentation": "prompted-segmentation", "VitPoseForPoseEstimation": "keypoint-detection",
    "VitMatteForImageMatting": "image-matting", "CLIPVisionModel": "image-feature-extraction",
}
PICTURE = (150, 110)  # width, height: neither square nor a multiple of anything


def library_of(name, module="transformers"):
    """Return a class of transformers, also one that is only exported by its own module."""
    package = importlib.import_module(module)
    if hasattr(package, name):
        return getattr(package, name)
    folder = pathlib.Path(package.__file__).parent
    for file in folder.glob("*.py"):
        found = getattr(importlib.import_module(f"{module}.{file.stem}"), name, None)
        if found is not None:
            return found
    raise AttributeError(f"{module} has no {name}")


def fill(model):
    """Give every tensor numbers that no constructor leaves flat or infinite."""
    generator = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *model.named_buffers()]:
            kind = name.rsplit(".", 1)[-1]
            if not value.is_floating_point() or (name in dict(model.named_buffers()) and "running" not in kind):
                continue
            if kind == "running_var" or (value.ndim == 1 and kind in ("weight", "scale")):
                value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
            else:
                fan_in = value[0].numel() if value.ndim > 1 else 100
                value.copy_(torch.randn(value.shape, generator=generator) / fan_in ** 0.5)


def build(recipe):
    """Return the model of a recipe."""
    module = recipe.get("module", "transformers")
    config = library_of(recipe["config_class"], module)(**copy.deepcopy(recipe["config"]))
    if recipe["config_class"] == "TimmWrapperConfig":  # what every repository of timm has
        height, width = recipe["inputs"]["pixel_values"]["shape"][2:]
        config.pretrained_cfg = {"input_size": [3, height, width], "crop_pct": 0.9, "interpolation": "bicubic",
                                 "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.3, 0.4], "classifier": "fc"}
    config._attn_implementation = "eager"
    model_class = library_of(recipe["model_class"], module)
    if recipe.get("build") == "no_init_weights":
        from transformers.modeling_utils import no_init_weights
        with no_init_weights():
            model = model_class(config)
    else:
        model = model_class(config)
    fill(model)
    return model.eval()


def make_input(spec, generator):
    """Return one tensor of the recipe's inputs."""
    kind, shape = getattr(torch, spec["dtype"]), spec["shape"]
    if spec["fill"] == "uniform":
        return torch.rand(shape, generator=generator)
    if spec["fill"] == "tokens":
        tokens = torch.randint(spec["low"], spec["high"], shape, generator=generator)
        if "last" in spec:
            tokens[..., -1] = spec["last"]
        return tokens
    if spec["fill"] == "values":
        return torch.tensor(spec["values"], dtype=kind)
    return torch.full(shape, 1 if spec["fill"] == "ones" else 0, dtype=kind)


def processor_of(recipe, config):
    """Return the image processor that transformers gives this model type, at the recipe's size; None without one."""
    kind = getattr(config, "model_type", "").replace("vit-hybrid", "vit_hybrid")
    names = IMAGE_PROCESSOR_MAPPING_NAMES.get(kind)
    if names is None or kind == "timm_wrapper":
        return None
    processor_class = getattr(transformers, next(name for name in names if name))
    shape = recipe["inputs"].get("pixel_values", {}).get("shape", [])
    plain = processor_class()
    settings = {}
    if len(shape) == 4 and isinstance(getattr(plain, "size", None), dict | transformers.BatchFeature):
        height, width = shape[2:]
        sizes = {"height": height, "width": width, "shortest_edge": min(height, width),
                 "longest_edge": 2 * max(height, width)}
        settings["size"] = {key: sizes[key] for key in plain.size}
        if set(plain.size) == {"longest_edge"}:
            settings["size"] = {"longest_edge": max(height, width)}
        if getattr(plain, "crop_size", None) and getattr(plain, "do_center_crop", None):
            settings["crop_size"] = {"height": height, "width": width}
    return processor_class(**settings)


def plain(value):
    """Return a value as JSON can hold it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def noise_picture():
    """Return the picture that every processor gets."""
    noise = np.random.default_rng(5).integers(0, 256, (PICTURE[1], PICTURE[0], 3), dtype=np.uint8)
    return Image.fromarray(noise)


def timm_processor(processor, folder):
    """Return what timm's own transform does to the picture."""
    made = processor(noise_picture())["pixel_values"]
    np.save(pathlib.Path(folder) / "pixels.npy", np.asarray(made, np.float32)[0])
    return {"class": "timm", "timm": plain(processor.data_config), "pixels": list(made.shape)}


def processor_facts(folder):
    """Return the attributes of the processor read back, and the shape it gives a picture."""
    try:
        processor = transformers.AutoImageProcessor.from_pretrained(folder, use_fast=False)
    except ValueError as error:
        if "slow version" not in str(error):
            raise
        processor = transformers.AutoImageProcessor.from_pretrained(folder, use_fast=True)
    if hasattr(processor, "data_config"):
        return timm_processor(processor, folder)
    names = ("do_resize", "size", "do_center_crop", "crop_size", "crop_pct", "resample", "do_rescale",
             "rescale_factor", "do_normalize", "image_mean", "image_std", "do_pad", "pad_size", "size_divisor",
             "do_flip_channel_order", "keep_aspect_ratio", "ensure_multiple_of", "do_reduce_labels", "do_split_image",
             "include_top", "rescale_offset")
    facts = {name: plain(getattr(processor, name)) for name in names if hasattr(processor, name)}
    facts["class"] = type(processor).__name__
    try:
        made = processor(noise_picture(), return_tensors="pt")
        facts["pixels"] = list(np.asarray(made["pixel_values"]).shape)
        if np.asarray(made["pixel_values"]).ndim == 4:
            np.save(pathlib.Path(folder) / "pixels.npy", np.asarray(made["pixel_values"], np.float32)[0])
    except Exception as error:  # some processors want more than a picture
        facts["pixels_error"] = f"{type(error).__name__}: {str(error)[:200]}"
    return facts


def task_of(name):
    """Return the task that transformers' own mappings give the class; "" when none lists it."""
    return mapped_classes().get(name, ("", ""))[1]


def head_modules(model, keys):
    """Return the top-level modules outside the class's base model, among those that have tensors in the file."""
    base = model.base_model_prefix if model.base_model is not model else ""
    if not base:
        return base, []
    return base, sorted({key.split(".")[0] for key in keys if not key.startswith(base + ".")})


def class_head(model, inputs):
    """Return the module whose output is the class scores, "" when no single module gives them."""
    outputs = {}

    def keep(name):
        def hook(_module, _inputs, output):
            if torch.is_tensor(output):
                outputs.setdefault(name, []).append(output)
        return hook

    hooks = [module.register_forward_hook(keep(name)) for name, module in model.named_modules()
             if isinstance(module, torch.nn.Linear | torch.nn.Conv2d | torch.nn.Conv1d)]
    with torch.no_grad():
        answer = model(**inputs)
    for hook in hooks:
        hook.remove()
    scores = getattr(answer, "logits", None)
    if scores is None:
        scores = getattr(answer, "class_queries_logits", None)
    if not torch.is_tensor(scores):
        return "", 0
    for name, made in reversed(outputs.items()):
        if any(item.numel() == scores.numel() and torch.equal(item.reshape(-1), scores.reshape(-1)) for item in made):
            weight = model.get_submodule(name).weight
            return name, int(weight.shape[0])
    return "", 0


def aliases(model, module):
    """Return every name under which the module's weight stands in the state dict."""
    if not module:
        return []
    state = model.state_dict(keep_vars=True)
    weight = state[module + ".weight"]
    return [key.removesuffix(".weight") for key, value in state.items() if value is weight]


def file_tensors(folder):
    """Return {name: [shape, dtype]} of the weight file by the format's own reader."""
    path = pathlib.Path(folder) / "model.safetensors"
    if path.exists():
        with safetensors.safe_open(path, "pt") as file:
            return {key: [list(file.get_slice(key).get_shape()), file.get_slice(key).get_dtype()]
                    for key in file.keys()}
    names = {torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL", torch.float64: "F64"}
    state = torch.load(pathlib.Path(folder) / "pytorch_model.bin", weights_only=True)
    return {key: [list(value.shape), names[value.dtype]] for key, value in state.items()}


def facts(recipe, folder):
    """Return what transformers reports for the snapshot."""
    if recipe["config_class"] == "ViTHybridConfig":  # the registry has the type under another spelling
        config = library_of(recipe["config_class"], recipe["module"]).from_pretrained(folder)
    else:
        config = transformers.AutoConfig.from_pretrained(folder)
    name = config.architectures[0]
    model_class = library_of(name, recipe.get("module", "transformers"))
    truth = {"id": recipe["id"], "model_type": config.model_type, "architecture": name,
             "task": task_of(name) or UNMAPPED[name], "labels": [config.id2label[i] for i in range(config.num_labels)],
             "image_size": plain(getattr(config, "image_size", None)), "tensors": file_tensors(folder),
             "num_channels": getattr(config, "num_channels", None)}
    model, problems = None, {}
    if recipe.get("save") != "none":
        model, problems = model_class.from_pretrained(folder, output_loading_info=True, attn_implementation="eager")
        model.eval()
        state = {key: list(value.shape) for key, value in model.state_dict().items()}
        truth["state_dict"] = state
        truth["missing"] = sorted(problems["missing_keys"])
        truth["unexpected"] = sorted(problems["unexpected_keys"])
        truth["base"], truth["head"] = head_modules(model, truth["tensors"])
        generator = torch.Generator().manual_seed(3)
        inputs = {key: make_input(spec, generator) for key, spec in recipe["inputs"].items()}
        module, truth["class_outputs"] = class_head(model, inputs)
        truth["class_head"] = aliases(model, module)
    if (pathlib.Path(folder) / "preprocessor_config.json").exists() or config.model_type == "timm_wrapper":
        truth["processor"] = processor_facts(folder)
    return truth


def main():
    """Write the zoo and the truth."""
    recipes = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    out, words = pathlib.Path(sys.argv[2]), sys.argv[3:]
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    truths = []
    for number, recipe in enumerate(recipes):
        if words and not any(word in recipe["id"] for word in words):
            continue
        folder = out / f"{number:02}"
        torch.manual_seed(7)
        model = build(recipe)
        model.save_pretrained(folder, safe_serialization=recipe.get("save") != "torch")
        processor = processor_of(recipe, model.config)
        if processor is not None:
            processor.save_pretrained(folder)
        try:
            truths.append({"folder": folder.name, **facts(recipe, folder)})
        except Exception as error:
            truths.append({"folder": folder.name, "id": recipe["id"], "error": f"{type(error).__name__}: {error}"})
    (out / "truth.json").write_text(json.dumps(truths), encoding="utf-8")
    print(f"{len(truths)} snapshots, transformers {transformers.__version__}")


if __name__ == "__main__":
    main()
