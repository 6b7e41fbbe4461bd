"""What a model of HuggingFace is given where only the images matter, and what it answers."""

import math

import torch
import transformers

# A caption of one word in BERT's ids: [CLS] a . [SEP]. transformers' text-conditioned detectors know
# these four by number.
CAPTION = (101, 1037, 1012, 102)


def arguments(model, pixels):
    """Return the keyword arguments of one call: the images, and a caption for a model that reads text."""
    given = {"pixel_values": pixels, "return_dict": True}
    if hasattr(model.config, "text_config"):
        given["input_ids"] = torch.tensor([CAPTION] * len(pixels))
    return given


def outputs(model, pixels):
    """Return everything that a model answers as a tuple, the logits first; timm's models answer nothing else."""
    if isinstance(model, transformers.PreTrainedModel):
        return model(**arguments(model, pixels)).to_tuple()
    return (model(pixels),)


def logits(model, pixels):
    """Return the logits of a classifier."""
    if isinstance(model, transformers.PreTrainedModel):
        return model(pixel_values=pixels).logits
    return model(pixels)


def float_tensors(value):
    """Yield the floating tensors of nested tuples."""
    if torch.is_tensor(value):
        if value.is_floating_point():
            yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from float_tensors(item)


def answered(values):
    """Return the values with every -inf, which stands for no answer, as 0."""
    return torch.where(values == -math.inf, torch.zeros_like(values), values)
