"""Whether a repository offers the port as a command: setup.py, entry point, sub-commands, tests.

Inputs: repository (folder), command, entry (module:function), subtasks, tests (folder), markers.
"""

import ast
import importlib.util
import pathlib
import subprocess
import sys

from lib.evidence import read_inputs, write_json


def console_scripts(path):
    """Return the texts in setup.py that look like console scripts, without running it."""
    tree = ast.parse(pathlib.Path(path).read_text(encoding="utf-8"))
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and "=" in node.value and ":" in node.value]


def help_text(module):
    """Return (exit code, output) of the entry point's help."""
    done = subprocess.run([sys.executable, "-m", module, "-h"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def collect(repository, folder, markers):
    """Return how many tests pytest collects; what it says when there are none goes to the log."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", folder]
    if markers:
        command += ["-m", " and ".join(markers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=repository)
    count = sum("::" in line for line in done.stdout.splitlines())
    if count == 0:
        print(done.stdout, done.stderr)
    return count


def main():
    """Write what a user of the package finds."""
    inputs = read_inputs()
    repository = pathlib.Path(inputs["repository"])
    entries = [item for item in console_scripts(repository / "setup.py")
               if item.split("=")[0].strip() == inputs["command"]]
    module = inputs["entry"].split(":")[0]
    code, text = help_text(module)
    collected = collect(repository, inputs["tests"], [])
    marked = collect(repository, inputs["tests"], inputs["markers"]) if inputs["markers"] else collected
    print(f"{inputs['command']}: entries {entries}, help ends with {code}, {collected} tests, {marked} marked")
    write_json(inputs["evidence"], {
        "schema": "taohf/package/v1",
        "entries": entries,
        "entry_is_right": entries == [f"{inputs['command']}={inputs['entry']}"],
        "module_exists": importlib.util.find_spec(module) is not None,
        "help_exit_code": code,
        "missing_subtasks": [task for task in inputs["subtasks"] if task not in text],
        "collected": collected,
        "unmarked": collected - marked,
    })


if __name__ == "__main__":
    main()
