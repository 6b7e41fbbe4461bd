"""Where a container imports TAO from: the clones, and not released wheels or a nested submodule.

Inputs: modules (top-level packages to import), stripped (distributions that must be gone).
"""

import importlib
import importlib.metadata
import traceback

from lib.evidence import read_inputs, write_json

WORKSPACE = "/workspace/"


def location(module):
    """Import one package and tell where it comes from."""
    try:
        path = importlib.import_module(module).__file__ or ""
    except Exception as error:  # any failure of an import is an observation
        traceback.print_exc()
        return {"module": module, "path": "", "error": f"{type(error).__name__}: {error}"}
    return {"module": module, "path": path, "error": ""}


def is_nested(path):
    """A package inside another repository's tao-core submodule."""
    parts = path.removeprefix(WORKSPACE).split("/")
    return path.startswith(WORKSPACE) and "tao-core" in parts[1:]


def is_installed(distribution):
    """Whether a distribution's metadata is found outside the clones."""
    found = importlib.metadata.distributions(name=distribution)
    return any(not str(item.locate_file("")).startswith(WORKSPACE) for item in found)


def main():
    """Write {ok, modules, nested, outside, installed}."""
    inputs = read_inputs()
    modules = [location(module) for module in inputs["modules"]]
    nested = [item["path"] for item in modules if is_nested(item["path"])]
    outside = [item["module"] for item in modules if not item["path"].startswith(WORKSPACE)]
    installed = [name for name in inputs["stripped"] if is_installed(name)]
    for item in modules:
        print(f"{item['module']}: {item['path'] or item['error']}")
    write_json(inputs["evidence"], {
        "schema": "taohf/imports/v1",
        "ok": not outside and not nested and not any(item["error"] for item in modules),
        "modules": modules,
        "nested": nested,
        "outside": outside,
        "installed": installed,
    })


if __name__ == "__main__":
    main()
