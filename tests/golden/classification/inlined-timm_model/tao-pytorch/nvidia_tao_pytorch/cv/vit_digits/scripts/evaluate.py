# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Evaluate vit_digits."""

import os

from nvidia_tao_pytorch.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_pytorch.core.decorators.workflow import monitor_status
from nvidia_tao_pytorch.core.hydra.hydra_runner import hydra_runner
from nvidia_tao_pytorch.core.tlt_logging import obfuscate_logs
from nvidia_tao_pytorch.cv.classification_pyt.scripts import evaluate as reference
from nvidia_tao_pytorch.cv.vit_digits.dataloader.pl_vit_digits_data_module import VitDigitsDataModule
from nvidia_tao_pytorch.cv.vit_digits.model.vit_digits_pl_model import VitDigitsPlModel

spec_root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@hydra_runner(
    config_path=os.path.join(spec_root, "experiment_specs"), config_name="experiment_spec", schema=ExperimentConfig
)
@monitor_status(name="VitDigits", mode="evaluate")
def main(cfg: ExperimentConfig) -> None:
    """Run the evaluation of the reference with the module and the data of vit_digits."""
    obfuscate_logs(cfg)
    reference.CLDataModule = VitDigitsDataModule
    reference.ClassifierPlModel = VitDigitsPlModel
    reference.run_experiment(cfg, cfg.encryption_key)


if __name__ == "__main__":
    main()
