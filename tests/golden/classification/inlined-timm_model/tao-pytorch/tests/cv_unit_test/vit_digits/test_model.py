# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Tests of the model of vit_digits, with random weights."""

import copy

import pytest
import torch
from omegaconf import OmegaConf

from nvidia_tao_pytorch.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_pytorch.cv.backbone_v2 import BACKBONE_REGISTRY
from nvidia_tao_pytorch.cv.classification_pyt.model.classifier import build_model
from nvidia_tao_pytorch.cv.vit_digits.model import backbone
from nvidia_tao_pytorch.cv.vit_digits.utils import hf_checkpoint_converter as converter


@pytest.fixture(name="model", scope="module")
def fixture_model(spec_file):
    """Return the model that the tests share; none of them changes it."""
    return build_model(OmegaConf.merge(OmegaConf.structured(ExperimentConfig), OmegaConf.load(spec_file))).eval()


def logits(model, images):
    """Return what a model says in evaluation mode.

    Args:
        model (torch.nn.Module): The model.
        images (torch.Tensor): Its input.
    """
    with torch.no_grad():
        return model.eval()(images)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_backbone_is_registered(model):
    """The type of the spec is an entry of TAO's registry and builds this class."""
    assert "vit_digits" in [name for name, _ in BACKBONE_REGISTRY]
    assert isinstance(model, backbone.VitDigits)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_forward_gives_finite_logits(model, spec, images):
    """There is one finite logit for each image and class."""
    out = logits(model, images)
    assert out.shape == (2, spec.dataset.num_classes)
    assert torch.isfinite(out).all()


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_classifier_takes_the_features(model, images):
    """The features in front of the classifier have the size it expects; it can be replaced."""
    with torch.no_grad():
        features = model.forward_pre_logits(images)
    assert features.shape[-1] == model.get_classifier().in_features
    other = copy.deepcopy(model)
    other.reset_classifier(3)
    assert other.get_classifier().out_features == 3
    assert other.num_classes == 3


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_state_dict_round_trip(model, spec, images):
    """A second model with the first one's weights says the same."""
    second = build_model(spec)
    second.load_state_dict(model.state_dict())
    assert torch.equal(logits(model, images), logits(second, images))


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.parametrize("more_classes", [0, 1])
def test_pretrained_weights_load(model, spec, images, tmp_path, more_classes):
    """All weights of a checkpoint arrive; a head for another number of classes stays random."""
    source = model.state_dict()
    path = tmp_path / "pretrained.pth"
    torch.save({"tao_model": "classification", "pytorch-lightning_version": "2.0.0",
                "state_dict": {f"model.{name}": value for name, value in source.items()}}, path)
    spec.dataset.num_classes += more_classes
    spec.model.backbone.pretrained_backbone_path = str(path)
    loaded = build_model(spec)
    other = [name for name, value in loaded.state_dict().items() if value.shape != source[name].shape]
    assert bool(other) == bool(more_classes)
    assert all(torch.equal(value, source[name]) for name, value in loaded.state_dict().items() if name not in other)
    assert logits(loaded, images).shape == (2, spec.dataset.num_classes)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_frozen_backbone_trains_its_head(spec):
    """Of a frozen backbone only the classifier learns."""
    spec.model.backbone.freeze_backbone = True
    frozen = build_model(spec)
    trained = {name for name, value in frozen.named_parameters() if value.requires_grad}
    head = {id(value) for value in frozen.get_classifier().parameters()}
    assert trained == {name for name, value in frozen.named_parameters() if id(value) in head}


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_stages_hold_the_trunk(model):
    """The stages that can be frozen are parts of the model, and hold most of it."""
    own = {id(value): value.numel() for value in model.parameters()}
    staged = {id(value) for stage in model.get_stage_dict().values() for value in stage.parameters()}
    assert staged <= set(own)
    trunk = sum(own.values()) - sum(value.numel() for value in model.get_classifier().parameters())
    assert sum(own[key] for key in staged) > trunk / 2


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_converted_weights_give_the_same_logits(model, spec, images):
    """The converter carries every tensor of the timm model over."""
    source = backbone.build_timm_model(images.shape[1], spec.dataset.num_classes).eval()
    converted = copy.deepcopy(model)
    converted.load_state_dict(converter.map_state_dict(source.state_dict()))
    expected = logits(source, images)
    torch.testing.assert_close(logits(converted, images), expected, rtol=1e-3, atol=1e-4 * expected.abs().max().item())


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_frozen_norms_stand_still():
    """With frozen norms a batch norm stays in evaluation mode when the training begins."""
    frozen = backbone.VitDigits(freeze_norm=True)
    frozen.timm_model.add_module("norm_of_this_test", torch.nn.BatchNorm2d(3))
    assert not frozen.train().timm_model.norm_of_this_test.training
    assert frozen.timm_model.training
