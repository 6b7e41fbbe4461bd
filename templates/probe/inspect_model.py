"""Load the model from the snapshot, run it once and export it, without network.

Inputs: model (snapshot folder), inspection (what the host read from the files), onnx (file to write).
"""

import inspect as reflection
import json
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
import timm
import torch
import transformers
from lib.evidence import read_inputs, write_json
from lib.hf_model import answered, float_tensors, outputs
from lib.host_facts import host_differences
from lib.numbers import relative_difference
from lib.sources import source_of


def schema_differences(model, tensors):
    """Compare the state dict with the headers that the host read."""
    parameters = {name: list(value.shape) for name, value in model.state_dict().items()}
    headers = {item["name"]: list(item["shape"]) for item in tensors}
    return {
        "only_in_file": sorted(set(headers) - set(parameters)),
        "only_in_model": sorted(set(parameters) - set(headers)),
        "other_shape": sorted(name for name in set(headers) & set(parameters) if headers[name] != parameters[name]),
    }


class FirstOutput(torch.nn.Module):
    """The model as a function of its images with one tensor as its answer."""

    def __init__(self, model):
        """Keep the model."""
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        """Return the first output tensor."""
        return next(float_tensors(outputs(self.model, pixel_values)))


def export(module, batch, path, free_batch):
    """Write the graph; with a free batch size it was traced for one image."""
    axes = {"input": {0: "batch"}, "output": {0: "batch"}} if free_batch else None
    torch.onnx.export(module, (batch[:1] if free_batch else batch,), path, input_names=["input"],
                      output_names=["output"], dynamic_axes=axes, opset_version=17)


def try_export(module, batch, reference, path, free_batch):
    """Export and run the graph; the traps are recorded, not hidden."""
    facts = {"ok": False, "free_batch": free_batch, "error": "", "warnings": [], "relative_difference": None,
             "operators": 0}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            export(module, batch, path, free_batch)
        facts["warnings"] = sorted({str(item.message).split("\n")[0][:200] for item in caught
                                    if issubclass(item.category, torch.jit.TracerWarning)})
        graph = onnx.load(path)
        onnx.checker.check_model(graph)
        facts["operators"] = len(graph.graph.node)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        values = answered(torch.from_numpy(session.run(None, {"input": batch.numpy()})[0])).numpy()
        facts["relative_difference"] = relative_difference(values, reference)
        facts["ok"] = bool(np.isfinite(facts["relative_difference"]))
    except Exception as error:  # an exporter's failure is what this probe is for
        facts["error"] = f"{type(error).__name__}: {str(error)[:500]}"
    return facts


def probe_export(module, batch, reference, path):
    """Return what exporting shows: with a free batch size, and where that fails with a fixed one."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    free = try_export(module, batch, reference, path, free_batch=True)
    if free["ok"] and free["relative_difference"] < 1e-3:
        return free
    fixed = try_export(module, batch, reference, path, free_batch=False)
    return {**(fixed if fixed["ok"] else free), "with_free_batch": free}


def not_finite(model):
    """Names of the tensors that hold NaN or infinity."""
    return sorted(name for name, value in model.state_dict().items()
                  if value.is_floating_point() and not torch.isfinite(value).all())


def main():
    """Write what executing the model shows."""
    inputs = read_inputs()
    inspection = json.loads(pathlib.Path(inputs["inspection"]).read_text(encoding="utf-8"))
    model, info = source_of(inputs["model"], inspection).load()
    image = inspection["image"]
    torch.manual_seed(0)
    batch = torch.randn(2, image["channels"], image["height"], image["width"])
    module = FirstOutput(model)
    with torch.no_grad():
        output = answered(module(batch)).numpy()
    print(f"{inspection['architecture']}: {tuple(batch.shape)} -> {output.shape}")
    write_json(inputs["evidence"], {
        "schema": "taohf/confirmation/v1",
        "architecture": type(model).__name__,
        "source_file": reflection.getsourcefile(type(model)),
        "transformers": transformers.__version__,
        "timm": timm.__version__,
        "torch": torch.__version__,
        **info,
        "state_dict": schema_differences(model, inspection["tensors"]),
        "host_differences": host_differences(model, inputs["model"], inspection),
        "not_finite": not_finite(model),
        "output_shape": list(output.shape),
        # The axis behind the batch: classes of a classifier, queries of a detector, rows of a depth map.
        "output_length": output.shape[1],
        "output_finite": bool(np.isfinite(output).all()),
        "onnx": probe_export(module, batch, output, inputs["onnx"]),
    })


if __name__ == "__main__":
    main()
