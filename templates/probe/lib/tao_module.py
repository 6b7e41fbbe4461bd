"""The rendered TAO module with the weights of a checkpoint."""

import importlib

import torch
from lib import adapter
from omegaconf import OmegaConf


def merged_spec(inputs, overrides=()):
    """Return (spec merged into the schema as the entry point merges it, file of the schema)."""
    schema = importlib.import_module(f"{inputs['config_package']}.{inputs['name']}.default_config")
    spec = OmegaConf.merge(OmegaConf.structured(schema.ExperimentConfig), OmegaConf.load(inputs["spec"]),
                           OmegaConf.from_dotlist([*inputs["overrides"], *overrides]))
    return spec, schema.__file__


def new_module(inputs, spec, export=False):
    """Return the Lightning module as the rendered scripts build it, not initialised with any checkpoint."""
    package = f"nvidia_tao_pytorch.cv.{inputs['name']}"
    lightning = importlib.import_module(f"{package}.model.{inputs['name']}_pl_model")
    return adapter.new_module(getattr(lightning, f"{inputs['class_name']}PlModel"), spec, export)


def load_checkpoint(inputs, spec, export=False):
    """Return (module in evaluation mode, what loading missed, the checkpoint's tensors)."""
    module = new_module(inputs, spec, export)
    state = torch.load(inputs["checkpoint"], map_location="cpu", weights_only=True)["state_dict"]
    loaded = module.load_state_dict(state, strict=False)
    return module.eval(), loaded, state
