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

"""Run inference with a TensorRT engine of vit_digits."""

import csv
import logging
import os

from nvidia_tao_core.config.vit_digits.default_config import ExperimentConfig
from nvidia_tao_deploy.cv.common.decorators import monitor_status
from nvidia_tao_deploy.cv.common.hydra.hydra_runner import hydra_runner
from nvidia_tao_deploy.cv.vit_digits.dataloader import read_class_names
from nvidia_tao_deploy.cv.vit_digits.inferencer import predict, softmax

logging.getLogger('PIL').setLevel(logging.WARNING)
logging.basicConfig(format='%(asctime)s [TAO Toolkit] [%(levelname)s] %(name)s %(lineno)d: %(message)s',
                    level="INFO")
logger = logging.getLogger(__name__)
spec_root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@hydra_runner(
    config_path=os.path.join(spec_root, "specs"), config_name="inference", schema=ExperimentConfig
)
@monitor_status(name="vit_digits", mode="inference")
def main(cfg: ExperimentConfig) -> None:
    """Write result.csv with the columns of the native inference."""
    names = read_class_names(cfg.dataset.root_dir, cfg.dataset.test_dataset.images_dir)
    count = 0
    with open(os.path.join(cfg.results_dir, "result.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["img_name", "pred_label", "pred_score"])
        for paths, logits, _ in predict(cfg, "inference", names, is_inference=True):
            for path, row in zip(paths, softmax(logits)):
                writer.writerow([path, names[row.argmax()], float(row.max())])
            count += len(paths)
    logger.info("Finished inference on %d images.", count)


if __name__ == '__main__':
    main()
