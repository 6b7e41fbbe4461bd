#!/bin/bash
# Python that we ship and that needs PyTorch or transformers, in the inspection image.
# usage: probes.sh [IGNORED]    exit code 77: no docker, or no network to make the sandbox
source "$(dirname "${BASH_SOURCE[0]}")/lib/harness.sh"
source "$(dirname "${BASH_SOURCE[0]}")/lib/inspection_image.sh"

make_fresh_workspace # with it comes the image
inside --volume "$root/templates:/templates:ro" -- python3 -W ignore -m unittest discover --start-directory /tests/probes
