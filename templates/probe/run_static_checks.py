"""pylint (errors), pydocstyle and flake8 on what a port added, with the settings of TAO's repositories.

Inputs: folders, foreign (names of the folders in them whose code is not ours to judge). Each tool runs by
itself, so that one's findings do not hide another's. It runs where torch is not installed: pylint would
read all of it, for minutes, and find nothing of ours there.
"""

import os
import pathlib
import subprocess
import sys

from lib.evidence import read_inputs, write_json

TOOLS = {
    # Not read: packages that are large and not ours. What pylint then believes of their classes is
    # disabled, and `main()` gets its argument from Hydra's decorator, which it does not see.
    "pylint": ["--errors-only", "--ignored-modules=torch,timm,transformers,nvidia_tao_pytorch,nvidia_tao_deploy",
               "--disable=import-error,no-name-in-module,no-member,no-value-for-parameter,unexpected-keyword-arg"],
    "flake8": ["--ignore=E24,W504,E501", "--isolated"],
    "pydocstyle": ["--ignore=D4,D107,D200,D203,D205,D210,D211,D212,D213,D301,D400,D401"],
}


def passing_over(tool, names):
    """Return the arguments with which a tool does not look into folders of these names."""
    return {
        "pylint": [f"--ignore={','.join(names)}"],
        "flake8": [f"--exclude={','.join(names)}"],
        "pydocstyle": [f"--match-dir=(?!({'|'.join(names)})$)[^\\.].*"],
    }[tool] if names else []


def run(tool, folders, foreign):
    """Return {exit_code, findings, lines} of one tool."""
    environment = {**os.environ, "PYLINTHOME": "/tmp/home/pylint"}
    command = [sys.executable, "-m", tool, *TOOLS[tool], *passing_over(tool, foreign), *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("*****")]
    print(f"{tool}: exit code {done.returncode}, {len(lines)} lines", *lines[:40], done.stderr[-500:], sep="\n")
    return {"exit_code": done.returncode, "lines": lines[:100]}


def main():
    """Write what the tools find."""
    inputs = read_inputs()
    folders = inputs["folders"]
    foreign = inputs["foreign"]
    files = [str(path) for folder in folders for path in pathlib.Path(folder).rglob("*.py")
             if not set(foreign) & set(path.parts)]
    results = {tool: run(tool, folders, foreign) for tool in TOOLS}
    write_json(inputs["evidence"], {
        "schema": "taohf/static/v1", "files": len(files), "tools": results,
        "unclean": [tool for tool, result in results.items() if result["exit_code"] != 0]})


if __name__ == "__main__":
    main()
