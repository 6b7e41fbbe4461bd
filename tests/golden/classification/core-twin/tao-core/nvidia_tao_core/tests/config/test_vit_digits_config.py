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

"""Tests of the configuration schema of vit_digits."""

from dataclasses import fields, is_dataclass

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import ConfigKeyError, ValidationError

from nvidia_tao_core.config.classification_pyt.default_config import ExperimentConfig as ReferenceExperimentConfig
from nvidia_tao_core.config.vit_digits.default_config import ExperimentConfig

DEFAULTS = {
    "model_name": "vit_digits",
    "model.backbone.type": "vit_digits",
    "dataset.num_classes": 10,
    "dataset.img_size": 32,
    "dataset.augmentation.mean": [0.5, 0.5, 0.5],
    "dataset.augmentation.std": [0.5, 0.5, 0.5],
    "export.input_channel": 3,
    "export.input_height": 32,
    "export.input_width": 32,
}


def leaves(value, path=""):
    """Yield (path, metadata) of every field below a dataclass.

    Args:
        value (object): An instance.
        path (str): Where it stands.
    """
    for field in fields(value):
        inner = getattr(value, field.name)
        if is_dataclass(inner):
            yield from leaves(inner, f"{path}{field.name}.")
        else:
            yield f"{path}{field.name}", field.metadata


@pytest.mark.parametrize("key", DEFAULTS)
def test_defaults_are_the_model(key):
    """The defaults are the model's."""
    assert OmegaConf.select(OmegaConf.structured(ExperimentConfig), key) == DEFAULTS[key]


def test_fields_are_those_of_the_reference():
    """The schema changes defaults of classification_pyt and adds or loses nothing."""
    own = {path for path, _ in leaves(ExperimentConfig())}
    assert own == {path for path, _ in leaves(ReferenceExperimentConfig())}


def test_metadata_agrees_with_the_values():
    """What the API tells as default is what the dataclass has."""
    schema = OmegaConf.structured(ExperimentConfig)
    metadata = dict(leaves(ExperimentConfig()))
    for key, expected in DEFAULTS.items():
        assert metadata[key]["default_value"] == expected, key
        assert OmegaConf.select(schema, key) == expected


def test_experiment_merges():
    """A spec changes what it names and leaves the rest."""
    spec = OmegaConf.merge(OmegaConf.structured(ExperimentConfig), OmegaConf.create("""
        dataset: {root_dir: /data, batch_size: 3}
        train: {num_epochs: 2, optim: {lr: 0.5}}
    """))
    assert (spec.dataset.root_dir, spec.dataset.batch_size) == ("/data", 3)
    assert (spec.train.num_epochs, spec.train.optim.lr) == (2, 0.5)
    assert spec.dataset.num_classes == 10


def test_slips_are_refused():
    """An unknown key and a wrong type are errors."""
    schema = OmegaConf.structured(ExperimentConfig)
    with pytest.raises(ConfigKeyError):
        OmegaConf.merge(schema, {"dataset": {"number_of_classes": 2}})
    with pytest.raises(ValidationError):
        OmegaConf.merge(schema, {"dataset": {"num_classes": "two"}})


def test_reference_keeps_its_defaults():
    """Deriving from classification_pyt does not change it."""
    assert OmegaConf.structured(ReferenceExperimentConfig).model.backbone.type != "vit_digits"
