# Copyright (c) 2026, NVIDIA CORPORATION.  All rights reserved.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Tests of the configuration of vit_digits."""

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import ConfigKeyError, ValidationError

from nvidia_tao_core.config.vit_digits.default_config import ExperimentConfig

# What the command line gives.
PATHS = {
    "results_dir", "dataset.root_dir", "dataset.train_dataset.images_dir", "dataset.val_dataset.images_dir",
    "dataset.test_dataset.images_dir", "evaluate.checkpoint", "inference.checkpoint", "export.checkpoint",
    "export.onnx_file",
}
DEFAULTS = {
    "model.backbone.type": "vit_digits",
    "dataset.num_classes": 10,
    "dataset.img_size": 32,
    "dataset.augmentation.mean": [0.5, 0.5, 0.5],
    "dataset.augmentation.std": [0.5, 0.5, 0.5],
    "export.input_channel": 3,
    "export.input_height": 32,
    "export.input_width": 32,
}


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.parametrize("key", DEFAULTS)
def test_schema_has_the_values_of_the_model(key):
    """The defaults are the model's."""
    assert OmegaConf.select(OmegaConf.structured(ExperimentConfig), key) == DEFAULTS[key]


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_schema_names_the_model():
    """The experiment carries the model's name."""
    assert OmegaConf.structured(ExperimentConfig).model_name == "vit_digits"


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.parametrize("key", DEFAULTS)
def test_spec_agrees_with_the_schema(spec_file, key):
    """What the spec writes down again is the same."""
    assert OmegaConf.select(OmegaConf.load(spec_file), key) == DEFAULTS[key]


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_spec_leaves_only_paths_open(spec_file):
    """Everything but the paths has a value."""
    assert OmegaConf.missing_keys(OmegaConf.load(spec_file)) == PATHS


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_spec_merges(spec, dataset_root):
    """Schema, spec and command line go together; the last one wins."""
    assert spec.train.num_epochs == 1
    assert spec.train.optim.optim == "adamw"
    assert spec.dataset.root_dir == str(dataset_root)
    assert list(spec.model.head.topk) == [1]


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_slips_are_refused():
    """An unknown key and a wrong type are errors."""
    schema = OmegaConf.structured(ExperimentConfig)
    with pytest.raises(ConfigKeyError):
        OmegaConf.merge(schema, {"dataset": {"number_of_classes": 2}})
    with pytest.raises(ValidationError):
        OmegaConf.merge(schema, {"dataset": {"num_classes": "two"}})
