"""Start-up hook of the emulated deploy image: Python imports this module in every process.

It keeps the web-service half of nvidia_tao_core (Flask, MongoDB, Kubernetes, ...) out: only
``status_callback`` is provided, and does nothing. nvidia_tao_core.config and .telemetry stay
real. If no nvidia_tao_core exists, an empty package takes its place, which is enough for the
inlined layout. TAOHF_REAL_MICROSERVICES=1 imports the real modules instead.
"""

import importlib.abc
import importlib.machinery
import os
import sys

ROOT = "nvidia_tao_core"
CALLBACK_MODULE = f"{ROOT}.microservices.handlers.cloud_handlers.utils"
SERVICE_PACKAGES = (
    f"{ROOT}.microservices",
    f"{ROOT}.microservices.handlers",
    f"{ROOT}.microservices.handlers.cloud_handlers",
)


class ServiceLoader(importlib.abc.Loader):
    """Makes an empty module, with the callback in the one module that has it."""

    def create_module(self, spec):
        """Use the default module object."""
        return None

    def exec_module(self, module):
        """Mark the module and add the callback."""
        module.EMULATED = True
        if module.__name__ == CALLBACK_MODULE:
            module.status_callback = lambda data_string, retry=0: None


class ServiceFinder(importlib.abc.MetaPathFinder):
    """Finds the service modules and, if it is not installed, their root package."""

    def find_spec(self, name, path=None, target=None):
        """Spec of an emulated module, None for everything else."""
        if name == ROOT and importlib.machinery.PathFinder.find_spec(name) is not None:
            return None
        if name == ROOT or name in SERVICE_PACKAGES:
            return importlib.machinery.ModuleSpec(name, ServiceLoader(), is_package=True)
        if name == CALLBACK_MODULE:
            return importlib.machinery.ModuleSpec(name, ServiceLoader())
        return None


if os.environ.get("TAOHF_REAL_MICROSERVICES", "") in ("", "0"):
    sys.meta_path.insert(0, ServiceFinder())
