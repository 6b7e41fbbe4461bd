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

"""Lightning module of vit_digits."""

import json
import os

from nvidia_tao_pytorch.cv.classification_pyt.model.classifier_pl_model import ClassifierPlModel
from nvidia_tao_pytorch.cv.vit_digits.model import backbone  # noqa: F401 pylint: disable=unused-import


class VitDigitsPlModel(ClassifierPlModel):
    """TAO's classifier around the backbone that the import above registers."""

    def __init__(self, experiment_spec, export=False):
        """Build the model and name its checkpoints.

        Args:
            experiment_spec (OmegaConf.DictConfig): The experiment configuration.
            export (bool): Whether the model is built for export.
        """
        super().__init__(experiment_spec, export=export)
        self.checkpoint_filename = "vit_digits_model"

    def on_test_epoch_end(self):
        """Write the metrics to results.json too: the reference only puts them into status.json."""
        super().on_test_epoch_end()
        if self.trainer.is_global_zero:
            with open(os.path.join(self.vis_dir, "results.json"), "w", encoding="utf-8") as file:
                json.dump(self.status_logging_dict, file)
