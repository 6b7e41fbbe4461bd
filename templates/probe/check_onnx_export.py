"""The module through the ONNX exporter: names, ranks, checker, ONNX Runtime with two batch sizes.

Inputs: name, class_name, config_package, checkpoint, spec, overrides, tensors (inputs, outputs, opset).
"""

import importlib
import pathlib
import tempfile

import onnx
import onnxruntime
import torch
from lib.evidence import read_inputs, write_json
from lib.numbers import cosine, relative_difference
from omegaconf import OmegaConf


def build(inputs):
    """Return (module, spec) with the converted weights, built for export."""
    schema = importlib.import_module(f"{inputs['config_package']}.{inputs['name']}.default_config")
    spec = OmegaConf.merge(OmegaConf.structured(schema.ExperimentConfig), OmegaConf.load(inputs["spec"]),
                           OmegaConf.from_dotlist(inputs["overrides"]))
    package = f"nvidia_tao_pytorch.cv.{inputs['name']}"
    lightning = importlib.import_module(f"{package}.model.{inputs['name']}_pl_model")
    module = getattr(lightning, f"{inputs['class_name']}PlModel")(spec, export=True)
    module.load_state_dict(torch.load(inputs["checkpoint"], map_location="cpu", weights_only=True)["state_dict"])
    return module.model.eval(), spec


def export(module, batch, path, tensors):
    """Export with the names of the task."""
    names_in = [item["name"] for item in tensors["inputs"]]
    names_out = [item["name"] for item in tensors["outputs"]]
    torch.onnx.export(module, (batch,), path, input_names=names_in, output_names=names_out,
                      dynamic_axes={name: {0: "batch"} for name in names_in + names_out},
                      opset_version=tensors["opset"])


def compare(module, session, shape):
    """Run one and two images through both."""
    rows = []
    for size in (1, 2):
        torch.manual_seed(size)
        batch = torch.randn(size, *shape)
        with torch.no_grad():
            reference = module(batch).numpy()
        values = session.run(None, {session.get_inputs()[0].name: batch.numpy()})[0]
        rows.append({"batch": size, "relative_difference": relative_difference(values, reference),
                     "cosine": cosine(values, reference)})
    return rows


def main():
    """Write how the exported graph answers."""
    inputs = read_inputs()
    module, spec = build(inputs)
    shape = (spec.export.input_channel, spec.export.input_height, spec.export.input_width)
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "probe.onnx")
        export(module, torch.randn(1, *shape), path, inputs["tensors"])
        graph = onnx.load(path)
        onnx.checker.check_model(graph)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        rows = compare(module, session, shape)
    write_json(inputs["evidence"], {
        "schema": "taohf/onnx_round_trip/v1",
        "inputs": [{"name": item.name, "rank": len(item.shape)} for item in session.get_inputs()],
        "outputs": [{"name": item.name, "rank": len(item.shape)} for item in session.get_outputs()],
        "names": {"inputs": [item.name for item in session.get_inputs()],
                  "outputs": [item.name for item in session.get_outputs()]},
        "operators": sorted({node.op_type for node in graph.graph.node}),
        "comparisons": rows,
        "relative_difference": max(row["relative_difference"] for row in rows),
    })


if __name__ == "__main__":
    main()
