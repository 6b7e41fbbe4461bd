"""What a tiny model learns before it is ported: the scenes that the ports draw, by the model's own loss.

    lessons.py NAME                    writes taught/NAME.safetensors, from the recipe in models.json

A port of random weights proves little where every score is zero on both sides. The scenes come from other
seeds than those of the ports. Wants torch, transformers, timm and scipy; a GPU is used where there is one.
"""

import pathlib
import sys
import tempfile

import make_model
import numpy as np
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file

TEMPLATES = pathlib.Path(__file__).parents[3] / "templates"
sys.path[:0] = [str(TEMPLATES / "probe"), str(pathlib.Path(__file__).parents[1] / "lib")]
from lib.scenes import scenes
from template_module import module_of

SEED = 977
LOSS = module_of(TEMPLATES / "zero_shot" / "pytorch" / "loss.py.tmpl")
IMAGES, BATCH, WARM_UP = 512, 16, 50


def batches(side, classes):
    """Yield (images, scenes) without end; images are normalised as the processor does it."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    drawn = list(scenes(SEED, IMAGES, side, side, classes))
    random = np.random.default_rng(SEED)
    while True:
        chosen = [drawn[number] for number in random.integers(0, len(drawn), BATCH)]
        pixels = torch.from_numpy(np.stack([scene.pixels for scene in chosen])).permute(0, 3, 1, 2) / 255
        yield (pixels - mean) / std, chosen


def boxes_of(scene):
    """Return centre, width and height of each shape as shares of the image."""
    height, width = scene.depth.shape
    boxes = torch.tensor([shape.box for shape in scene.shapes], dtype=torch.float32).view(-1, 4)
    boxes[:, :2] += boxes[:, 2:] / 2
    return boxes / torch.tensor([width, height, width, height])


def labels_of(scene):
    """Return the class of each shape."""
    return torch.tensor([shape.label for shape in scene.shapes], dtype=torch.int64)


def detection_loss(model, pixels, drawn, _lesson):
    """Classes and boxes, matched by the model's own loss."""
    labels = [{"class_labels": labels_of(scene).to(pixels.device), "boxes": boxes_of(scene).to(pixels.device)}
              for scene in drawn]
    return model(pixel_values=pixels, labels=labels).loss


def zero_shot_loss(model, pixels, drawn, lesson):
    """The same with the names of the classes as the caption, in any order: TAO shuffles them too."""
    order = torch.randperm(len(lesson["names"]))
    place = order.argsort()
    labels = [{"class_labels": place[labels_of(scene)].to(pixels.device), "boxes": boxes_of(scene).to(pixels.device)}
              for scene in drawn]
    text = "".join(f"{lesson['names'][number]} . " for number in order)
    caption = lesson["tokenizer"]([text.strip()] * len(drawn), return_tensors="pt").to(pixels.device)
    with LOSS.proposals_learnt(model):
        return model(pixel_values=pixels, labels=labels, **caption).loss


def semantic_loss(model, pixels, drawn, _lesson):
    """A class for every pixel, 0 for the ground."""
    maps = np.zeros((len(drawn), *drawn[0].depth.shape), np.int64)
    for number, scene in enumerate(drawn):
        for shape in scene.shapes:
            maps[number][shape.mask] = shape.label + 1
    return model(pixel_values=pixels, labels=torch.from_numpy(maps).to(pixels.device)).loss


def instance_loss(model, pixels, drawn, _lesson):
    """A mask for each shape."""
    masks = [torch.from_numpy(np.stack([shape.mask for shape in scene.shapes])) for scene in drawn]
    return masks_loss(model, pixels, masks, [labels_of(scene) for scene in drawn])


def panoptic_loss(model, pixels, drawn, _lesson):
    """A mask for each shape, and one for the ground as the last class."""
    masks, classes = [], []
    for scene in drawn:
        shapes = torch.from_numpy(np.stack([shape.mask for shape in scene.shapes]))
        masks.append(torch.cat([shapes, ~shapes.any(0, keepdim=True)]))
        classes.append(torch.cat([labels_of(scene), torch.tensor([model.config.num_labels - 1])]))
    return masks_loss(model, pixels, masks, classes)


def masks_loss(model, pixels, masks, classes):
    """The loss of the classes that predict masks."""
    device = pixels.device
    return model(pixel_values=pixels, mask_labels=[one.float().to(device) for one in masks],
                 class_labels=[one.to(device) for one in classes]).loss


def depth_loss(model, pixels, drawn, _lesson):
    """The inverse of the distance."""
    truth = torch.from_numpy(np.stack([1 / scene.depth for scene in drawn])).to(pixels.device)
    found = model(pixel_values=pixels).predicted_depth
    return F.l1_loss(F.interpolate(found[:, None], truth.shape[-2:], mode="bilinear")[:, 0], truth)


LOSSES = {"detection": detection_loss, "zero_shot": zero_shot_loss, "semantic": semantic_loss,
          "instance": instance_loss, "panoptic": panoptic_loss, "depth": depth_loss}
WITH_GROUND = {"semantic", "panoptic"}  # one class is the ground


def teach(model, lesson, side, watch=None):
    """Train the model: {loss, steps, learning_rate, classes?, names?, tokenizer?}. Half taught on purpose, so that
    a training run of a port has something left to make better."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = model.to(device).train()
    classes = lesson.get("classes") or model.config.num_labels - (lesson["loss"] in WITH_GROUND)
    optimizer = torch.optim.AdamW(model.parameters(), lesson["learning_rate"], weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / WARM_UP))
    for step, (pixels, drawn) in zip(range(lesson["steps"]), batches(side, classes), strict=False):
        loss = LOSSES[lesson["loss"]](model, pixels.to(device), drawn, lesson)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if watch and step % 50 == 0:
            watch(step, float(loss.detach()))
    return model.cpu().eval()


def main():
    """Teach the model of a recipe and keep it in half precision."""
    name = sys.argv[1]
    recipe = make_model.recipe_of(name)
    lesson = dict(recipe["lesson"])
    if "tokenizer" in recipe:
        folder = pathlib.Path(tempfile.mkdtemp())
        make_model.write_tokenizer(recipe, folder)
        lesson["tokenizer"] = transformers.AutoTokenizer.from_pretrained(folder)
    model = teach(make_model.build(recipe), lesson, recipe.get("side", make_model.SIDE),
                  lambda step, loss: print(f"step {step}: loss {loss:.3f}", flush=True))
    weights = {key: (value.half() if value.is_floating_point() else value).contiguous().clone()
               for key, value in model.state_dict().items()}
    save_file(weights, make_model.TAUGHT / f"{name}.safetensors")


if __name__ == "__main__":
    main()
