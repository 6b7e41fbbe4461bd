"""The two sides of a weight map: the transformers model, and the model that takes its weights.

The target is built here exactly as the rendered TAO backbone builds it, so that what is proved of
one holds for the other. A family that timm implements is one row of BUILDERS.
"""

import copy
import importlib
import json
import math
from functools import partial
from inspect import signature

import torch
import transformers
from lib.hf_model import arguments, float_tensors
from transformers.modeling_utils import no_init_weights

PREFIX = "hf_model."

# What says nothing about the architecture, or is given apart from it.
NOT_ARCHITECTURE = {
    "_attn_implementation_autoset",
    "_name_or_path",
    "architectures",
    "auto_map",
    "dtype",
    "finetuning_task",
    "id2label",
    "label2id",
    "model_type",
    "num_labels",
    "output_attentions",
    "output_hidden_states",
    "problem_type",
    "return_dict",
    "torch_dtype",
    "transformers_version",
}

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


def model_class(architecture):
    """Return the class of transformers; it is never the snapshot's own code."""
    found = getattr(transformers, architecture, None)
    if not isinstance(found, type) or not issubclass(found, transformers.PreTrainedModel):
        raise SystemExit(f"transformers {transformers.__version__} has no model {architecture}")
    return found


def load_source(folder, architecture):
    """Return (the model of a snapshot in float32, names of the tensors that the snapshot lacks)."""
    model, info = model_class(architecture).from_pretrained(
        folder,
        local_files_only=True,
        trust_remote_code=False,
        torch_dtype=torch.float32,
        attn_implementation="eager",
        output_loading_info=True,
    )
    return model.eval(), sorted(info["missing_keys"])


def load_config(folder, architecture):
    """Return the configuration of a snapshot as no model has changed it yet; some do."""
    return model_class(architecture).config_class.from_pretrained(folder, local_files_only=True)


def build_source(architecture, config, num_classes):
    """Return a model of the same architecture from the config in the evidence, not initialised."""
    found = model_class(architecture)
    config = found.config_class(**copy.deepcopy(config), num_labels=num_classes, attn_implementation="eager")
    with no_init_weights():  # it takes longest, and every caller gives the model weights
        return found(config)


def kept_config(config):
    """Return the keyword arguments that make this architecture again; only plain JSON values."""
    kept = {
        key: value for key, value in config.to_diff_dict().items() if key not in NOT_ARCHITECTURE
    }
    kept = json.loads(json.dumps(kept, allow_nan=False))
    again = type(config)(**copy.deepcopy(kept), num_labels=config.num_labels).to_dict()
    differing = sorted(
        key
        for key, value in config.to_dict().items()
        if key not in NOT_ARCHITECTURE and as_json(value) != as_json(again.get(key))
    )
    if differing:
        raise SystemExit(
            f"the configuration cannot be written down, these values differ: {differing}"
        )
    return kept


def as_json(value):
    """Return the value as JSON sees it, where a tuple is a list and keys are texts."""
    return json.loads(json.dumps(value, default=str))


def head_module(model, pixels):
    """Return (name of the last linear layer to run, whether its output is the model's answer)."""
    calls = []
    hooks = [
        module.register_forward_hook(lambda _, __, output, name=name: calls.append((name, output)))
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear)
    ]
    with torch.inference_mode():
        answer = model(**arguments(model, pixels)).to_tuple()[0]
    for hook in hooks:
        hook.remove()
    if not calls:
        return "", False
    name, output = calls[-1]
    return name, output.shape == answer.shape and torch.equal(output, answer)


class Wrapped(torch.nn.Module):
    """The transformers model under the name that the TAO module holds it by."""

    def __init__(self, architecture, config, num_classes):
        """Build it, not initialised."""
        super().__init__()
        self.hf_model = build_source(architecture, config, num_classes)

    def forward(self, pixels):
        """Return everything that the transformers model answers."""
        return self.hf_model(**arguments(self.hf_model, pixels))


def build_timm(block, channels, num_classes):
    """Return the timm model of a weight map, not initialised where timm allows it."""
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


def build_target(document):
    """Return a new target model for the evidence of a weight map, not initialised."""
    if document["is_timm"]:
        return build_timm(document["timm"], document["input"]["channels"], document["num_classes"])
    return Wrapped(document["architecture"], document["config"], document["num_classes"])


def answers(model, pixels):
    """Return the floating tensors that a model answers; the first are the logits."""
    with torch.inference_mode():
        if isinstance(model, transformers.PreTrainedModel):
            output = model(**arguments(model, pixels))
        else:
            output = model(pixels)
    tensors = [output] if torch.is_tensor(output) else float_tensors(output.to_tuple())
    # Detectors that read text answer -inf for a token that is none, +inf for a proposal outside of the image.
    return [torch.where(torch.isinf(tensor), 0, tensor) for tensor in tensors]


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
