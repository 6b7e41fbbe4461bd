"""The transformers model of a snapshot, and what it is given where only the images matter."""

import math

import torch
import transformers

# A caption of one word in BERT's ids: [CLS] a . [SEP]. transformers' text-conditioned detectors know
# these four by number.
CAPTION = (101, 1037, 1012, 102)


def load_model(folder, architecture):
    """Return the model in float32 and evaluation mode; the class is transformers' own, never the snapshot's code."""
    model_class = getattr(transformers, architecture)
    model = model_class.from_pretrained(folder, local_files_only=True, trust_remote_code=False,
                                        torch_dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def arguments(model, pixels):
    """Return the keyword arguments of one call: the images, and a caption for a model that reads text."""
    given = {"pixel_values": pixels, "return_dict": True}
    if hasattr(model.config, "text_config"):
        given["input_ids"] = torch.tensor([CAPTION] * len(pixels))
    return given


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
