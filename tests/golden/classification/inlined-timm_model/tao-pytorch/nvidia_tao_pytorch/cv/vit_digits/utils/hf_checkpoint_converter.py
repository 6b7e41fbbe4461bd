# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Convert a HuggingFace snapshot of ViTForImageClassification to a checkpoint of vit_digits.

    python -m nvidia_tao_pytorch.cv.vit_digits.utils.hf_checkpoint_converter --snapshot DIR --output FILE.pth

The file serves as `model.backbone.pretrained_backbone_path` and as `evaluate.checkpoint`,
`inference.checkpoint` or `export.checkpoint`.
"""

import argparse
import os

import pytorch_lightning
import torch
from timm.models import load_state_dict


def map_state_dict(source):
    """Return the tensors under the names of the TAO model.

    Args:
        source (dict): State dict of the timm model.
    """
    return {f"timm_model.{name}": value for name, value in source.items()}


def read_weights(snapshot):
    """Return the tensors of a snapshot in float32; nothing in it is executed.

    Args:
        snapshot (str): Folder with config.json and the weights.
    """
    paths = [os.path.join(snapshot, name) for name in ("model.safetensors", "pytorch_model.bin")]
    found = [path for path in paths if os.path.isfile(path)]
    if not found:
        raise FileNotFoundError(f"{snapshot} has neither model.safetensors nor pytorch_model.bin")
    return {name: value.float() if value.is_floating_point() else value
            for name, value in load_state_dict(found[0]).items()}


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
