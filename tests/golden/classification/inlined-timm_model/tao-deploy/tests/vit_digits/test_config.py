# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Tests of the configuration of vit_digits in TAO Deploy."""

import os

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import ConfigKeyError

from nvidia_tao_deploy.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_deploy.cv import vit_digits as package
from nvidia_tao_deploy.cv.common.initialize_experiments import initialize_gen_trt_engine_experiment

SPECS = os.path.join(os.path.dirname(package.__file__), "specs")
# The spec of each action and what the command line gives.
OPEN = {
    "gen_trt_engine": {"results_dir", "gen_trt_engine.onnx_file", "gen_trt_engine.trt_engine"},
    "inference": {"results_dir", "inference.trt_engine", "dataset.root_dir", "dataset.test_dataset.images_dir"},
    "evaluate": {"results_dir", "evaluate.trt_engine", "dataset.root_dir", "dataset.test_dataset.images_dir"},
}


def load(action):
    """Return the spec of an action as it is written.

    Args:
        action (str): Its name.
    """
    return OmegaConf.load(os.path.join(SPECS, f"{action}.yaml"))


@pytest.mark.parametrize("action", OPEN)
def test_spec_leaves_only_paths_open(action):
    """Everything but the paths has a value."""
    assert OmegaConf.missing_keys(load(action)) == OPEN[action]


@pytest.mark.parametrize("action", OPEN)
def test_spec_merges_into_the_schema(action):
    """The merged spec carries the model's name, classes and normalisation."""
    spec = OmegaConf.merge(OmegaConf.structured(ExperimentConfig), load(action))
    assert spec.model_name == "vit_digits"
    assert spec.dataset.num_classes == 10
    assert list(spec.dataset.augmentation.mean) == [0.5, 0.5, 0.5]
    assert list(spec.dataset.augmentation.std) == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("action", OPEN)
def test_unknown_key_is_refused(action):
    """A slip on the command line is an error."""
    with pytest.raises(ConfigKeyError):
        OmegaConf.merge(OmegaConf.structured(ExperimentConfig), load(action), {action: {"trt_engin": "x"}})


def test_command_line_wins():
    """The last word is the command line's."""
    spec = OmegaConf.merge(
        OmegaConf.structured(ExperimentConfig), load("inference"), OmegaConf.from_dotlist(["inference.batch_size=3"]))
    assert spec.inference.batch_size == 3


def test_engine_spec_reaches_the_builder():
    """TAO's own reading of the spec gives a dynamic batch and the wanted precision."""
    spec = OmegaConf.merge(OmegaConf.structured(ExperimentConfig), load("gen_trt_engine"), {
        "gen_trt_engine": {"onnx_file": "m.onnx", "trt_engine": "m.engine", "tensorrt": {"data_type": "FP32"}}})
    builder, engine = initialize_gen_trt_engine_experiment(spec)
    assert builder["batch_size"] == -1
    assert builder["min_batch_size"] <= builder["opt_batch_size"] <= builder["max_batch_size"]
    assert engine["engine_path"] == "m.engine"
    assert engine["precision"] == "fp32"
