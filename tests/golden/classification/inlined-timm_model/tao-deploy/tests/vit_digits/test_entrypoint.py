# SPDX-FileCopyrightText: Copyright (c) 2026 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
# SPDX-License-Identifier: Apache-2.0

"""Tests of the command line of vit_digits in TAO Deploy."""

import os
import sys

import pytest

from nvidia_tao_deploy.cv import vit_digits as package
from nvidia_tao_deploy.cv.common.entrypoint import entrypoint_hydra
from nvidia_tao_deploy.cv.vit_digits.entrypoint import vit_digits as entrypoint

ACTIONS = ["gen_trt_engine", "inference", "evaluate"]


def test_subtasks_are_the_scripts():
    """Each action is a script of this package; default_specs comes from TAO where it has one."""
    expected = set(ACTIONS)
    if getattr(entrypoint_hydra, "DEFAULT_SPECS_AVAILABLE", False):
        expected.add("default_specs")
    assert set(entrypoint.get_subtask_list()) == expected


@pytest.mark.parametrize("action", ACTIONS)
def test_subtask_has_a_script_and_a_spec(action):
    """What the launcher starts exists, and its spec has the same name."""
    folder = os.path.dirname(package.__file__)
    details = entrypoint.get_subtask_list()[action]
    assert os.path.samefile(details["runner_path"], os.path.join(folder, "scripts", f"{action}.py"))
    assert os.path.isfile(os.path.join(folder, "specs", f"{action}.yaml"))


def test_help_lists_the_subtasks(monkeypatch, capsys):
    """The help ends well and names every action."""
    monkeypatch.setattr(sys, "argv", ["vit_digits", "--help"])
    with pytest.raises(SystemExit) as stop:
        entrypoint.main()
    assert stop.value.code == 0
    text = capsys.readouterr().out
    assert [action for action in entrypoint.get_subtask_list() if action not in text] == []


def test_launcher_gets_the_command(monkeypatch):
    """The entry point hands subtask, spec and overrides to TAO's launcher under the model's name."""
    calls = []
    monkeypatch.setattr(entrypoint, "launch", lambda *args, **kwargs: calls.append((args, kwargs)))
    monkeypatch.setattr(sys, "argv", ["vit_digits", "evaluate", "-e", "spec.yaml", "results_dir=/results"])
    entrypoint.main()
    [((args, overrides, subtasks), kwargs)] = calls
    assert args["subtask"] == "evaluate"
    assert args["experiment_spec_file"] == "spec.yaml"
    assert overrides == ["results_dir=/results"]
    assert "evaluate" in subtasks
    assert kwargs["network"] == "vit_digits"


def test_unknown_subtask_is_refused(monkeypatch):
    """Deploy cannot train."""
    monkeypatch.setattr(sys, "argv", ["vit_digits", "train"])
    with pytest.raises(SystemExit) as stop:
        entrypoint.main()
    assert stop.value.code != 0
