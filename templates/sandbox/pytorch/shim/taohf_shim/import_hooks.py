"""Import hooks: modules made of a table of names, and patches applied right after an import."""

import importlib.abc
import importlib.machinery
import importlib.util

from .trace import trace


class StubLoader(importlib.abc.Loader):
    """Fills a module from a table instead of a file."""

    def __init__(self, names):
        self.names = names

    def create_module(self, spec):
        """Use the default module object."""
        return None

    def exec_module(self, module):
        """Put the names of the table into the module."""
        module.__version__ = "0.0.0+taohf.stub"
        module.__dict__.update(self.names)
        trace(f"stub module {module.__name__}")


class StubFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of a table; one whose name is a prefix of another is a package."""

    def __init__(self, table):
        self.table = table

    def find_spec(self, name, path=None, target=None):
        """Spec of a stub module, None for everything else."""
        if name not in self.table:
            return None
        is_package = any(other.startswith(f"{name}.") for other in self.table)
        loader = StubLoader(self.table[name])
        return importlib.machinery.ModuleSpec(name, loader, is_package=is_package)


class PatchFinder(importlib.abc.MetaPathFinder):
    """Runs a function on a real module as soon as that module has been imported."""

    def __init__(self, patches):
        self.patches = patches
        self.resolving = set()

    def find_spec(self, name, path=None, target=None):
        """Spec of the real module with the patch appended to its execution."""
        if name not in self.patches or name in self.resolving:
            return None
        self.resolving.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.resolving.discard(name)
        if spec is None or spec.loader is None:
            return None
        execute, patch = spec.loader.exec_module, self.patches[name]

        def execute_and_patch(module):
            execute(module)
            patch(module)

        spec.loader.exec_module = execute_and_patch
        return spec
