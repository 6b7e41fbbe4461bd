"""Preinstall released NVIDIA packages into site-packages, as the real TAO images have them.

    python install.py VERSION DISTRIBUTION...

pip cannot install tao-pytorch here: its wheel is tagged for another CPython version. The wheel
is therefore downloaded with explicit tags and unpacked with its metadata, so that `pip list`,
`pip uninstall` and `importlib.metadata` know it. Console scripts are generated too.
"""

import configparser
import csv
import pathlib
import stat
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

SCRIPT = """#!/usr/bin/python3
import sys

from {module} import {function}

if __name__ == "__main__":
    sys.exit({function}())
"""


def download(distribution, version, folder):
    """Fetch one wheel whatever its tag and return its path."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", "3.12", "--dest", str(folder)]
    for platform in ("manylinux1_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64"):
        command += ["--platform", platform]
    subprocess.run([*command, f"{distribution}=={version}"], check=True)
    return next(folder.glob(f"{distribution.replace('-', '_')}-{version}-*.whl"))


def unpack(wheel, site):
    """Unpack a wheel, compiled CUDA extensions left out, and return its dist-info folder."""
    with zipfile.ZipFile(wheel) as content:
        names = [name for name in content.namelist() if not name.endswith(".so")]
        content.extractall(site, names)
    info = next(name for name in names if name.endswith(".dist-info/METADATA"))
    return site / pathlib.PurePosixPath(info).parent


def write_console_scripts(info, scripts):
    """Write one executable for each console script and return their paths."""
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.optionxform = str
    parser.read(info / "entry_points.txt")
    written = []
    for name, target in parser["console_scripts"].items() if "console_scripts" in parser else ():
        module, function = target.split(":")
        path = scripts / name
        path.write_text(SCRIPT.format(module=module, function=function))
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        written.append(path)
    return written


def register(info, site, scripts):
    """Complete RECORD and INSTALLER, the files that make `pip uninstall` work."""
    record = info / "RECORD"
    with record.open(newline="") as rows:
        kept = [row for row in csv.reader(rows) if row and (site / row[0]).exists()]
    (info / "INSTALLER").write_text("pip\n")
    added = [[str(path), "", ""] for path in [*scripts, (info / "INSTALLER").relative_to(site)]]
    with record.open("w", newline="") as rows:
        csv.writer(rows, lineterminator="\n").writerows(kept + added)


def main():
    """Entry point."""
    version, distributions = sys.argv[1], sys.argv[2:]
    paths = sysconfig.get_paths()
    site, scripts = pathlib.Path(paths["purelib"]), pathlib.Path(paths["scripts"])
    with tempfile.TemporaryDirectory() as folder:
        for distribution in distributions:
            info = unpack(download(distribution, version, pathlib.Path(folder)), site)
            register(info, site, write_console_scripts(info, scripts))
            print(f"{distribution} {version} -> {site}")


if __name__ == "__main__":
    main()
