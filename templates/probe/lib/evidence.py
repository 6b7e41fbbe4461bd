"""How a probe reads its inputs and leaves its evidence.

A probe is called with one argument, a JSON file; `evidence` in it names the file to write. A probe
that could look writes what it saw and ends with 0, whatever it saw: gates judge, not probes.
"""

import hashlib
import json
import math
import os
import pathlib
import sys


def read_inputs():
    """Return the inputs of this probe."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def plain(value):
    """Return the value as strict JSON: numbers that are not finite become their names."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def write_json(path, document):
    """Write a JSON file that is either the old or the new one, never a part."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(json.dumps(plain(document), indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)


def sha256(path):
    """Return the SHA-256 of a file, or of nothing when it is absent."""
    path = pathlib.Path(path)
    if not path.is_file():
        return "absent"
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def digests(paths):
    """Return {path: SHA-256} for files under /workspace, named as the host's workspace names them."""
    return {str(path).removeprefix("/workspace/"): sha256(path) for path in paths}
