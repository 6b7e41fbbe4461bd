"""What the probes have to know of semantic segmentation."""

import pathlib

import numpy as np
from lib.dense import all_images, compared_images, hf_batch, metric, new_module, opened, registered, sample
from lib.images import image_files, size_of, splits_of
from lib.pictures import TITLES, beside, with_classes
from lib.pixels import as_processor, normalised, unit_images
from lib.scenes import scenes
from PIL import Image

__all__ = ["compared_images", "hf_batch", "metric", "new_module", "registered"]

GRAPH_DIFFERS = False  # the graph answers what the module answers
GRAPH_BATCHES = (1, 2)
IGNORED = 255  # in a mask: belongs to no class
SAME_PIXELS = 0.999  # share of pixels that two sides may not fall below


def draw_dataset(inputs):
    """Write scenes and their class ids; class 0 is the ground, edges have none. Return what was written."""
    dataset, image, root = inputs["dataset"], inputs["image"], pathlib.Path(inputs["root"])
    objects = max(1, len(inputs["labels"]) - 1)
    for number, (split, count) in enumerate(dataset["generated_images"].items()):
        for folder in ("images", "masks"):
            (root / folder / split).mkdir(parents=True, exist_ok=True)
        drawn = scenes(inputs["seed"] + number, count, image["height"], image["width"], objects)
        for index, scene in enumerate(drawn, 1):
            mask = np.zeros(scene.pixels.shape[:2], np.uint8)
            for shape in scene.shapes:
                mask[shape.mask] = min(shape.label + 1, len(inputs["labels"]) - 1)
                mask[shape.edge] = IGNORED
            Image.fromarray(scene.pixels).save(root / "images" / split / f"{index:04d}.png")
            Image.fromarray(mask).save(root / "masks" / split / f"{index:04d}.png")
    return {"classes": len(inputs["labels"]), "images": dataset["generated_images"]}


def read_dataset(inputs):
    """Return what lies in the dataset folder, split by split, and what is wrong with it."""
    root, dataset = pathlib.Path(inputs["root"]), inputs["dataset"]
    problems = []
    for split in dict.fromkeys(dataset["splits"].values()):
        images = image_files(root / split, dataset["suffixes"])
        problems += mask_problems(images, len(inputs["labels"])) or pair_problems(root / split, images)
    return {"classes_match_labels": not any("the model knows" in problem for problem in problems),
            "splits": splits_of(root, dataset), "problems": problems}


def pair_problems(folder, images):
    """Return why TAO would not give each image its mask: it takes all files of both folders in their order."""
    masks = mask_of(folder / "any").parent
    files, mask_files = (sorted(place.iterdir()) if place.is_dir() else [] for place in (folder, masks))
    known, wanted = set(images), {mask_of(path) for path in images}
    found = [f"images/{folder.name}/{path.name} is no image" for path in files if path not in known]
    found += [f"masks/{masks.name}/{path.name} belongs to no image" for path in mask_files if path not in wanted]
    if not found and [path.stem for path in files] != [path.stem for path in mask_files]:
        found.append(f"the images in {folder.name}/ and their masks sort differently: name them without further dots")
    return found


def mask_of(path):
    """Return the mask of an image: the PNG of the same name under masks/."""
    parts = list(path.parts)
    parts[len(parts) - 1 - parts[::-1].index("images")] = "masks"
    return pathlib.Path(*parts).with_suffix(".png")


def mask_problems(images, classes):
    """Return what is wrong with the masks of images."""
    found = []
    for path in images:
        mask = mask_of(path)
        try:
            found += [f"{mask.name} {fault}" for fault in mask_faults(mask, size_of(path), classes)]
        except FileNotFoundError:
            found.append(f"{path.name} has no mask {mask.parent.name}/{mask.name}")
        except Exception as error:  # whatever a broken file raises
            found.append(f"{mask.name} cannot be read: {type(error).__name__}")
    return found


def mask_faults(path, size, classes):
    """Return what is wrong with the mask of an image of this size (None: the image cannot be read)."""
    with Image.open(path) as mask:
        if mask.mode not in ("L", "P", "I;16", "I"):
            return [f"is {mask.mode}, not one number for each pixel"]
        faults = [f"is {mask.size}, its image {size}"] if size not in (None, mask.size) else []
        if mask.mode == "P" and (np.asarray(mask.convert("RGB")) != np.asarray(mask)[..., None]).any():
            faults.append("has a palette, whose colours TAO reads instead of the numbers: save it without")
        numbers = np.unique(np.asarray(mask))
    strange = [int(number) for number in numbers if not 0 <= number < classes and number != IGNORED]
    known = f"the model knows 0 to {classes - 1}, and {IGNORED} is no class"
    return faults + ([f"has class {strange[-1]}, {known}"] if strange else [])


def tao_pixels(unit, image):
    """Return images in 0..1 as TAO's pipeline normalises them: with the model's mean and std."""
    return normalised(unit, image["mean"], image["std"])


def both_of(unit, image):
    """Return images in 0..1 as HuggingFace and as TAO take them."""
    return as_processor(unit, image), tao_pixels(unit, image)


def tao_batch(inputs, paths, _side):
    """Return the images as TAO's pipeline gives them."""
    return tao_pixels(unit_images(paths, inputs["image"]), inputs["image"])


def hf_answers(model, pixels, _inputs):
    """Return the score of each class at each place."""
    import torch

    output = model(pixel_values=torch.from_numpy(pixels), return_dict=True)
    if "class_queries_logits" not in output:
        return {"output": output.logits.numpy()}
    classes = output.class_queries_logits.softmax(dim=-1)[..., :-1]
    return {"output": torch.einsum("bqc,bqhw->bchw", classes, output.masks_queries_logits.sigmoid()).numpy()}


def native_answers(model, pixels, _inputs):
    """Return the answers of the TAO module."""
    import torch

    return {"output": model(torch.from_numpy(pixels)).numpy()}


def feed(pixels, _inputs):
    """Return what the graph and the engine are given."""
    return {"input": pixels}


def engine(inputs):
    """Return a function from a feed to the engine's answers."""
    from lib.engine import padded
    from nvidia_tao_deploy.cv.segformer.inferencer import SegformerInferencer

    inferencer = SegformerInferencer(inputs["engine"], batch_size=inputs["batch_size"])

    def infer(given):
        scores = inferencer.infer(padded(given["input"], inputs["batch_size"]))
        return {"output": np.array(scores)[:len(given["input"])]}

    return infer


def aligned(values, _reference):
    """Places have one order."""
    return values


def agree(values, reference):
    """Return for each image whether nearly all places have the same class."""
    same = values["output"].argmax(axis=1) == reference["output"].argmax(axis=1)
    return same.mean(axis=(1, 2)) >= SAME_PIXELS


def predictions(inputs, _paths, _data):
    """Compare the masks that both inference commands wrote: how many, and where they differ."""
    names = [path.name for path in all_images(inputs)]
    native, engine_side = (_masks(inputs["predictions"][side], names) for side in ("native", "engine"))
    different = [name for name in names if not _same_mask(native.get(name), engine_side.get(name))]
    return {"images": len(names), "native": {"rows": len(native), "different": different},
            "engine": {"rows": len(engine_side), "different": different}}


def _masks(folder, names):
    """Return {image: class ids}; the native command writes them as grey colours."""
    found = {}
    for name in names:
        path = pathlib.Path(folder) / name
        if path.is_file():
            pixels = np.asarray(Image.open(path))
            found[name] = pixels if pixels.ndim == 2 else pixels[..., 0]
    return found


def _same_mask(one, other):
    """Whether two masks are the same but for a few pixels."""
    return one is not None and other is not None and one.shape == other.shape and (one == other).mean() >= SAME_PIXELS


def samples(inputs, paths, data, chosen):
    """Return what the report shows of single images: picture, truth and three answers side by side."""
    classes, rows = len(inputs["labels"]), []
    size = (inputs["image"]["width"], inputs["image"]["height"])
    for index in chosen:
        path = paths[index]
        truth = np.asarray(Image.open(mask_of(path)).resize(size, Image.Resampling.NEAREST))
        maps = [truth, *(data[side]["output"][index].argmax(axis=0) for side in ("hf", "native", "engine"))]
        picture = pathlib.Path(inputs["pictures"]) / f"{path.stem}.png"
        beside(picture, [("image", opened(inputs, path)),
                         *((title, with_classes(numbers, classes)) for title, numbers in zip(TITLES, maps))])
        words = {side: {"label": f"{len(np.unique(numbers))} classes"}
                 for side, numbers in zip(("hf", "tao", "engine"), maps[1:])}
        rows.append(sample(path, picture, words))
    return rows
