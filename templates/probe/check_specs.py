"""Whether rendered scripts import and rendered specs merge into the schema.

Inputs: name, config_package, modules, specs.
"""

import importlib
import traceback

from lib.evidence import read_inputs, write_json
from omegaconf import OmegaConf


def attempt(what, action):
    """Run an action; its failure is an observation."""
    try:
        action()
    except Exception as error:  # whatever an import or a merge raises
        traceback.print_exc()
        return [f"{what}: {type(error).__name__}: {str(error)[:300]}"]
    return []


def main():
    """Write the failures of imports and merges."""
    inputs = read_inputs()
    failures = []
    for module in inputs["modules"]:
        failures += attempt(module, lambda name=module: importlib.import_module(name))
    schema = importlib.import_module(f"{inputs['config_package']}.{inputs['name']}.default_config")
    for spec in inputs["specs"]:
        failures += attempt(spec, lambda path=spec: OmegaConf.merge(
            OmegaConf.structured(schema.ExperimentConfig), OmegaConf.load(path)))
    print(f"{len(inputs['modules'])} modules, {len(inputs['specs'])} specs, {len(failures)} failures")
    write_json(inputs["evidence"], {
        "schema": "taohf/specs/v1", "modules": inputs["modules"], "specs": inputs["specs"],
        "schema_file": schema.__file__, "schema_in_workspace": schema.__file__.startswith("/workspace/"),
        "failures": failures})


if __name__ == "__main__":
    main()
