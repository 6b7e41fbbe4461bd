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

"""Image loader of vit_digits."""

import os

import numpy as np

from nvidia_tao_deploy.cv.classification_tf1.dataloader import ClassificationLoader
from nvidia_tao_deploy.cv.vit_digits.preprocessing import preprocess


def read_class_names(root_dir, images_dir):
    """Return the class names in the order of the training: classes.txt, else the sorted folders.

    Args:
        root_dir (str): Folder that may hold classes.txt.
        images_dir (str): Folder with one sub-folder for each class.
    """
    path = os.path.join(root_dir, "classes.txt")
    if os.path.isfile(path):
        with open(path, "r", encoding="utf-8") as file:
            return [line.strip() for line in file if line.strip()]
    return sorted(entry.name for entry in os.scandir(images_dir) if entry.is_dir())


class VitDigitsLoader(ClassificationLoader):
    """Classification images, prepared as the HuggingFace image processor does it."""

    def __init__(self, shape, images_dir, class_names, mean, std, is_inference=False):
        """List the images.

        Args:
            shape (list): (channel, height, width) of the engine's input.
            images_dir (str): Folder with the images.
            class_names (list): Class names in index order.
            mean (list): Mean of each channel.
            std (list): Standard deviation of each channel.
            is_inference (bool): Whether the images carry no label.
        """
        mapping = {name: index for index, name in enumerate(class_names)}
        super().__init__(
            shape, [images_dir], mapping, is_inference=is_inference, batch_size=1, mode="torch",
            image_mean=mean, image_std=std, dtype=np.float32)

    def preprocessing(self, image):
        """Return the model input of a Pillow image.

        Args:
            image (PIL.Image.Image): The image as loaded.
        """
        pixels = preprocess(image, self.image_mean, self.image_std)
        if pixels.shape[1:] != (self.height, self.width):
            raise ValueError(f"the engine takes {self.height}x{self.width} images, the model {pixels.shape[1:]}")
        return pixels

    def batches(self, batch_size):
        """Yield (paths, images, labels) for all images; the last batch may be smaller.

        Args:
            batch_size (int): Largest number of images at a time.
        """
        for first in range(0, self.n_samples, batch_size):
            rows = range(first, min(first + batch_size, self.n_samples))
            items = [self._get_single_processed_item(row) for row in rows]
            yield ([str(self.image_paths[row]) for row in rows],
                   np.stack([image for image, _ in items]),
                   [label for _, label in items])
