"""The target of a weight map: the model that takes the weights of a source model.

It is built here exactly as the rendered TAO backbone builds it, so that what is proved of one holds for
the other. A family of transformers that timm implements too, its twin, is one row of BUILDERS.
"""

import importlib
import math
from functools import partial
from inspect import signature

import torch
from lib.hf_model import float_tensors, outputs
from transformers.modeling_utils import no_init_weights

# Name of an activation in transformers -> in timm.
ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_python_tanh": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_accurate": "gelu_tanh",
    "quick_gelu": "quick_gelu",
    "relu": "relu",
    "relu6": "relu6",
    "leaky_relu": "leaky_relu",
    "silu": "silu",
    "swish": "silu",
    "mish": "mish",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
}


class NoTwin(Exception):
    """Says why timm has no model that would compute the same."""


class Wrapped(torch.nn.Module):
    """The source model under the name that the TAO module holds it by."""

    def __init__(self, name, model):
        """Keep the model."""
        super().__init__()
        self.name = name
        self.add_module(name, model)

    def forward(self, pixels):
        """Return everything that the model answers."""
        return outputs(self.get_submodule(self.name), pixels)


def build_twin(block, channels, num_classes):
    """Return the twin in timm that a weight map describes, not initialised where timm allows it."""
    found = getattr(importlib.import_module(block["module"]), block["class"])
    skip = {"weight_init": "skip"} if "weight_init" in signature(found).parameters else {}
    norm = partial(torch.nn.LayerNorm, eps=block["norm_eps"])
    with no_init_weights():
        return found(
            in_chans=channels,
            num_classes=num_classes,
            norm_layer=norm,
            **block["arguments"],
            **skip,
        )


def build_target(source, document):
    """Return a new target model for the evidence of a weight map, not initialised."""
    if document["is_twin"]:
        return build_twin(document["timm"], document["input"]["channels"], document["num_classes"])
    return Wrapped(document["holder"], source.build(document["config"], document["num_classes"]))


def answers(model, pixels):
    """Return the floating tensors that a model answers; the first are the logits."""
    with torch.inference_mode():
        found = model(pixels) if isinstance(model, Wrapped) else outputs(model, pixels)
    # Detectors that read text answer -inf for a token that is none, +inf for a proposal outside of the image.
    return [torch.where(torch.isinf(tensor), 0, tensor) for tensor in float_tensors(found)]


def timm_block(architecture, config):
    """Return the timm class and arguments that compute what the transformers class computes."""
    if architecture not in BUILDERS:
        raise NoTwin(f"no rule says which timm model computes what {architecture} does")
    return BUILDERS[architecture](config)


def vision_transformer(config, **others):
    """Return VisionTransformer with the sizes of a ViT-like configuration."""
    return {
        "module": "timm.models.vision_transformer",
        "class": "VisionTransformer",
        "norm_eps": config.layer_norm_eps,
        "arguments": {
            "img_size": pair(config.image_size),
            "patch_size": side(config.patch_size),
            "embed_dim": config.hidden_size,
            "depth": config.num_hidden_layers,
            "num_heads": config.num_attention_heads,
            "mlp_ratio": ratio(config.hidden_size, config.intermediate_size),
            "qkv_bias": config.qkv_bias,
            "act_layer": activation(config.hidden_act),
            "pos_drop_rate": config.hidden_dropout_prob,
            "proj_drop_rate": config.hidden_dropout_prob,
            "attn_drop_rate": config.attention_probs_dropout_prob,
            **others,
        },
    }


def deit(config):
    """Return a ViT whose second token is for distillation; its one classifier is on the first."""
    return vision_transformer(config, reg_tokens=1)


def ijepa(config):
    """Return a ViT without class token, whose classifier sees the mean of the normalised tokens."""
    return vision_transformer(config, class_token=False, global_pool="avg", fc_norm=False)


BUILDERS = {
    "ViTForImageClassification": vision_transformer,
    "ViTMSNForImageClassification": vision_transformer,
    "DeiTForImageClassification": deit,
    "IJepaForImageClassification": ijepa,
}


def pair(size):
    """Return [height, width] of a size that may be one number."""
    return list(size) if isinstance(size, (list, tuple)) else [size, size]


def side(size):
    """Return the side of a square patch as one number, another patch as [height, width]."""
    height, width = pair(size)
    return height if height == width else [height, width]


def ratio(width, inner):
    """Return the factor that timm, which cuts off fractions, turns into the inner width."""
    factor = inner / width
    return factor if int(width * factor) == inner else math.nextafter(factor, math.inf)


def activation(name):
    """Return timm's name of an activation."""
    if name not in ACTIVATIONS:
        raise NoTwin(f"no rule says which activation of timm is {name}")
    return ACTIVATIONS[name]
