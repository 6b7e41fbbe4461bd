"""Make the four TAO repositories of a workspace from NVIDIA's published packages.

Runs inside the inspection image, as the calling user:

    python make_repos.py --tao-version 7.3.0 --out DIR [--cache DIR] [--stale-core 6.25.11]

The published wheels hold the same Python files as the git releases but no ``setup.py``,
``tests/`` or git metadata. This script unpacks them and adds what the git repositories have,
so that editing ``setup.py`` and installing with ``pip install -e`` work as on a real clone.
It does not call git: the caller commits each folder. One JSON line is printed for each repo.
"""

import argparse
import configparser
import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys
import zipfile

GITIGNORE = "__pycache__/\n*.pyc\n*.so\nbuild/\ndist/\n*.egg-info/\n.pytest_cache/\n.ruff_cache/\n"

GITMODULES = """[submodule "tao-core"]
\tpath = tao-core
\turl = https://github.com/NVIDIA-TAO/tao-core.git
\tbranch = main
"""

STALE_NOTICE = """This is what a clone with an outdated submodule looks like: an nvidia_tao_core older
than the repository beside it. Nothing may import from this folder.
"""

MAKEFILE = """all: build install

build:
\tpython setup.py bdist_wheel

clean:
\trm -rf build dist *.egg-info

install:
\tpip install --no-deps --no-build-isolation .

.PHONY: all build clean install
"""

# The list lines are written one by one, because tools edit them as text.
SETUP = '''"""Setup script of {package}."""

from setuptools import find_packages, setup

setup(
    name='{distribution}',
    version='{version}',
    description='{summary}',
    packages=find_packages(include=['{package}', '{package}.*']),
    package_data={{'': ['*.py', '*.yaml', '*.json', '*.csv', '*.txt', '*.so']}},
    entry_points={{
        'console_scripts': [
{scripts}
        ]
    }},
    zip_safe=False,
)
'''


@dataclasses.dataclass(frozen=True)
class Repo:
    """One repository: its folder, the distribution it is published as, its import package."""

    folder: str
    distribution: str
    package: str


REPOS = (
    Repo("tao-core", "nvidia-tao-core", "nvidia_tao_core"),
    Repo("tao-pytorch", "nvidia-tao-pytorch", "nvidia_tao_pytorch"),
    Repo("tao-deploy", "nvidia-tao-deploy", "nvidia_tao_deploy"),
    Repo("tao-dataservices", "nvidia-tao-ds", "nvidia_tao_ds"),
)


def parse_arguments():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tao-version", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument(
        "--cache", type=pathlib.Path, help="keeps downloaded wheels (default: OUT/.cache)"
    )
    parser.add_argument(
        "--stale-core", default="6.25.11", help="tao-core of the outdated submodule"
    )
    return parser.parse_args()


def whole_wheels(cache, pattern):
    """Paths of the wheels; what an interrupted download left is removed."""
    found = sorted(cache.glob(pattern))
    for path in found:
        if not zipfile.is_zipfile(path):
            path.unlink()
    return [path for path in found if path.exists()]


def wheel(repo, version, cache):
    """Path of the wheel in the cache, downloaded if it is not there yet."""
    pattern = f"{repo.distribution.replace('-', '_')}-{version}-*.whl"
    found = whole_wheels(cache, pattern)
    if not found:
        # Explicit tags: tao-pytorch is published for CPython 3.12 only, whatever runs here.
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
        ]
        command += ["--python-version", "3.12", "--dest", str(cache)]
        for platform in ("manylinux1_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64"):
            command += ["--platform", platform]
        subprocess.run([*command, f"{repo.distribution}=={version}"], check=True, stdout=sys.stderr)
        found = whole_wheels(cache, pattern)
    if not found:
        raise SystemExit(f"{repo.distribution} {version}: the download left no wheel in {cache}")
    return found[0]


def unpack(archive, target):
    """Unpack the Python side of a wheel; its metadata is returned as {file name: text}."""
    metadata = {}
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            parts = pathlib.PurePosixPath(name).parts
            if parts[0].endswith(".dist-info"):
                metadata[parts[-1]] = content.read(name).decode(errors="replace")
            elif ".." in parts or name.startswith("/"):
                raise SystemExit(f"{archive.name}: unsafe member {name}")
            elif not name.endswith(".so"):  # compiled for CUDA and CPython 3.12; a clone has none
                content.extract(name, target)
    return metadata


def console_scripts(metadata):
    """The (command, module:function) pairs that the wheel registers, in their order."""
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.optionxform = str
    parser.read_string(metadata.get("entry_points.txt", ""))
    return list(parser["console_scripts"].items()) if "console_scripts" in parser else []


def script_lines(scripts, package):
    """Lines of the console_scripts list; the SDG commands come last under their own comment."""
    indent = " " * 12
    is_sdg = [target.startswith(f"{package}.sdg.") for _, target in scripts]
    lines = [f"{indent}'{n}={t}'," for (n, t), sdg in zip(scripts, is_sdg) if not sdg]
    sdg_lines = [f"{indent}'{n}={t}'," for (n, t), sdg in zip(scripts, is_sdg) if sdg]
    if sdg_lines:
        lines += [f"{indent}# SDG entry point", *sdg_lines]
    return "\n".join(lines)


def summary(metadata):
    """The one-line description of the wheel, safe inside single quotes."""
    for line in metadata.get("METADATA", "").splitlines():
        if line.startswith("Summary:"):
            return line.partition(":")[2].strip().replace("\\", "").replace("'", "\\'")
    return ""


def write_repository_files(repo, version, target, metadata):
    """Write what the git repository has and the wheel lacks."""
    text = SETUP.format(
        package=repo.package,
        distribution=repo.distribution,
        version=version,
        summary=summary(metadata),
        scripts=script_lines(console_scripts(metadata), repo.package),
    )
    (target / "setup.py").write_text(text)
    (target / ".gitignore").write_text(GITIGNORE)
    (target / "LICENSE").write_text(metadata.get("LICENSE", ""))
    (target / "Makefile").write_text(MAKEFILE)
    tests = target / "tests"
    if not tests.exists():
        tests.mkdir()
        (tests / "__init__.py").write_text(f'"""Tests of {repo.package}."""\n')


def layout(repo, target):
    """How this release arranges its configuration: decided by the file, not by the version."""
    if repo.folder == "tao-core":
        return "core"
    if repo.folder == "tao-dataservices":
        return "inlined" if (target / repo.package / "config").is_dir() else "core"
    common = target / repo.package / "config" / "common" / "common_config.py"
    return "inlined" if common.is_file() else "core"


def add_submodule(repo, target, stale_version, cache):
    """Reproduce the nested tao-core submodule that must never win over the top-level one.

    Core layout: outdated but filled, in both tao-pytorch and tao-deploy. Inlined layout: only
    tao-deploy names it and the folder is empty, as after a plain clone.
    """
    if repo.folder not in ("tao-pytorch", "tao-deploy"):
        return
    nested = target / "tao-core"
    if layout(repo, target) == "core":
        core = REPOS[0]
        metadata = unpack(wheel(core, stale_version, cache), nested)
        write_repository_files(core, stale_version, nested, metadata)
        (nested / "STALE").write_text(STALE_NOTICE)
    elif repo.folder == "tao-deploy":
        nested.mkdir(exist_ok=True)
    else:
        return
    (target / ".gitmodules").write_text(GITMODULES)


def make_repository(repo, version, arguments):
    """Write one repository, or keep the one of an interrupted run, and describe it."""
    target = arguments.out / repo.folder
    if target.exists():
        shutil.rmtree(target / ".git", ignore_errors=True)  # the caller's commit was interrupted
    else:
        partial = arguments.out / f".{repo.folder}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        metadata = unpack(wheel(repo, version, arguments.cache), partial)
        write_repository_files(repo, version, partial, metadata)
        add_submodule(repo, partial, arguments.stale_core, arguments.cache)
        partial.rename(target)  # so that a folder of this name is a whole repository
    return {
        "repo": repo.folder,
        "path": str(target),
        "version": version,
        "layout": layout(repo, target),
        "files": sum(1 for path in target.rglob("*") if path.is_file()),
    }


def main():
    """Entry point."""
    arguments = parse_arguments()
    arguments.cache = arguments.cache or arguments.out / ".cache"
    arguments.cache.mkdir(parents=True, exist_ok=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for repo in REPOS:
        print(json.dumps(make_repository(repo, arguments.tao_version, arguments)), flush=True)


if __name__ == "__main__":
    main()
