# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Convert a HuggingFace snapshot of ViTForImageClassification to a checkpoint of vit_digits.

    python -m nvidia_tao_pytorch.cv.vit_digits.utils.hf_checkpoint_converter --snapshot DIR --output FILE.pth

The file serves as `model.backbone.pretrained_backbone_path` and as `evaluate.checkpoint`,
`inference.checkpoint` or `export.checkpoint`.
"""

import argparse

import pytorch_lightning
import torch
from transformers import ViTForImageClassification


def map_state_dict(source):
    """Return the tensors under the names of the TAO model.

    Args:
        source (dict): State dict of the transformers model.
    """
    return {f"hf_model.{name}": value for name, value in source.items()}


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
