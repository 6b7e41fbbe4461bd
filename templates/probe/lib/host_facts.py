"""What the host read from the files against what the loaded model, its configuration and its processor say."""

import timm
import transformers

RESAMPLES = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")


def differs(said, found):
    """Compare two values, numbers to the last digits of a double."""
    if isinstance(said, (list, tuple)) and isinstance(found, (list, tuple)):
        return len(said) != len(found) or any(map(differs, said, found))
    if isinstance(said, (int, float)) and isinstance(found, (int, float)):
        return abs(said - found) > 1e-9
    return said != found


def processor_of(folder):
    """Return the image processor of the snapshot, None where it has none."""
    try:
        return transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True, trust_remote_code=False,
                                                               use_fast=False)
    except (OSError, ValueError, ImportError):
        return None


def processor_facts(folder, image):
    """Yield (fact, said, found) for the settings that a processor holds as the ledger writes them."""
    processor = processor_of(folder)
    if processor is None:
        return
    for name, default, attribute in (("mean", 0.0, "image_mean"), ("std", 1.0, "image_std")):
        found = getattr(processor, attribute, None)
        on = getattr(processor, "do_normalize", None)
        if on and found is not None and not (name == "std" and getattr(processor, "include_top", False)):
            yield f"image.{name}", image[name], list(found)
        elif not on:
            yield f"image.{name}", image[name], [default] * image["channels"]
    if getattr(processor, "do_rescale", None) and hasattr(processor, "rescale_factor"):
        yield "image.rescale", image["rescale"], processor.rescale_factor
    if getattr(processor, "do_resize", None) and isinstance(getattr(processor, "resample", None), int):
        yield "image.interpolation", image["interpolation"], RESAMPLES[int(processor.resample)]
    if getattr(processor, "do_center_crop", False) and image["crop"]:
        size = dict(processor.crop_size)
        yield "image.crop", [image["crop"]["height"], image["crop"]["width"]], [size["height"], size["width"]]


def transformers_facts(model, folder, inspection):
    """Yield (fact, said, found) of a class of transformers."""
    config = model.config
    yield "architecture", inspection["architecture"], type(model).__name__
    yield "labels", inspection["labels"]["names"], [config.id2label[i] for i in range(config.num_labels)]
    if not inspection["code_module"]:  # the host knows no class that it cannot look up
        base = model.base_model_prefix if model.base_model is not model else ""
        yield "head.base", inspection["head"]["base"], base
    yield from processor_facts(folder, inspection["image"])


def timm_facts(model, inspection):
    """Yield (fact, said, found) of an architecture of timm, whose configuration says how images are prepared."""
    config, labels, image = model.pretrained_cfg, inspection["labels"], inspection["image"]
    yield "architecture", inspection["architecture"].split(".")[0], config["architecture"].split(".")[0]
    yield "labels.count", labels["count"], model.num_classes
    if isinstance(config.get("label_names"), (list, tuple)):
        yield "labels", labels["names"], list(config["label_names"])
    data = timm.data.resolve_data_config(config, model=None)
    yield "image.size", [image[key] for key in ("channels", "height", "width")], data["input_size"]
    yield "image.crop", [image["crop"]["height"], image["crop"]["width"]], data["input_size"][1:]
    for name in ("mean", "std", "interpolation"):
        yield f"image.{name}", image[name], data[name]


def facts(model, folder, inspection):
    """Yield (fact, what the host derived, what executing it shows)."""
    of_timm = inspection["library"] == "timm"
    yield from timm_facts(model, inspection) if of_timm else transformers_facts(model, folder, inspection)
    head, state = inspection["head"], model.state_dict()
    if head["scores"]:
        weight = state.get(head["scores"] + ".weight")
        yield "head.outputs", head["outputs"], None if weight is None else int(weight.shape[0])


def host_differences(model, folder, inspection):
    """Return the facts that differ, each as {fact, host, executed}."""
    return [{"fact": fact, "host": said, "executed": found}
            for fact, said, found in facts(model, folder, inspection) if differs(said, found)]
