"""Makes code written for CUDA run on a CPU-only build of torch."""

import functools
import os

from .trace import trace

FACTORIES = (
    "tensor as_tensor zeros ones empty full arange linspace eye rand randn randint randperm "
    "zeros_like ones_like empty_like full_like rand_like randn_like"
).split()


def cpu_device(device):
    """Map any spelling of a CUDA device to the CPU and leave everything else alone."""
    if isinstance(device, str) and device.startswith("cuda"):
        return "cpu"
    if isinstance(device, int) and not isinstance(device, bool):
        return "cpu"
    if type(device).__name__ == "device" and getattr(device, "type", None) == "cuda":
        return "cpu"
    return device


def apply(torch):
    """Patch the freshly imported torch."""
    # tao-pytorch imports a name that torch has from 2.7 on.
    if not hasattr(torch.serialization, "FileLike"):
        torch.serialization.FileLike = torch.serialization.FILE_LIKE
    if torch.cuda.is_available():
        trace("CUDA is available, torch is left alone")
        return
    neutralise_cuda_calls(torch)
    redirect_moves(torch)
    redirect_factories(torch)
    redirect_load(torch)
    tolerate_unscriptable(torch)
    tolerate_missing_operators(torch)
    avoid_libuv(torch)
    trace(f"patched torch {torch.__version__}")


def neutralise_cuda_calls(torch):
    """TAO scripts select and synchronise device 0 unconditionally."""
    torch.cuda.set_device = lambda *args, **kwargs: None
    torch.cuda.synchronize = lambda *args, **kwargs: None
    torch.cuda.current_device = lambda: 0
    torch.cuda.get_device_name = lambda *args, **kwargs: "cpu"


def redirect_moves(torch):
    """x.cuda(), x.to("cuda") and the same of modules stay on the CPU."""

    def wrap(original):
        @functools.wraps(original)
        def to(self, *args, **kwargs):
            if "device" in kwargs:
                kwargs["device"] = cpu_device(kwargs["device"])
            if args:
                args = (cpu_device(args[0]), *args[1:])
            return original(self, *args, **kwargs)

        return to

    for owner in (torch.Tensor, torch.nn.Module):
        owner.cuda = lambda self, *args, **kwargs: self
        owner.to = wrap(owner.to)


def redirect_factories(torch):
    """torch.zeros(..., device="cuda") and its relatives make CPU tensors."""

    def wrap(original):
        @functools.wraps(original)
        def factory(*args, **kwargs):
            if kwargs.get("device") is not None:
                kwargs["device"] = cpu_device(kwargs["device"])
            return original(*args, **kwargs)

        return factory

    for name in FACTORIES:
        setattr(torch, name, wrap(getattr(torch, name)))


def redirect_load(torch):
    """torch.load(map_location="cuda") maps to the CPU."""
    original = torch.load

    @functools.wraps(original)
    def load(f, map_location=None, *args, **kwargs):
        if isinstance(map_location, (str, torch.device)):
            map_location = cpu_device(map_location)
        return original(f, map_location, *args, **kwargs)

    torch.load = load


def tolerate_unscriptable(torch):
    """Leave a function eager when torch.jit.script cannot see through the wrapped factories."""
    original = torch.jit.script

    def script(function, *args, **kwargs):
        try:
            return original(function, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - any failure of the compiler means: stay eager
            trace(f"{getattr(function, '__name__', function)} left eager: {type(error).__name__}")
            return function

    torch.jit.script = script


def tolerate_missing_operators(torch):
    """A compiled CUDA operator that was never built must not stop an import.

    TAO's deformable attention falls back to pure PyTorch for CPU tensors.
    """
    original = torch.ops.load_library

    def load_library(path):
        if os.path.exists(path):
            return original(path)
        trace(f"missing operator library {os.path.basename(path)} ignored")
        return None

    torch.ops.load_library = load_library


def avoid_libuv(torch):
    """The distribution's torch has no libuv, which torchrun's rendezvous would ask for."""
    if not torch.distributed.is_available():
        return
    original = torch.distributed.TCPStore

    class TCPStore(original):
        """TCPStore without libuv."""

        def __init__(self, *args, **kwargs):
            kwargs.setdefault("use_libuv", False)
            super().__init__(*args, **kwargs)

    torch.distributed.TCPStore = TCPStore
