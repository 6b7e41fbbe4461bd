"""The rendered TAO module against the HuggingFace model: schema, weights, forward.

Inputs: name, class_name, config_package (of the schema), model (snapshot), architecture, checkpoint
(converted), spec, overrides, packages (folders that must be Python packages), schema_folders (their
copies of the schema must be equal but for header and package prefix), images (folder).
"""

import importlib
import pathlib

import numpy as np
import torch
import transformers
from lib.evidence import digests, read_inputs, sha256, write_json
from lib.numbers import relative_difference
from omegaconf import OmegaConf
from PIL import Image

WORKSPACE = pathlib.Path("/workspace")
REAL_IMAGES = 16


def merged_spec(inputs):
    """Return the spec merged into the schema, as the entry point merges it."""
    schema = importlib.import_module(f"{inputs['config_package']}.{inputs['name']}.default_config")
    spec = OmegaConf.merge(OmegaConf.structured(schema.ExperimentConfig), OmegaConf.load(inputs["spec"]))
    return OmegaConf.merge(spec, OmegaConf.from_dotlist(inputs["overrides"])), schema.__file__


def missing_package_files(folders, without):
    """Folders with Python files that lack an __init__.py."""
    missing = []
    for folder in folders:
        root = WORKSPACE / folder
        inner = [path for path in root.rglob("*") if path.is_dir() and path.name not in without]
        for path in [root, *inner]:
            if path.name != "__pycache__" and not (path / "__init__.py").is_file():
                missing.append(str(path.relative_to(WORKSPACE)))
    return missing


def schema_body(path):
    """Return the lines of a schema file without header and package prefix."""
    lines = (WORKSPACE / path).read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith("#")]
    return [line.replace("nvidia_tao_pytorch", "PACKAGE").replace("nvidia_tao_deploy", "PACKAGE") for line in body]


def build(inputs, spec):
    """Return the Lightning module with the weights of the converted checkpoint."""
    package = f"nvidia_tao_pytorch.cv.{inputs['name']}"
    lightning = importlib.import_module(f"{package}.model.{inputs['name']}_pl_model")
    module = getattr(lightning, f"{inputs['class_name']}PlModel")(spec, export=False)
    content = torch.load(inputs["checkpoint"], map_location="cpu", weights_only=True)
    result = module.load_state_dict(content["state_dict"], strict=False)
    return module.eval(), result, content["state_dict"]


def batches(inputs, spec):
    """Yield (name, batch): random input and real images in the form the model takes."""
    preprocessing = importlib.import_module(f"nvidia_tao_pytorch.cv.{inputs['name']}.dataloader.preprocessing")
    torch.manual_seed(0)
    shape = (spec.export.input_channel, spec.export.input_height, spec.export.input_width)
    yield "random", torch.randn(4, *shape)
    paths = sorted(path for path in pathlib.Path(inputs["images"]).rglob("*") if path.is_file())
    step = max(1, len(paths) // REAL_IMAGES)
    mean, std = list(spec.dataset.augmentation.mean), list(spec.dataset.augmentation.std)
    real = [preprocessing.preprocess(Image.open(path), mean, std) for path in paths[::step][:REAL_IMAGES]]
    yield "real images", torch.from_numpy(np.stack(real))


def compare(inputs, module, spec):
    """Compare the logits of both models on every batch."""
    source_class = getattr(transformers, inputs["architecture"])
    source = source_class.from_pretrained(inputs["model"], local_files_only=True, torch_dtype=torch.float32,
                                          attn_implementation="eager").eval()
    rows = []
    with torch.no_grad():
        for name, batch in batches(inputs, spec):
            reference = source(pixel_values=batch).logits.numpy()
            values = module.model(batch).numpy()
            rows.append({"input": name, "images": len(batch), "shape": list(values.shape),
                         "finite": bool(np.isfinite(values).all()),
                         "relative_difference": relative_difference(values, reference)})
            print(f"{name}: relative difference {rows[-1]['relative_difference']:.3g}")
    return rows


def registered(name):
    """Whether TAO's registry knows the backbone."""
    from nvidia_tao_pytorch.cv.backbone_v2 import BACKBONE_REGISTRY
    return name in BACKBONE_REGISTRY


def main():
    """Write what the rendered module is worth."""
    inputs = read_inputs()
    spec, schema_file = merged_spec(inputs)
    module, loaded, state = build(inputs, spec)
    rows = compare(inputs, module, spec)
    bodies = [schema_body(f"{folder}/{inputs['name']}/default_config.py") for folder in inputs["schema_folders"]]
    write_json(inputs["evidence"], {
        "schema": "taohf/module/v1",
        "schema_file": schema_file,
        "schema_in_workspace": schema_file.startswith("/workspace/"),
        "schema_copies_equal": all(body == bodies[0] for body in bodies),
        "registered": registered(inputs["name"]),
        "missing_package_files": missing_package_files(inputs["packages"], ("experiment_specs", "specs")),
        "missing_keys": sorted(loaded.missing_keys),
        "unexpected_keys": sorted(loaded.unexpected_keys),
        "tensors": len(state),
        "not_finite": sorted(key for key, value in state.items()
                             if value.is_floating_point() and not torch.isfinite(value).all()),
        "comparisons": rows,
        "relative_difference": max(row["relative_difference"] for row in rows),
        "finite": all(row["finite"] for row in rows),
        "sha256": digests([inputs["checkpoint"]]),
        "checkpoint_sha256": sha256(inputs["checkpoint"]),
    })


if __name__ == "__main__":
    main()
