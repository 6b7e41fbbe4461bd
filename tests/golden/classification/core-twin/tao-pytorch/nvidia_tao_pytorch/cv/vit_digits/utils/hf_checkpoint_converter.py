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

"""Convert a HuggingFace snapshot of ViTForImageClassification to a checkpoint of vit_digits.

    python -m nvidia_tao_pytorch.cv.vit_digits.utils.hf_checkpoint_converter --snapshot DIR --output FILE.pth

The file serves as `model.backbone.pretrained_backbone_path` and as `evaluate.checkpoint`,
`inference.checkpoint` or `export.checkpoint`.
"""

import argparse
import os

import pytorch_lightning
import torch
import yaml
from transformers import ViTForImageClassification

WEIGHT_MAP = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "model", "weight_map.yaml")


def read_weight_map(path=WEIGHT_MAP):
    """Return the entries of the weight map: source names, operation, target name and shape.

    Args:
        path (str): The YAML file.
    """
    with open(path, "r", encoding="utf-8") as file:
        return yaml.safe_load(file)["entries"]


def map_tensor(entry, source):
    """Return the tensor that one entry of the weight map makes.

    Args:
        entry (dict): The entry; `concatenate` joins its sources along the first axis.
        source (dict): The source tensors.
    """
    if entry["op"] not in ("copy", "concatenate", "reshape"):
        raise ValueError(f"unknown operation {entry['op']} for {entry['target']}")
    value = torch.cat([source[name] for name in entry["source"]])
    return value.reshape(entry["shape"])


def map_state_dict(source):
    """Return the tensors under the names of the TAO model.

    Args:
        source (dict): State dict of the transformers model.
    """
    return {entry["target"]: map_tensor(entry, source) for entry in read_weight_map()}


def read_weights(snapshot):
    """Return the tensors of a snapshot in float32.

    Args:
        snapshot (str): Folder with config.json and the weights.
    """
    model = ViTForImageClassification.from_pretrained(snapshot, local_files_only=True, torch_dtype=torch.float32)
    return model.state_dict()


def convert(snapshot):
    """Return the checkpoint of a snapshot.

    Args:
        snapshot (str): Folder with config.json and the weights.
    """
    mapped = map_state_dict(read_weights(snapshot))
    return {
        "tao_model": "classification",
        "pytorch-lightning_version": pytorch_lightning.__version__,
        "epoch": 0,
        "global_step": 0,
        "state_dict": {f"model.{name}": value.contiguous() for name, value in mapped.items()},
    }


def main():
    """Convert the snapshot named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshot", required=True, help="folder with config.json and the weights")
    parser.add_argument("--output", required=True, help="the checkpoint to write, FILE.pth")
    args = parser.parse_args()
    torch.save(convert(args.snapshot), args.output)


if __name__ == "__main__":
    main()
