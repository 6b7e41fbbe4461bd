# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Export vit_digits to ONNX."""

import os

import torch

from nvidia_tao_pytorch.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_pytorch.core.decorators.workflow import monitor_status
from nvidia_tao_pytorch.core.hydra.hydra_runner import hydra_runner
from nvidia_tao_pytorch.cv.classification_pyt.scripts import export as reference
from nvidia_tao_pytorch.cv.vit_digits.model.vit_digits_pl_model import VitDigitsPlModel

spec_root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@hydra_runner(
    config_path=os.path.join(spec_root, "experiment_specs"), config_name="experiment_spec", schema=ExperimentConfig
)
@monitor_status(name="VitDigits", mode="export")
def main(cfg: ExperimentConfig) -> None:
    """Run the exporter of the reference: input `input`, output `output`, dynamic batch only."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    reference.ClassifierPlModel = VitDigitsPlModel
    reference.run_export(cfg)


if __name__ == "__main__":
    main()
