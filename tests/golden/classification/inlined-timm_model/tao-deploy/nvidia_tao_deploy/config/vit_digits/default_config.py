# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Experiment configuration of vit_digits."""

from dataclasses import dataclass
from typing import List

from ..classification_pyt.default_config import (
    AugmentationConfig as ReferenceAugmentationConfig,
    BackboneConfig as ReferenceBackboneConfig,
    DatasetConfig as ReferenceDatasetConfig,
    ExperimentConfig as ReferenceExperimentConfig,
    ExportExpConfig as ReferenceExportConfig,
    ModelConfig as ReferenceModelConfig,
)
from ..utils.types import DATACLASS_FIELD, INT_FIELD, LIST_FIELD, STR_FIELD


@dataclass
class BackboneConfig(ReferenceBackboneConfig):
    """Backbone config."""

    type: str = STR_FIELD(
        value="vit_digits",
        default_value="vit_digits",
        valid_options="vit_digits",
        display_name="Backbone architecture",
        description="The ViTForImageClassification of examples/digits"
    )


@dataclass
class ModelConfig(ReferenceModelConfig):
    """Model config."""

    backbone: BackboneConfig = DATACLASS_FIELD(BackboneConfig())


@dataclass
class AugmentationConfig(ReferenceAugmentationConfig):
    """Augmentation config with the normalisation that the model was trained with."""

    mean: List[float] = LIST_FIELD(
        arrList=[0.5, 0.5, 0.5],
        default_value=[0.5, 0.5, 0.5],
        display_name="Mean",
        description="Mean of each channel, taken from the image processor"
    )
    std: List[float] = LIST_FIELD(
        arrList=[0.5, 0.5, 0.5],
        default_value=[0.5, 0.5, 0.5],
        display_name="Standard deviation",
        description="Standard deviation of each channel, taken from the image processor"
    )


@dataclass
class DatasetConfig(ReferenceDatasetConfig):
    """Dataset config."""

    num_classes: int = INT_FIELD(
        value=10,
        default_value=10,
        valid_min=1,
        valid_max="inf",
        description="The number of classes in the training data"
    )
    img_size: int = INT_FIELD(
        value=32,
        default_value=32,
        valid_min=1,
        description="The input image size"
    )
    augmentation: AugmentationConfig = DATACLASS_FIELD(AugmentationConfig())


@dataclass
class ExportExpConfig(ReferenceExportConfig):
    """Export config with the input size of the model."""

    input_width: int = INT_FIELD(
        value=32,
        default_value=32,
        valid_min=1,
        description="Width of the input image tensor"
    )
    input_height: int = INT_FIELD(
        value=32,
        default_value=32,
        valid_min=1,
        description="Height of the input image tensor"
    )


@dataclass
class ExperimentConfig(ReferenceExperimentConfig):
    """Experiment config."""

    model_name: str = STR_FIELD(
        value="vit_digits",
        default_value="vit_digits",
        description="Name of the model"
    )
    model: ModelConfig = DATACLASS_FIELD(ModelConfig())
    dataset: DatasetConfig = DATACLASS_FIELD(DatasetConfig())
    export: ExportExpConfig = DATACLASS_FIELD(ExportExpConfig())
