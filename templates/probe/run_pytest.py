"""Run a repository's rendered tests; the counts come from pytest's own results file.

Inputs: repository (folder), tests (folder in it), markers, junit (file to write).
"""

import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from lib.evidence import read_inputs, write_json


def counts(path):
    """Return the counts of a JUnit file; all zero when there is none."""
    if not pathlib.Path(path).is_file():
        return {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    suites = list(ElementTree.parse(path).getroot().iter("testsuite"))
    return {name: sum(int(suite.get(name, 0)) for suite in suites)
            for name in ("tests", "failures", "errors", "skipped")}


def main():
    """Write how the tests ended."""
    inputs = read_inputs()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", inputs["tests"],
               f"--junitxml={inputs['junit']}"]
    if inputs["markers"]:
        command += ["-m", " and ".join(inputs["markers"])]
    pathlib.Path(inputs["junit"]).unlink(missing_ok=True)
    code = subprocess.run(command, check=False, cwd=inputs["repository"]).returncode
    result = counts(inputs["junit"])
    result["passed"] = result["tests"] - result["failures"] - result["errors"] - result["skipped"]
    write_json(inputs["evidence"], {"schema": "taohf/pytest/v1", "exit_code": code, "command": command, **result})


if __name__ == "__main__":
    main()
