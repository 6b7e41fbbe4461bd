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

"""Tests of the data of vit_digits: what the model sees is what preprocessing.py says."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from nvidia_tao_pytorch.cv.vit_digits.dataloader import preprocessing
from nvidia_tao_pytorch.cv.vit_digits.dataloader.pl_vit_digits_data_module import VitDigitsDataModule

MEAN = [0.5, 0.5, 0.5]
STD = [0.5, 0.5, 0.5]
SHAPE = (3, 32, 32)


def expected_color(color):
    """Return the normalised channels of a colour, computed without the module under test.

    Args:
        color (tuple): Red, green and blue in 0..255.
    """
    channels = color[::-1] if "rgb" == "bgr" else color
    return [(value * 0.00392156862745098 - mean) / std for value, mean, std in zip(channels, MEAN, STD)]


def labels_of(paths, root):
    """Return the line numbers of the images' folders in classes.txt.

    Args:
        paths (list): The images.
        root (pathlib.Path): The data set.
    """
    names = (root / "classes.txt").read_text(encoding="utf-8").split()
    return [names.index(os.path.basename(os.path.dirname(path))) for path in paths]


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.parametrize("size", [(64, 64), (90, 31), (31, 90), (1000, 700), (9, 7)])
def test_preprocessing_gives_the_shape_of_the_model(size):
    """Images of any size become model inputs."""
    pixels = preprocessing.preprocess(Image.new("RGB", size), MEAN, STD)
    assert pixels.shape == SHAPE
    assert pixels.dtype == np.float32
    assert pixels.flags["C_CONTIGUOUS"]


@pytest.mark.cv_unit
@pytest.mark.vit_digits
def test_preprocessing_normalises_each_channel():
    """Scale, order and normalisation are the image processor's."""
    color = (200, 120, 40)
    pixels = preprocessing.preprocess(Image.new("RGB", (300, 300), color), MEAN, STD)
    np.testing.assert_allclose(pixels[:, SHAPE[1] // 2, SHAPE[2] // 2], expected_color(color), rtol=1e-4, atol=1e-5)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1"])
def test_preprocessing_takes_every_mode(mode):
    """Images that are not RGB are converted."""
    image = Image.new("RGB", (80, 80), (255, 255, 255)).convert(mode)
    pixels = preprocessing.preprocess(image, MEAN, STD)
    np.testing.assert_allclose(
        pixels[:, SHAPE[1] // 2, SHAPE[2] // 2], expected_color((255, 255, 255)), rtol=1e-4, atol=1e-5)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.evaluate
@pytest.mark.parametrize("stage", ["fit", "test"])
def test_labelled_images_follow_the_rule(spec, dataset_root, stage):
    """Validation and test images are preprocessed as the rule says and carry the label of classes.txt."""
    data = VitDigitsDataModule(spec.dataset)
    data.setup(stage)
    dataset = data.val_dataset if stage == "fit" else data.test_dataset
    items = [dataset[index] for index in range(len(dataset))]
    assert len(items) == len(list((dataset_root / "val").rglob("*.png")))
    for item in items:
        expected = preprocessing.preprocess(Image.open(item["name"]), MEAN, STD)
        assert torch.equal(item["img"], torch.from_numpy(expected))
    assert [item["class"] for item in items] == labels_of([item["name"] for item in items], dataset_root)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.inference
def test_images_without_label_follow_the_rule(spec, dataset_root):
    """The batches of an inference hold every image once."""
    data = VitDigitsDataModule(spec.dataset)
    data.setup("predict")
    seen = []
    for batch in data.predict_dataloader():
        assert "class" not in batch
        for image, path in zip(batch["img"], batch["name"]):
            assert torch.equal(image, torch.from_numpy(preprocessing.preprocess(Image.open(path), MEAN, STD)))
            seen.append(path)
    assert sorted(seen) == sorted(str(path) for path in (dataset_root / "test").rglob("*.png"))


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.train
def test_training_batches_have_labels(spec, dataset_root):
    """The batches of a training hold every image once, in the shape of the model."""
    data = VitDigitsDataModule(spec.dataset)
    data.setup("fit")
    batches = list(data.train_dataloader())
    assert [batch["img"].shape for batch in batches] == [(2, *SHAPE)] * len(batches)
    assert torch.cat([batch["img"] for batch in batches]).dtype == torch.float32
    labels = labels_of([str(path) for path in (dataset_root / "train").rglob("*.png")], dataset_root)
    assert sorted(torch.cat([batch["class"] for batch in batches]).tolist()) == sorted(labels)


@pytest.mark.cv_unit
@pytest.mark.vit_digits
@pytest.mark.train
def test_training_images_have_the_range_of_the_evaluation(spec):
    """TAO's augmentation ends in the scale, order and normalisation that the model was trained with."""
    data = VitDigitsDataModule(spec.dataset)
    data.setup("fit")
    color = (200, 120, 40)
    images = torch.stack(data.train_dataset.augmentor.transform([Image.new("RGB", (300, 300), color)]))
    middle = images[0, :, SHAPE[1] // 2, SHAPE[2] // 2].numpy()
    np.testing.assert_allclose(middle, expected_color(color), rtol=1e-3, atol=1e-4)
