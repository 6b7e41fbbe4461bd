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

"""Data module of vit_digits."""

import torch

from nvidia_tao_pytorch.cv.classification_pyt.dataloader.pl_classification_data_module import CLDataModule
from nvidia_tao_pytorch.cv.vit_digits.dataloader.preprocessing import CHANNEL_ORDER, RESCALE, preprocess

INPUT_SIZE = (32, 32)


class EvaluationTransform:
    """The image processor of the HuggingFace model, behind the interface of CLDataAugmentation."""

    def __init__(self, mean, std):
        """Keep the normalisation of the spec.

        Args:
            mean (list): Mean of each channel.
            std (list): Standard deviation of each channel.
        """
        self.mean = list(mean)
        self.std = list(std)

    def transform(self, imgs, to_tensor=True):
        """Return the model input of each Pillow image; there is no other form of it.

        Args:
            imgs (list): Pillow images.
            to_tensor (bool): Part of the interface.
        """
        return [torch.from_numpy(preprocess(img, self.mean, self.std)) for img in imgs]


class TrainingTransform:
    """TAO's augmentation, followed by what the image processor sizes, scales and orders differently."""

    def __init__(self, augmentation):
        """Wrap the augmentation of the reference.

        Args:
            augmentation (CLDataAugmentation): Scales to 0..1, normalises, keeps the order RGB.
        """
        self.augmentation = augmentation
        self.mean = torch.tensor(list(augmentation.mean)).view(-1, 1, 1)
        self.std = torch.tensor(list(augmentation.std)).view(-1, 1, 1)

    def transform(self, imgs, to_tensor=True):
        """Augment the images and bring them to the range of the model.

        Args:
            imgs (list): Pillow images.
            to_tensor (bool): Part of the interface.
        """
        return [self._to_model_range(img) for img in self.augmentation.transform(imgs, to_tensor=True)]

    def _to_model_range(self, pixels):
        """Undo the normalisation, apply the rescale factor and the channel order, normalise again.

        TAO's images are square, a model's input need not be.
        """
        if INPUT_SIZE[0] != INPUT_SIZE[1]:
            pixels = torch.nn.functional.interpolate(pixels[None], INPUT_SIZE, mode="bilinear", antialias=True)[0]
        pixels = (pixels * self.std + self.mean) * (255 * RESCALE)
        if CHANNEL_ORDER == "bgr":
            pixels = pixels.flip(0)
        return (pixels - self.mean) / self.std


class VitDigitsDataModule(CLDataModule):
    """Classification data, prepared as the HuggingFace image processor does it."""

    def setup(self, stage=None):
        """Build the data sets of the reference and give them the transforms of this model.

        Args:
            stage (str): fit, test, predict, calibration or None for all.
        """
        super().setup(stage)
        evaluation = EvaluationTransform(self.augmentation["mean"], self.augmentation["std"])
        for name in ("val_dataset", "test_dataset", "predict_dataset", "calib_dataset"):
            dataset = getattr(self, name, None)
            if dataset is not None:
                dataset.augmentor = evaluation
        if stage in ("fit", None):
            self.train_dataset.augmentor = TrainingTransform(self.train_dataset.augmentor)
