"""A template of Python code as a module, where nothing but its header depends on the port."""

import types


def module_of(path):
    """Return the module of a template file."""
    module = types.ModuleType(path.name.split(".")[0])
    text = path.read_text(encoding="utf-8").replace("<% layout.header %>", "")
    exec(compile(text, str(path), "exec"), module.__dict__)  # our own template
    return module
