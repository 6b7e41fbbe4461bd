"""Build a repository's wheel outside its tree and look inside.

Inputs: repository (folder), package, name (of the port), out (folder).
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

from lib.evidence import digests, read_inputs, write_json


def build(repository, out):
    """Copy what setup.py needs and build there: the clone stays without build products."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    # Beside the result: a container's own /tmp is slow where its storage driver is.
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        source = pathlib.Path(folder) / "source"
        shutil.copytree(repository, source, symlinks=True,
                        ignore=shutil.ignore_patterns(".git", "tao-core", "tests", "__pycache__", "build", "dist"))
        return subprocess.run([sys.executable, "setup.py", "-q", "bdist_wheel", "-d", str(out)], check=False,
                              cwd=source).returncode


def main():
    """Write which of the port's files the wheel holds."""
    inputs = read_inputs()
    out = pathlib.Path(inputs["out"])
    code = build(pathlib.Path(inputs["repository"]), out)
    wheels = sorted(out.glob("*.whl"))
    names = zipfile.ZipFile(wheels[0]).namelist() if len(wheels) == 1 else []
    prefix = f"{inputs['package']}/cv/{inputs['name']}/"
    inside = [name for name in names if name.startswith(prefix)]
    source = pathlib.Path(inputs["repository"]) / prefix
    lost = [str(path.relative_to(inputs["repository"])) for path in source.rglob("*.py")
            if str(path.relative_to(inputs["repository"])) not in names]
    text = ""
    for name in names:
        if name.endswith("entry_points.txt"):
            text = zipfile.ZipFile(wheels[0]).read(name).decode()
    commands = [line.split("=")[0].strip() for line in text.splitlines() if "=" in line]
    print(f"exit code {code}, {len(wheels)} wheel, {len(inside)} files of the port")
    write_json(inputs["evidence"], {
        "schema": "taohf/wheel/v1", "exit_code": code, "wheels": [path.name for path in wheels],
        "files": len(inside), "lost": lost, "has_command": inputs["name"] in commands,
        "sha256": digests(wheels)})


if __name__ == "__main__":
    main()
