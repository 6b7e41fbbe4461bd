# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Command line of vit_digits."""

import argparse

from nvidia_tao_pytorch.core.entrypoint import command_line_parser, get_subtasks, launch
from nvidia_tao_pytorch.cv.vit_digits import scripts


def get_subtask_list():
    """Return the subtasks, one for each module of the scripts package."""
    return get_subtasks(scripts)


def main():
    """Parse the command line and launch the subtask."""
    parser = argparse.ArgumentParser(
        "vit_digits",
        add_help=True,
        description="Train Adapt Optimize entrypoint for vit_digits",
    )
    subtasks = get_subtask_list()
    args, unknown_args = command_line_parser(parser, subtasks)
    launch(vars(args), unknown_args, subtasks, network="vit_digits")


if __name__ == "__main__":
    main()
