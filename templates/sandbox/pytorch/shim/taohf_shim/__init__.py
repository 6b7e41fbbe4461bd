"""CPU shim: lets unmodified tao-pytorch sources run without a GPU and without private packages.

It changes where tensors live and which modules can be imported. It does not touch the exit codes,
status files or console output of TAO's own entry points: a command that reports success after an
interruption does so here as well.
"""

import os
import sys

from . import lightning_on_cpu, stub_modules, torch_on_cpu
from .import_hooks import PatchFinder, StubFinder
from .set_sampling import allow_sets

ENVIRONMENT_DEFAULTS = {
    # No usage data may leave a sandbox.
    "TELEMETRY_OPT_OUT": "yes",
    # Scripts started without the entry point read it unconditionally.
    "TAO_VISIBLE_DEVICES": "0",
    # TAO checkpoints hold OmegaConf hyper parameters, which torch >= 2.6 refuses by default in
    # LightningModule.load_from_checkpoint (evaluate, inference, export).
    "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1",
}


def activate():
    """Install the import hooks and environment defaults in this process."""
    allow_sets()
    patches = {"torch": torch_on_cpu.apply, "pytorch_lightning": lightning_on_cpu.apply}
    sys.meta_path.insert(0, PatchFinder(patches))
    sys.meta_path.insert(0, StubFinder(stub_modules.ALWAYS))
    sys.meta_path.append(StubFinder(stub_modules.WHEN_MISSING))
    for name, value in ENVIRONMENT_DEFAULTS.items():
        os.environ.setdefault(name, value)
