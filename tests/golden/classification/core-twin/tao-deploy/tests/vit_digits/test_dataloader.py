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

"""Tests of the image loader of vit_digits: what the engine sees is what preprocessing.py says."""

import numpy as np
import pytest
from PIL import Image

from nvidia_tao_deploy.cv.vit_digits.dataloader import VitDigitsLoader, read_class_names
from nvidia_tao_deploy.cv.vit_digits.preprocessing import preprocess

MEAN = [0.5, 0.5, 0.5]
STD = [0.5, 0.5, 0.5]
SHAPE = (3, 32, 32)
# Not in alphabetical order: the order is the training's.
NAMES = ["zebra", "ant", "mole"]


@pytest.fixture(name="root")
def fixture_root(tmp_path):
    """Return a data set of three classes with five images of different sizes and modes."""
    (tmp_path / "classes.txt").write_text("\n".join(NAMES) + "\n", encoding="utf-8")
    random = np.random.default_rng(7)
    for number, (name, mode) in enumerate(
            [("zebra", "RGB"), ("zebra", "L"), ("ant", "RGBA"), ("ant", "RGB"), ("mole", "RGB")]):
        folder = tmp_path / "val" / name
        folder.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (40 + 9 * number, 70 - 7 * number, 3), dtype=np.uint8)
        Image.fromarray(pixels).convert(mode).save(folder / f"{number}.png")
    return tmp_path


def make_loader(root, **kwargs):
    """Return a loader of the data set.

    Args:
        root (pathlib.Path): The data set.
        **kwargs: Further arguments.
    """
    return VitDigitsLoader(SHAPE, str(root / "val"), NAMES, MEAN, STD, **kwargs)


def expected_color(color):
    """Return the normalised channels of a colour, computed without the module under test.

    Args:
        color (tuple): Red, green and blue in 0..255.
    """
    channels = color[::-1] if "rgb" == "bgr" else color
    return [(value * 0.00392156862745098 - mean) / std for value, mean, std in zip(channels, MEAN, STD)]


def test_class_names_come_from_the_file(root):
    """The order is that of classes.txt."""
    assert read_class_names(str(root), str(root / "val")) == NAMES


def test_class_names_come_from_the_folders(root):
    """Without classes.txt the sorted folders count."""
    (root / "classes.txt").unlink()
    assert read_class_names(str(root), str(root / "val")) == sorted(NAMES)


def test_batches_follow_the_rule(root):
    """Every image comes once, preprocessed and with its label; the last batch is smaller."""
    batches = list(make_loader(root).batches(2))
    assert [len(paths) for paths, _, _ in batches] == [2, 2, 1]
    assert sorted(path for paths, _, _ in batches for path in paths) == sorted(map(str, root.rglob("*.png")))
    for paths, images, labels in batches:
        assert images.shape == (len(paths), *SHAPE)
        assert images.dtype == np.float32
        for path, image, label in zip(paths, images, labels):
            np.testing.assert_array_equal(image, preprocess(Image.open(path), MEAN, STD))
            assert path.split("/")[-2] == NAMES[label]


def test_images_without_label(root):
    """An inference needs no class folders."""
    labels = [label for _, _, batch in make_loader(root, is_inference=True).batches(8) for label in batch]
    assert labels == [-1] * 5


def test_colors_are_normalised(root):
    """Scale, order and normalisation are the image processor's."""
    color = (200, 120, 40)
    pixels = make_loader(root).preprocessing(Image.new("RGB", (300, 300), color))
    np.testing.assert_allclose(pixels[:, SHAPE[1] // 2, SHAPE[2] // 2], expected_color(color), rtol=1e-4, atol=1e-5)


def test_engine_of_another_size_is_refused(root):
    """An engine with another input size than the model's cannot get wrong images."""
    loader = VitDigitsLoader((SHAPE[0], SHAPE[1] + 1, SHAPE[2]), str(root / "val"), NAMES, MEAN, STD)
    with pytest.raises(ValueError):
        next(loader.batches(1))
