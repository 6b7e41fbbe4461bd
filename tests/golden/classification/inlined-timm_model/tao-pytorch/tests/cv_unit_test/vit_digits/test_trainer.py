# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Tests of the training of vit_digits: a few steps on generated images, with random weights."""

import csv
import json
import os

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import CSVLogger

from nvidia_tao_pytorch.cv.vit_digits.dataloader.pl_vit_digits_data_module import VitDigitsDataModule
from nvidia_tao_pytorch.cv.vit_digits.model.vit_digits_pl_model import VitDigitsPlModel


def make_trainer(spec):
    """Return a trainer for one epoch on one device.

    Args:
        spec (OmegaConf.DictConfig): The experiment configuration.
    """
    return pl.Trainer(
        accelerator="auto", devices=1, max_epochs=1, logger=CSVLogger(spec.results_dir), num_sanity_val_steps=0,
        enable_progress_bar=False, enable_model_summary=False)


def loss_of(model, batch):
    """Return the loss of a batch in evaluation mode.

    Args:
        model (VitDigitsPlModel): The module.
        batch (dict): Images and labels.
    """
    with torch.no_grad():
        return model.criterion(model.cpu().eval().model(batch["img"]), batch["class"].long()).item()


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.train
def test_training_changes_the_loss_and_writes_a_checkpoint(spec):
    """Two steps move the weights, and the checkpoint holds the moved ones."""
    data = VitDigitsDataModule(spec.dataset)
    data.setup("fit")
    batch = next(iter(data.val_dataloader()))
    model = VitDigitsPlModel(spec)
    before = {name: value.clone() for name, value in model.model.named_parameters()}
    loss = loss_of(model, batch)
    trainer = make_trainer(spec)
    trainer.fit(model.train(), data)
    assert trainer.global_step == 2
    trained = loss_of(model, batch)
    assert trained == trained and trained != loss
    assert any(not torch.equal(value, before[name]) for name, value in model.model.named_parameters())
    assert all(torch.isfinite(value).all() for value in model.model.parameters())

    assert os.path.isfile(os.path.join(spec.results_dir, "model_epoch_000.pth"))
    latest = os.path.join(spec.results_dir, "vit_digits_model_latest.pth")
    loaded = VitDigitsPlModel.load_from_checkpoint(latest, map_location="cpu", experiment_spec=spec)
    assert loss_of(loaded, batch) == pytest.approx(trained, rel=1e-4, abs=1e-6)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.evaluate
def test_evaluation_writes_the_accuracy(spec):
    """The metrics reach results.json."""
    os.makedirs(spec.results_dir)
    make_trainer(spec).test(VitDigitsPlModel(spec), datamodule=VitDigitsDataModule(spec.dataset))
    with open(os.path.join(spec.results_dir, "results.json"), "r", encoding="utf-8") as file:
        results = json.load(file)
    assert 0 <= results["val_acc_1"] <= 1


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.inference
def test_inference_writes_one_row_for_each_image(spec, dataset_root):
    """Every image of the test split has a class and a score."""
    os.makedirs(spec.results_dir)
    make_trainer(spec).predict(
        VitDigitsPlModel(spec), datamodule=VitDigitsDataModule(spec.dataset), return_predictions=False)
    with open(os.path.join(spec.results_dir, "result.csv"), "r", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = (dataset_root / "classes.txt").read_text(encoding="utf-8").split()
    assert sorted(row["img_name"] for row in rows) == sorted(map(str, (dataset_root / "test").rglob("*.png")))
    assert all(row["pred_label"] in names and 0 < float(row["pred_score"]) <= 1 for row in rows)
