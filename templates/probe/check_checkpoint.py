"""The checkpoint that a training run leaves: a link to a file of this run, loadable, finite, changed.

Inputs: checkpoint (link), start (the checkpoint that training began with), status (status.json).
"""

import pathlib

import torch
from lib.evidence import digests, read_inputs, write_json
from lib.tao_results import curve, how_it_ended


def load(path):
    """Return the state dict of a checkpoint."""
    # TAO's checkpoints hold the spec as an OmegaConf object, which the weights-only reader refuses;
    # this file was written by the container's own training a moment ago.
    return torch.load(path, map_location="cpu", weights_only=False)["state_dict"]


def main():
    """Write what the checkpoint holds."""
    inputs = read_inputs()
    link = pathlib.Path(inputs["checkpoint"])
    state = load(link)
    start = torch.load(inputs["start"], map_location="cpu", weights_only=True)["state_dict"]
    changed = [key for key, value in state.items() if key in start and not torch.equal(value, start[key])]
    points = curve(inputs["status"])
    losses = [value for point in points for key, value in point.items() if "loss" in key]
    print(f"{len(state)} tensors, {len(changed)} changed by training")
    write_json(inputs["evidence"], {
        "schema": "taohf/checkpoint/v1",
        "is_link": link.is_symlink(),
        "file": link.resolve().name,
        "tensors": len(state),
        "changed": len(changed),
        "same_names": set(start) <= set(state),
        "not_finite": sorted(key for key, value in state.items()
                             if value.is_floating_point() and not torch.isfinite(value).all()),
        "losses": losses,
        "status": how_it_ended(inputs["status"]),
        "sha256": digests([link]),
    })


if __name__ == "__main__":
    main()
