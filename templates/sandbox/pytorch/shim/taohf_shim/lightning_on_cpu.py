"""Makes a Lightning Trainer that was configured for GPUs train on the CPU."""

import functools

from .trace import trace

HALF_PRECISION = ("16-mixed", "16", 16, "16-true")


def cpu_arguments(arguments):
    """Trainer arguments with the accelerator, devices, strategy and precision of a CPU."""
    devices = arguments.get("devices", 1)
    changed = dict(arguments, accelerator="cpu")
    changed["devices"] = len(devices) if isinstance(devices, (list, tuple)) else 1
    # 'ddp' with one device, or a strategy object that asks for NCCL
    if changed["devices"] == 1 and arguments.get("strategy") is not None:
        changed["strategy"] = "auto"
    if arguments.get("precision") in HALF_PRECISION:
        changed["precision"] = "32-true"
    return changed


def apply(lightning):
    """Patch the freshly imported pytorch_lightning."""
    import torch

    if torch.cuda.is_available():
        return
    original = lightning.Trainer.__init__

    @functools.wraps(original)
    def init(self, *args, **kwargs):
        if kwargs.get("accelerator") in ("gpu", "cuda"):
            kwargs = cpu_arguments(kwargs)
            trace(f"Trainer moved to the CPU, devices={kwargs['devices']}")
        return original(self, *args, **kwargs)

    lightning.Trainer.__init__ = init
    trace(f"patched pytorch_lightning {lightning.__version__}")
