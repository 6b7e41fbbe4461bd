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

"""Command line of vit_digits in TAO Deploy."""

import argparse

from nvidia_tao_deploy.cv.vit_digits import scripts
from nvidia_tao_deploy.cv.common.entrypoint.entrypoint_hydra import command_line_parser, get_subtasks, launch


def get_subtask_list():
    """Return the subtasks, one for each module of the scripts package."""
    return get_subtasks(scripts)


def main():
    """Parse the command line and launch the subtask."""
    parser = argparse.ArgumentParser(
        "vit_digits",
        add_help=True,
        description="Train Adapt Optimize Deploy entrypoint for vit_digits",
    )
    subtasks = get_subtask_list()
    args, unknown_args = command_line_parser(parser, subtasks)
    launch(vars(args), unknown_args, subtasks, network="vit_digits")


if __name__ == "__main__":
    main()
