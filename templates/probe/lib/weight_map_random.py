"""Random weights and inputs on which a wrong weight map shows.

Fresh weights would hide mistakes: norms start as ones, biases as zeros, so a forgotten or swapped
tensor would look right. Matrices are scaled by fan-in, or deep models saturate and hide errors too.
"""

import math

import torch

STATISTICS = ("running_mean", "running_var")


def is_statistic(name):
    """Tell whether a buffer is the statistic of a batch norm."""
    return name.rsplit(".", 1)[-1] in STATISTICS


def noise_for(name, value, layers, generator):
    """Return random numbers of the kind that a tensor of this role can hold."""
    last = name.rsplit(".", 1)[-1]
    if last == "running_var" or (value.ndim <= 1 and "bias" not in last and last != "running_mean"):
        return torch.rand(value.shape, generator=generator) + 0.5
    normal = torch.randn(value.shape, generator=generator)
    if value.ndim <= 1:
        return normal * 0.1
    if name in layers:
        return normal * math.sqrt(1.5 / value[0].numel())
    return normal * 0.5


def randomise(model, seed):
    """Give a model random weights and statistics of a good scale; return it in inference mode."""
    generator = torch.Generator().manual_seed(seed)
    matrix = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
    layers = {
        f"{name}.weight" for name, module in model.named_modules() if isinstance(module, matrix)
    }
    tensors = dict(model.named_parameters())
    tensors.update((name, value) for name, value in model.named_buffers() if is_statistic(name))
    with torch.no_grad():
        for name, value in tensors.items():
            if value.is_floating_point():
                value.copy_(noise_for(name, value, layers, generator))
    # Only now: some models fill caches from their weights when they enter inference.
    return model.eval()


def random_images(shape, count, seed):
    """Return images of noise with a coarse structure, so that no two patches look alike."""
    generator = torch.Generator().manual_seed(seed)
    fine = torch.randn(
        (count, shape["channels"], shape["height"], shape["width"]), generator=generator
    )
    coarse = torch.randn((count, shape["channels"], 4, 4), generator=generator)
    return fine + torch.nn.functional.interpolate(coarse, size=fine.shape[2:], mode="bilinear")
