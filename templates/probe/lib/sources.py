"""The model of a snapshot as its own library builds and loads it: `source_of` gives one interface to all.

What is `named` says `library`, `architecture` and `code_module`: an inspection, a weight map, a probe's inputs.
"""

import copy
import json
import pathlib

import timm
import torch
import transformers
from lib.hf_model import outputs
from timm.models import load_state_dict
from transformers.dynamic_module_utils import get_class_from_dynamic_module
from transformers.modeling_utils import no_init_weights

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
# Arguments of timm.create_model that say where weights come from or what is cut off, not what the model is.
NOT_TIMM_ARGUMENTS = {
    "cache_dir",
    "checkpoint_path",
    "exportable",
    "features_only",
    "no_jit",
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "scriptable",
}
TIMM_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


class OfTransformers:
    """A class of transformers, or one that the snapshot's own code derives from it."""

    def __init__(self, folder, architecture, module):
        """Find the class; with a module it is imported from the snapshot, which is why no host runs this."""
        self.folder = folder
        if module:
            self.found = get_class_from_dynamic_module(f"{module}.{architecture}", folder, local_files_only=True)
        else:
            self.found = getattr(transformers, architecture, None)
        if not isinstance(self.found, type) or not issubclass(self.found, transformers.PreTrainedModel):
            place = f"{module}.py" if module else f"transformers {transformers.__version__}"
            raise SystemExit(f"{place} has no model {architecture}")

    def load(self):
        """Return (the model in float32 and evaluation mode, names of tensors that do not fit, by kind)."""
        model, info = self.found.from_pretrained(
            self.folder, local_files_only=True, trust_remote_code=False, torch_dtype=torch.float32,
            attn_implementation="eager", output_loading_info=True)
        return model.eval(), {
            "missing_keys": sorted(info["missing_keys"]),
            "unexpected_keys": sorted(info["unexpected_keys"]),
            "mismatched_keys": [list(item)[0] for item in info["mismatched_keys"]],
        }

    def configuration(self):
        """Return the snapshot's configuration as no model has changed it yet; some do."""
        return self.found.config_class.from_pretrained(self.folder, local_files_only=True)

    def kept(self):
        """Return (the arguments that make this architecture again as plain JSON, number of classes)."""
        config = self.configuration()
        return kept_config(config), config.num_labels

    def build(self, config, num_classes):
        """Return a model of what was kept, not initialised."""
        config = self.found.config_class(
            **copy.deepcopy(config), num_labels=num_classes, attn_implementation="eager")
        with no_init_weights():  # it takes longest, and every caller gives the model weights
            return self.found(config)

    def head(self, model, pixels):
        """Return (name of the last linear layer to run, whether its output is the model's answer)."""
        calls = []
        hooks = [
            module.register_forward_hook(lambda _, __, output, name=name: calls.append((name, output)))
            for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
        with torch.inference_mode():
            answer = outputs(model, pixels)[0]
        for hook in hooks:
            hook.remove()
        if not calls:
            return "", False
        name, output = calls[-1]
        return name, output.shape == answer.shape and torch.equal(output, answer)


class OfTimm:
    """An architecture of timm, described by a config.json in timm's own format."""

    def __init__(self, folder, architecture):
        """Check that timm has it, and that its arguments say nothing but what it is."""
        self.folder, self.name = folder, architecture.split(".")[0]  # what follows tells weights apart
        if not timm.is_model(self.name):
            raise SystemExit(f"timm {timm.__version__} has no model {architecture}")
        document = json.loads(pathlib.Path(folder, "config.json").read_text(encoding="utf-8"))
        self.arguments = document.get("model_args") or {}
        refused = sorted(NOT_TIMM_ARGUMENTS & set(self.arguments))
        if refused:
            raise SystemExit(f"model_args in config.json sets {refused}, which says nothing about the architecture")

    def load(self):
        """Return (the model in float32 and evaluation mode, names of tensors that do not fit, by kind)."""
        model = timm.create_model(f"local-dir:{self.folder}", pretrained=False)
        files = [pathlib.Path(self.folder, name) for name in TIMM_WEIGHTS]
        state = load_state_dict(str(next(file for file in files if file.is_file())))
        own = model.state_dict()
        other = sorted(name for name, value in state.items() if name in own and own[name].shape != value.shape)
        fitting = {name: value for name, value in state.items() if name not in other}
        info = model.load_state_dict(fitting, strict=False)
        return model.float().eval(), {
            "missing_keys": sorted(set(info.missing_keys) - set(other)),
            "unexpected_keys": sorted(info.unexpected_keys),
            "mismatched_keys": other,
        }

    def kept(self):
        """Return (the arguments of timm.create_model that make this architecture again, number of classes)."""
        given = dict(self.arguments)
        model = timm.create_model(f"local-dir:{self.folder}", pretrained=False)
        shape = model.pretrained_cfg["input_size"]
        if model.pretrained_cfg["fixed_input_size"]:
            given.setdefault("img_size", list(shape[1:]))
        given.pop("num_classes", None)
        return {"in_chans": shape[0], **given}, model.num_classes

    def build(self, config, num_classes):
        """Return a model of what was kept, not initialised where timm allows it."""
        with no_init_weights():
            return timm.create_model(self.name, pretrained=False, num_classes=num_classes, **copy.deepcopy(config))

    def head(self, model, _pixels):
        """Return (name of the classifier, whether its output is the model's answer)."""
        classifier = model.get_classifier()
        return next((name for name, module in model.named_modules() if module is classifier), ""), True


def source_of(folder, named):
    """Return how the model in a snapshot folder is loaded and built anew; the only place that chooses its class."""
    if named["library"] == "timm":
        return OfTimm(folder, named["architecture"])
    return OfTransformers(folder, named["architecture"], named["code_module"])


def load_model(folder, named):
    """Return the model of a snapshot in float32 and evaluation mode."""
    return source_of(folder, named).load()[0]


def kept_config(config):
    """Return the keyword arguments that make this architecture again; only plain JSON values."""
    kept = {key: value for key, value in config.to_diff_dict().items() if key not in NOT_ARCHITECTURE}
    kept = json.loads(json.dumps(kept, allow_nan=False))
    again = type(config)(**copy.deepcopy(kept), num_labels=config.num_labels).to_dict()
    differing = sorted(
        key for key, value in config.to_dict().items()
        if key not in NOT_ARCHITECTURE and as_json(value) != as_json(again.get(key)))
    if differing:
        raise SystemExit(f"the configuration cannot be written down, these values differ: {differing}")
    return kept


def as_json(value):
    """Return the value as JSON sees it, where a tuple is a list and keys are texts."""
    return json.loads(json.dumps(value, default=str))
