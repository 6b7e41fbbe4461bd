"""Answers of the TAO module, and of the exported ONNX graph, on a split.

Inputs: name, class_name, config_package, checkpoint, spec, overrides, onnx, root (of the dataset),
dataset (of the task), image (ledger of the image processor), batch_size, answers (.npz).
"""

import numpy as np
import onnx
import onnxruntime
import torch
from lib import adapter, answers
from lib.compared import difference, least_cosine
from lib.evidence import digests, read_inputs, sha256, write_json
from lib.tao_module import load_checkpoint, merged_spec


def graph_facts(path):
    """Return what the ONNX file says of itself; an invalid graph is an observation."""
    try:
        onnx.checker.check_model(path)
        problem = ""
    except Exception as error:  # the checker's own exception types vary by version
        problem = str(error)[:300]
    graph = onnx.load(path).graph
    values = [onnx.numpy_helper.to_array(item) for item in graph.initializer]
    tensors = {side: [{"name": item.name, "rank": len(item.type.tensor_type.shape.dim),
                       "dynamic_batch": bool(item.type.tensor_type.shape.dim[0].dim_param)}
                      for item in getattr(graph, side)] for side in ("input", "output")}
    return {"problem": problem, "inputs": tensors["input"], "outputs": tensors["output"],
            "names": {"inputs": [item["name"] for item in tensors["input"]],
                      "outputs": [item["name"] for item in tensors["output"]]},
            "dynamic_batch": all(item["dynamic_batch"] for side in tensors.values() for item in side),
            "initializers": len(values),
            "initializers_finite": all(is_finite(value) for value in values if value.dtype.kind == "f")}


def is_finite(value):
    """Whether the numbers of an initializer are; a single infinity is what masks fill in, no weight."""
    return bool(np.isfinite(value).all() or (value.ndim == 0 and np.isinf(value)))


def main():
    """Write the answers, and how the graph compares with them."""
    inputs = read_inputs()
    spec, _ = merged_spec(inputs)
    module, _, _ = load_checkpoint(inputs, spec, export=adapter.GRAPH_DIFFERS)
    session = onnxruntime.InferenceSession(inputs["onnx"], providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_outputs()]
    paths = adapter.compared_images(inputs)

    def of_module(batch):
        with torch.no_grad():
            return adapter.native_answers(module.model, adapter.tao_batch(inputs, batch, "pytorch"), inputs)

    def of_graph(batch):
        feed = adapter.feed(adapter.tao_batch(inputs, batch, "pytorch"), inputs)
        return dict(zip(names, session.run(names, feed)))

    native = answers.collect(paths, inputs["batch_size"], of_module)
    graph = answers.collect(paths, inputs["batch_size"], of_graph)
    answers.save(inputs["answers"], native, paths, inputs["root"])
    metric = adapter.metric(inputs, paths, native)
    print(f"TAO module: {len(paths)} images, metric {metric}")
    write_json(inputs["evidence"], {
        "schema": "taohf/native_answers/v1", "images": len(paths), "metric": metric,
        "onnx": {**graph_facts(inputs["onnx"]), "relative_difference": difference(graph, native),
                 "cosine": least_cosine(graph, native), "sha256": sha256(inputs["onnx"])},
        "sha256": digests([inputs["answers"], inputs["onnx"], inputs["checkpoint"]])})


if __name__ == "__main__":
    main()
