# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""TensorRT inferencer of vit_digits."""

import numpy as np

from nvidia_tao_deploy.cv.classification_tf1.inferencer import ClassificationInferencer
from nvidia_tao_deploy.cv.vit_digits.dataloader import VitDigitsLoader


class VitDigitsInferencer(ClassificationInferencer):
    """Classification inferencer that accepts batches smaller than the one it was made for."""

    def infer(self, imgs):
        """Return the logits of the given images, without the rows that only fill the buffer.

        Args:
            imgs (np.ndarray): Images of shape (n, C, H, W), n at most the batch size.
        """
        return np.array(super().infer(imgs))[:len(imgs)]


def softmax(logits):
    """Return the probabilities of logits of shape (n, classes).

    Args:
        logits (np.ndarray): The logits.
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def predict(cfg, action, class_names, is_inference):
    """Yield (paths, logits, labels) of all images for one action of the spec.

    Args:
        cfg (ExperimentConfig): The experiment configuration.
        action (str): `inference` or `evaluate`.
        class_names (list): Class names in index order.
        is_inference (bool): Whether the images carry no label.
    """
    batch_size = cfg[action].batch_size if cfg[action].batch_size > 0 else cfg.dataset.batch_size
    inferencer = VitDigitsInferencer(cfg[action].trt_engine, batch_size=batch_size)
    loader = VitDigitsLoader(
        inferencer.input_tensors[0].shape, cfg.dataset.test_dataset.images_dir, class_names,
        list(cfg.dataset.augmentation.mean), list(cfg.dataset.augmentation.std), is_inference=is_inference)
    for paths, images, labels in loader.batches(batch_size):
        logits = inferencer.infer(images)
        if logits.shape[1] != len(class_names):
            raise ValueError(f"there are {len(class_names)} class names, but the engine gives {logits.shape[1]} logits")
        yield paths, logits, labels
