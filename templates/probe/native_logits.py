"""Answers of the TAO module, and of the exported ONNX graph, on a split.

Inputs: name, class_name, config_package, checkpoint, spec, overrides, onnx, images, classes_file,
suffixes, batch_size, logits (.npz).
"""

import importlib

import numpy as np
import onnx
import onnxruntime
import torch
from lib import logits
from lib.evidence import digests, read_inputs, sha256, write_json
from lib.images import labelled_images, read_classes
from lib.numbers import cosine, relative_difference
from omegaconf import OmegaConf
from PIL import Image


def load(inputs):
    """Return (module, spec, preprocess)."""
    package = f"nvidia_tao_pytorch.cv.{inputs['name']}"
    schema = importlib.import_module(f"{inputs['config_package']}.{inputs['name']}.default_config")
    spec = OmegaConf.merge(OmegaConf.structured(schema.ExperimentConfig), OmegaConf.load(inputs["spec"]),
                           OmegaConf.from_dotlist(inputs["overrides"]))
    lightning = importlib.import_module(f"{package}.model.{inputs['name']}_pl_model")
    module = getattr(lightning, f"{inputs['class_name']}PlModel")(spec, export=False)
    module.load_state_dict(torch.load(inputs["checkpoint"], map_location="cpu", weights_only=True)["state_dict"])
    preprocessing = importlib.import_module(f"{package}.dataloader.preprocessing")
    return module.model.eval(), spec, preprocessing.preprocess


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
            "initializers_finite": all(np.isfinite(value).all() for value in values if value.dtype.kind == "f")}


def main():
    """Write the logits, and how the graph compares with them."""
    inputs = read_inputs()
    module, spec, preprocess = load(inputs)
    mean, std = list(spec.dataset.augmentation.mean), list(spec.dataset.augmentation.std)
    session = onnxruntime.InferenceSession(inputs["onnx"], providers=["CPUExecutionProvider"])
    rows = labelled_images(inputs["images"], read_classes(inputs["classes_file"]), inputs["suffixes"])
    native, graph = [], []
    with torch.no_grad():
        for batch in logits.in_batches(rows, inputs["batch_size"]):
            pixels = np.stack([preprocess(Image.open(path), mean, std) for path, _ in batch])
            native.append(module(torch.from_numpy(pixels)).numpy())
            graph.append(session.run(None, {session.get_inputs()[0].name: pixels})[0])
    native, graph = np.concatenate(native), np.concatenate(graph)
    labels = [label for _, label in rows]
    logits.save(inputs["logits"], native, rows, inputs["images"])
    print(f"TAO module: accuracy {logits.accuracy(native, labels):.4f} on {len(rows)} images")
    write_json(inputs["evidence"], {
        "schema": "taohf/native_accuracy/v1", "images": len(rows), "accuracy": logits.accuracy(native, labels),
        "onnx": {**graph_facts(inputs["onnx"]), "relative_difference": relative_difference(graph, native),
                 "cosine": cosine(graph, native), "sha256": sha256(inputs["onnx"])},
        "sha256": digests([inputs["logits"], inputs["onnx"], inputs["checkpoint"]])})


if __name__ == "__main__":
    main()
