"""Whether the clones have the reference that a port builds on: files and the names in them.

Inputs: symbols ({repository: {file: [names]}}). Reads the sources with `ast`; imports nothing.
"""

import ast
import pathlib

from lib.evidence import read_inputs, sha256, write_json

WORKSPACE = pathlib.Path("/workspace")


def names_in(path):
    """Return every name that a module binds at its top level, imports included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((item.asname or item.name).split(".")[0] for item in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def look(repository, file, wanted):
    """Describe one file of the reference."""
    path = WORKSPACE / repository / file
    if not path.is_file():
        return {"file": f"{repository}/{file}", "sha256": "absent", "missing": list(wanted)}
    return {"file": f"{repository}/{file}", "sha256": sha256(path),
            "missing": sorted(set(wanted) - names_in(path))}


def main():
    """Write the table of files, with what is missing in them."""
    inputs = read_inputs()
    table = [look(repository, file, names)
             for repository, files in inputs["symbols"].items() for file, names in files.items()]
    missing = [f"{row['file']}: {name}" for row in table for name in row["missing"]]
    print(f"{len(table)} files of the reference, {len(missing)} names missing")
    write_json(inputs["evidence"], {"schema": "taohf/reference/v1", "files": table, "missing": missing})


if __name__ == "__main__":
    main()
