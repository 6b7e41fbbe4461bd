"""Whether a repository offers the port as a command: setup.py, entry point, sub-commands, tests.

Inputs: repository (folder), command, entry (module:function), subtasks, tests (folder), markers.
"""

import ast
import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest
from lib.evidence import read_inputs, write_json


def console_scripts(path):
    """Return the texts in setup.py that look like console scripts, without running it."""
    tree = ast.parse(pathlib.Path(path).read_text(encoding="utf-8"))
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and "=" in node.value and ":" in node.value]


class Collected:
    """A pytest plugin that counts the tests, and those without all of the wanted markers."""

    def __init__(self, markers):
        """Keep the markers."""
        self.markers, self.tests, self.unmarked = markers, 0, 0

    def pytest_collection_modifyitems(self, items):
        """Count what pytest has collected."""
        self.tests = len(items)
        self.unmarked = sum(not all(item.get_closest_marker(name) for name in self.markers) for item in items)


def collect(repository, folder, markers):
    """Let pytest collect the tests of a folder; nothing is run."""
    found = Collected(markers)
    os.chdir(repository)
    sys.path.insert(0, str(repository))  # as `python -m pytest` has it
    pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", folder], plugins=[found])
    return found


def main():
    """Write what a user of the package finds."""
    inputs = read_inputs()
    repository = pathlib.Path(inputs["repository"])
    entries = [item for item in console_scripts(repository / "setup.py")
               if item.split("=")[0].strip() == inputs["command"]]
    module = inputs["entry"].split(":")[0]
    # Both import all that the port imports: they do it side by side.
    with subprocess.Popen([sys.executable, "-m", module, "-h"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as asked:
        found = collect(repository, inputs["tests"], inputs["markers"])
        text, _ = asked.communicate()
    print(f"{inputs['command']}: entries {entries}, help ends with {asked.returncode}, {found.tests} tests, "
          f"{found.unmarked} unmarked")
    write_json(inputs["evidence"], {
        "schema": "taohf/package/v1",
        "entries": entries,
        "entry_is_right": entries == [f"{inputs['command']}={inputs['entry']}"],
        "module_exists": importlib.util.find_spec(module) is not None,
        "help_exit_code": asked.returncode,
        "missing_subtasks": [task for task in inputs["subtasks"] if task not in text],
        "collected": found.tests,
        "unmarked": found.unmarked,
    })


if __name__ == "__main__":
    main()
