"""The module through the rendered export script: names, ranks, checker, ONNX Runtime with several batch sizes.

Inputs: name, class_name, config_package, checkpoint, spec, overrides, tensors and dataset (of the task), root
(of the dataset), image (ledger of the image processor).
"""

import importlib
import pathlib
import tempfile

import onnx
import onnxruntime
import torch
from lib import adapter
from lib.compared import difference, least_cosine
from lib.evidence import read_inputs, write_json
from lib.pixels import random_unit
from lib.tao_module import load_checkpoint, merged_spec


def export(inputs, folder):
    """Run the rendered script on the converted checkpoint; return (path of the graph, spec)."""
    path = str(pathlib.Path(folder) / "probe.onnx")
    spec, _ = merged_spec(inputs, [f"results_dir={folder}", f"export.results_dir={folder}", f"export.onnx_file={path}",
                                   f"export.checkpoint={inputs['checkpoint']}"])
    importlib.import_module(f"nvidia_tao_pytorch.cv.{inputs['name']}.scripts.export").main(spec)
    return path, spec


def compare(inputs, module, session):
    """Run batches of every size that the task allows through both."""
    names = [item.name for item in session.get_outputs()]
    rows = []
    for size in adapter.GRAPH_BATCHES:
        _, pixels = adapter.both_of(random_unit(inputs["image"], size, seed=size), inputs["image"])
        with torch.no_grad():
            reference = adapter.native_answers(module.model, pixels, inputs)
        values = dict(zip(names, session.run(names, adapter.feed(pixels, inputs))))
        rows.append({"batch": size, "relative_difference": difference(values, reference),
                     "cosine": least_cosine(values, reference)})
    return rows


def main():
    """Write how the exported graph answers."""
    inputs = read_inputs()
    with tempfile.TemporaryDirectory() as folder:
        path, spec = export(inputs, folder)
        graph = onnx.load(path)
        onnx.checker.check_model(graph)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        module, _, _ = load_checkpoint(inputs, spec, export=adapter.GRAPH_DIFFERS)
        rows = compare(inputs, module, session)
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
