"""The rendered TAO module against the HuggingFace model: schema, weights, forward.

Inputs: name, class_name, config_package (of the schema), model (snapshot), library, architecture, code_module,
checkpoint (converted), spec, overrides, packages (folders that must be Python packages), schema_folders (their
copies of the schema must be equal but for header and package prefix), root and dataset (of the task),
image (ledger of the image processor).
"""

import pathlib

import numpy as np
import torch
from lib import adapter
from lib.compared import difference
from lib.evidence import digests, read_inputs, sha256, write_json
from lib.pixels import random_unit
from lib.sources import load_model
from lib.tao_module import load_checkpoint, merged_spec, new_module

WORKSPACE = pathlib.Path("/workspace")
REAL_IMAGES = 16
BATCH = 4


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


def batches(inputs):
    """Yield (name, input of HuggingFace, input of TAO): random and real images."""
    yield "random", *adapter.both_of(random_unit(inputs["image"], BATCH, seed=0), inputs["image"])
    paths = adapter.compared_images(inputs)
    step = max(1, len(paths) // REAL_IMAGES)
    chosen = paths[::step][:REAL_IMAGES]
    for first in range(0, len(chosen), BATCH):
        part = chosen[first:first + BATCH]
        yield f"real images from {first}", adapter.hf_batch(inputs, part), adapter.tao_batch(inputs, part, "pytorch")


def compare(inputs, module):
    """Compare the answers of both models on every batch."""
    source = load_model(inputs["model"], inputs)
    rows = []
    with torch.no_grad():
        for name, pixels, tao_pixels in batches(inputs):
            reference = adapter.hf_answers(source, pixels, inputs)
            values = adapter.native_answers(module.model, tao_pixels, inputs)
            rows.append({"input": name, "images": len(pixels),
                         "shapes": {output: list(value.shape) for output, value in values.items()},
                         "finite": all(bool(np.isfinite(value).all()) for value in values.values()),
                         "relative_difference": difference(values, reference)})
            print(f"{name}: relative difference {rows[-1]['relative_difference']:.3g}")
    return rows


def parts_not_training(inputs, spec):
    """Return the parts of a new module that are not in training mode; Lightning keeps the mode that it finds."""
    model = new_module(inputs, spec).model
    return sorted(name or "the model" for name, part in model.named_modules() if not part.training)


def main():
    """Write what the rendered module is worth."""
    inputs = read_inputs()
    spec, schema_file = merged_spec(inputs)
    module, loaded, state = load_checkpoint(inputs, spec)
    rows = compare(inputs, module)
    bodies = [schema_body(f"{folder}/{inputs['name']}/default_config.py") for folder in inputs["schema_folders"]]
    write_json(inputs["evidence"], {
        "schema": "taohf/module/v1",
        "schema_file": schema_file,
        "schema_in_workspace": schema_file.startswith("/workspace/"),
        "schema_copies_equal": all(body == bodies[0] for body in bodies),
        "registered": adapter.registered(inputs),
        "parts_not_training": parts_not_training(inputs, spec),
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
