# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""What the tests of vit_digits share: generated images, the spec and a seed. No GPU, no network, no snapshot."""

import os

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from PIL import Image

from nvidia_tao_pytorch.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_pytorch.cv import vit_digits as package

SPEC = os.path.join(os.path.dirname(package.__file__), "experiment_specs", "experiment_spec.yaml")
MARKERS = {
    "cv_unit": "unit test of a computer vision model",
    "vit_digits": "test of vit_digits",
    "train": "test of the training",
    "evaluate": "test of the evaluation",
    "inference": "test of the inference",
    "export": "test of the ONNX export",
}


def pytest_configure(config):
    """Register the markers, so that --strict-markers passes.

    Args:
        config (pytest.Config): The configuration of this run.
    """
    for name, text in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {text}")


@pytest.fixture(autouse=True)
def fixture_seed():
    """Give every test the same random numbers."""
    torch.manual_seed(7)


@pytest.fixture(name="spec_file", scope="session")
def fixture_spec_file():
    """Return the path of the experiment spec."""
    return SPEC


@pytest.fixture(name="dataset_root", scope="session")
def fixture_dataset_root(tmp_path_factory):
    """Return a data set of two classes with noisy images of different sizes, a multiple of the batch size."""
    root = tmp_path_factory.mktemp("dataset")
    names = [f"class_{index:05d}" for index in range(OmegaConf.structured(ExperimentConfig).dataset.num_classes)]
    (root / "classes.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    random = np.random.default_rng(7)
    for split in ("train", "val", "test"):
        for index, name in enumerate(names[:2]):
            folder = root / split / name
            folder.mkdir(parents=True)
            for number, (height, width) in enumerate([(40, 56), (61, 47)]):
                pixels = random.integers(100 * index, 100 * index + 156, (height, width, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return root


@pytest.fixture(name="spec")
def fixture_spec(dataset_root, tmp_path):
    """Return the schema, the spec and what the command line would add."""
    paths = {f"{split}_dataset": {"images_dir": str(dataset_root / split)} for split in ("train", "val", "test")}
    return OmegaConf.merge(OmegaConf.structured(ExperimentConfig), OmegaConf.load(SPEC), {
        "results_dir": str(tmp_path / "results"),
        "dataset": {"root_dir": str(dataset_root), "batch_size": 2, "workers": 0, **paths},
        "train": {"num_epochs": 1, "optim": {"lr": 0.001}},
    })


@pytest.fixture(name="images")
def fixture_images():
    """Return a batch of two random model inputs."""
    return torch.randn(2, 3, 32, 32)
