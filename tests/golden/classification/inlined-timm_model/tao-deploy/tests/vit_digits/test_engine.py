# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Tests of the engine of vit_digits: a tiny network with the model's input goes through all three actions."""

import csv
import json
import os

import numpy as np
import onnx
import pytest
from omegaconf import OmegaConf
from PIL import Image

from nvidia_tao_deploy.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_deploy.cv import vit_digits as package
from nvidia_tao_deploy.cv.vit_digits.dataloader import VitDigitsLoader
from nvidia_tao_deploy.cv.vit_digits.engine_builder import CalibrationBatches
from nvidia_tao_deploy.cv.vit_digits.inferencer import VitDigitsInferencer, softmax
from nvidia_tao_deploy.cv.vit_digits.preprocessing import preprocess
from nvidia_tao_deploy.cv.vit_digits.scripts import evaluate, gen_trt_engine, inference

MEAN = [0.5, 0.5, 0.5]
STD = [0.5, 0.5, 0.5]
SHAPE = (3, 32, 32)
NAMES = [f"class_{index:05d}" for index in range(10)]
RANDOM = np.random.default_rng(7)
WEIGHTS = RANDOM.normal(size=(SHAPE[0], len(NAMES))).astype(np.float32)
BIAS = RANDOM.normal(size=len(NAMES)).astype(np.float32)


def expected_logits(images):
    """Return what the tiny network computes: the mean of each channel, then a linear layer.

    Args:
        images (np.ndarray): Images of shape (n, C, H, W).
    """
    return images.mean(axis=(2, 3)) @ WEIGHTS + BIAS


def assert_close(found, expected):
    """Allow for the short mantissa of TF32.

    Args:
        found (np.ndarray): Logits of the engine.
        expected (np.ndarray): Logits of NumPy.
    """
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-2 * np.abs(expected).max())


def make_spec(action, folder, **values):
    """Return the spec of an action with the paths of this test.

    Args:
        action (str): Its name.
        folder (pathlib.Path): Where the results go.
        **values: What the command line would add.
    """
    written = OmegaConf.load(os.path.join(os.path.dirname(package.__file__), "specs", f"{action}.yaml"))
    return OmegaConf.merge(
        OmegaConf.structured(ExperimentConfig), written, {"results_dir": str(folder / "results")}, values)


@pytest.fixture(name="onnx_file", scope="module")
def fixture_onnx_file(tmp_path_factory):
    """Return the tiny network as an ONNX file: the tensors are the model's, with a free batch size."""
    helper = onnx.helper
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["features"]),
            helper.make_node("Gemm", ["features", "weights", "bias"], ["output"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["batch", *SHAPE])],
        [helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ["batch", len(NAMES)])],
        [onnx.numpy_helper.from_array(WEIGHTS, "weights"), onnx.numpy_helper.from_array(BIAS, "bias")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path = tmp_path_factory.mktemp("onnx") / "tiny.onnx"
    onnx.save(model, str(path))
    return str(path)


@pytest.fixture(name="engine", scope="module")
def fixture_engine(onnx_file, tmp_path_factory):
    """Build the engine with the script and return its path."""
    folder = tmp_path_factory.mktemp("engine")
    path = folder / "tiny.engine"
    gen_trt_engine.main(make_spec("gen_trt_engine", folder, gen_trt_engine={
        "onnx_file": onnx_file, "trt_engine": str(path), "tensorrt": {"data_type": "FP32"}}))
    assert path.stat().st_size > 0
    return str(path)


@pytest.fixture(name="dataset", scope="module")
def fixture_dataset(tmp_path_factory):
    """Return the paths of a data set of plain images: root, folder of the images, images."""
    root = tmp_path_factory.mktemp("dataset")
    (root / "classes.txt").write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    images = []
    for number in range(9):
        folder = root / "val" / NAMES[number % min(2, len(NAMES))]
        folder.mkdir(parents=True, exist_ok=True)
        color = tuple(int(value) for value in RANDOM.integers(0, 256, 3))
        images.append(folder / f"{number}.png")
        Image.new("RGB", (50 + number, 60), color).save(images[-1])
    return str(root), str(root / "val"), [str(path) for path in images]


@pytest.mark.parametrize("count", [4, 3, 1])
def test_inferencer_gives_the_logits(engine, count):
    """A full batch and smaller ones give one row for each image."""
    images = RANDOM.normal(size=(count, *SHAPE)).astype(np.float32)
    inferencer = VitDigitsInferencer(engine, batch_size=4)
    assert tuple(inferencer.input_tensors[0].shape) == SHAPE
    assert_close(inferencer.infer(images), expected_logits(images))


def test_softmax_is_a_distribution():
    """Large logits do not overflow."""
    found = softmax(np.array([[1000., 1000.], [0., np.log(3.)]]))
    np.testing.assert_allclose(found, [[0.5, 0.5], [0.25, 0.75]])


def test_top_k_accuracy():
    """A label counts when it is among the k best; of equal logits the first wins."""
    logits, labels = np.array([[3., 2., 1.], [0., 2., 1.], [1., 1., 0.]]), np.array([0, 2, 1])
    assert evaluate.top_k_accuracy(logits, labels, 1) == pytest.approx(1 / 3)
    assert evaluate.top_k_accuracy(logits, labels, 2) == 1


def test_inference_writes_one_row_for_each_image(engine, dataset, tmp_path):
    """The table has the columns of the native inference and the best class of each image."""
    root, folder, images = dataset
    spec = make_spec("inference", tmp_path, inference={"trt_engine": engine, "batch_size": 4},
                     dataset={"root_dir": root, "test_dataset": {"images_dir": folder}})
    inference.main(spec)
    with open(os.path.join(spec.results_dir, "result.csv"), "r", encoding="utf-8", newline="") as file:
        rows = {row["img_name"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == sorted(images)
    for path in images:
        [scores] = softmax(expected_logits(preprocess(Image.open(path), MEAN, STD)[None]))
        assert float(rows[path]["pred_score"]) == pytest.approx(scores.max(), rel=0.05)
        assert scores[NAMES.index(rows[path]["pred_label"])] == pytest.approx(scores.max(), rel=0.05)


def test_evaluate_counts_the_hits(engine, dataset, tmp_path):
    """The accuracy is that of the same network in NumPy, over all images."""
    root, folder, images = dataset
    spec = make_spec("evaluate", tmp_path, evaluate={"trt_engine": engine, "batch_size": 4},
                     dataset={"root_dir": root, "test_dataset": {"images_dir": folder}})
    evaluate.main(spec)
    with open(os.path.join(spec.results_dir, "results.json"), "r", encoding="utf-8") as file:
        results = json.load(file)
    logits = expected_logits(np.stack([preprocess(Image.open(path), MEAN, STD) for path in images]))
    labels = np.array([NAMES.index(os.path.basename(os.path.dirname(path))) for path in images])
    assert results["images"] == len(images)
    assert results["top_1_accuracy"] == pytest.approx((logits.argmax(axis=1) == labels).mean(), abs=0.12)
    assert results["top_k_accuracy"] == results["top_1_accuracy"]


def test_other_class_names_are_refused(engine, dataset, tmp_path):
    """An engine with another number of classes than the data set names is an error."""
    _, folder, _ = dataset
    (tmp_path / "classes.txt").write_text("\n".join([*NAMES, "one_more"]), encoding="utf-8")
    with pytest.raises(ValueError):
        inference.main(make_spec(
            "inference", tmp_path, inference={"trt_engine": engine},
            dataset={"root_dir": str(tmp_path), "test_dataset": {"images_dir": folder}}))


def test_calibration_sees_the_preprocessed_images(dataset):
    """Calibration takes whole batches of images as the model sees them."""
    loader = VitDigitsLoader(SHAPE, dataset[1], [], MEAN, STD, is_inference=True)
    batches = list(CalibrationBatches(loader, 4, 100).get_batch())
    assert [images.shape for images, _, _ in batches] == [(4, *SHAPE)] * 2
    for images, paths, _ in batches:
        for image, path in zip(images, paths):
            np.testing.assert_array_equal(image, preprocess(Image.open(path), MEAN, STD))
