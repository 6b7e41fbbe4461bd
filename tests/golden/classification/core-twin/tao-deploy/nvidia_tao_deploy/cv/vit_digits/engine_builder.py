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

"""TensorRT engine builder of vit_digits."""

import os

import numpy as np

from nvidia_tao_deploy.cv.classification_tf1.engine_builder import ClassificationEngineBuilder
from nvidia_tao_deploy.cv.vit_digits.dataloader import VitDigitsLoader
from nvidia_tao_deploy.engine.calibrator import EngineCalibrator


class CalibrationBatches:
    """Preprocessed images in the form that EngineCalibrator reads."""

    def __init__(self, loader, batch_size, count):
        """Keep the first images of a loader.

        Args:
            loader (VitDigitsLoader): Where the images come from.
            batch_size (int): Images in a batch.
            count (int): Largest number of images.
        """
        self.loader = loader
        self.batch_size = batch_size
        self.count = min(count, loader.n_samples) // batch_size * batch_size
        self.shape = [batch_size, loader.num_channels, loader.height, loader.width]
        self.dtype = np.dtype(np.float32)
        self.num_images = self.count
        self.image_index = 0

    def get_batch(self):
        """Yield (images, paths, scales) for whole batches."""
        for paths, images, _ in self.loader.batches(self.batch_size):
            if self.image_index + len(paths) > self.count:
                return
            self.image_index += len(paths)
            yield images, paths, None


class VitDigitsEngineBuilder(ClassificationEngineBuilder):
    """Builds engines whose INT8 calibration sees the images as the model does."""

    def __init__(self, mean, std, **kwargs):
        """Keep the normalisation for a calibration.

        Args:
            mean (list): Mean of each channel.
            std (list): Standard deviation of each channel.
            **kwargs: Arguments of ClassificationEngineBuilder.
        """
        super().__init__(data_format="channels_first", preprocess_mode="torch", **kwargs)
        self.mean = mean
        self.std = std

    def set_calibrator(self, inputs=None, calib_cache=None, calib_input=None, calib_num_images=5000,
                       calib_batch_size=8, calib_data_file=None, image_mean=None):
        """Calibrate from a cache, else from the images of a folder.

        Args:
            inputs (list): Network inputs.
            calib_cache (str): The cache file.
            calib_input (str or list): Folder with images, or a list whose first item is one.
            calib_num_images (int): Largest number of images.
            calib_batch_size (int): Images in a batch.
            calib_data_file (str): Part of the interface.
            image_mean (list): Part of the interface.
        """
        self.config.int8_calibrator = EngineCalibrator(calib_cache)
        if os.path.exists(calib_cache):
            return
        folder = calib_input if isinstance(calib_input, str) else list(calib_input)[0]
        loader = VitDigitsLoader(list(inputs[0].shape[1:]), folder, [], self.mean, self.std, is_inference=True)
        self.config.int8_calibrator.set_image_batcher(CalibrationBatches(loader, calib_batch_size, calib_num_images))
