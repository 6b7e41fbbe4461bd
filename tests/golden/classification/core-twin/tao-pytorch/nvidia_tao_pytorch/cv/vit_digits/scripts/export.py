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

"""Export vit_digits to ONNX."""

import os

import torch

from nvidia_tao_core.config.vit_digits.default_config import ExperimentConfig
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
