# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Evaluate a TensorRT engine of vit_digits."""

import json
import logging
import os

import numpy as np

from nvidia_tao_deploy.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_deploy.cv.common.decorators import monitor_status
from nvidia_tao_deploy.cv.common.hydra.hydra_runner import hydra_runner
from nvidia_tao_deploy.cv.vit_digits.dataloader import read_class_names
from nvidia_tao_deploy.cv.vit_digits.inferencer import predict

logging.getLogger('PIL').setLevel(logging.WARNING)
logging.basicConfig(format='%(asctime)s [TAO Toolkit] [%(levelname)s] %(name)s %(lineno)d: %(message)s',
                    level="INFO")
logger = logging.getLogger(__name__)
spec_root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def top_k_accuracy(logits, labels, k):
    """Return the share of the images whose label is among the k largest logits.

    Args:
        logits (np.ndarray): Logits of shape (n, classes).
        labels (np.ndarray): Labels of shape (n,).
        k (int): How many guesses count.
    """
    order = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    return float((order == labels[:, None]).any(axis=1).mean())


@hydra_runner(
    config_path=os.path.join(spec_root, "specs"), config_name="evaluate", schema=ExperimentConfig
)
@monitor_status(name="vit_digits", mode="evaluate")
def main(cfg: ExperimentConfig) -> None:
    """Write results.json with the accuracy for every k of the spec."""
    names = read_class_names(cfg.dataset.root_dir, cfg.dataset.test_dataset.images_dir)
    batches = list(predict(cfg, "evaluate", names, is_inference=False))
    logits = np.concatenate([batch for _, batch, _ in batches])
    labels = np.concatenate([batch for _, _, batch in batches])
    results = {f"top_{k}_accuracy": top_k_accuracy(logits, labels, k) for k in cfg.model.head.topk}
    results["top_k_accuracy"] = results[f"top_{cfg.model.head.topk[0]}_accuracy"]
    results["images"] = len(labels)
    with open(os.path.join(cfg.results_dir, "results.json"), "w", encoding="utf-8") as file:
        json.dump(results, file)
    logger.info("Results: %s", results)


if __name__ == '__main__':
    main()
