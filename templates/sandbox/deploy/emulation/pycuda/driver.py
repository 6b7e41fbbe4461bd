"""EMULATED pycuda.driver, limited to what tao-deploy calls."""

import os

import numpy as np
from taohf_emulation import device_memory

EMULATED = True
Error = device_memory.EmulatedCudaError
DeviceAllocation = device_memory.Allocation
_contexts = []


def init(flags=0):
    """Nothing to initialise."""


class Context:
    """The stack of contexts is kept because code pops what it pushed."""

    @staticmethod
    def get_current():
        """Top of the stack."""
        return _contexts[-1] if _contexts else None

    @staticmethod
    def synchronize():
        """Everything is synchronous."""

    def push(self):
        """Make this the current context."""
        _contexts.append(self)

    @staticmethod
    def pop():
        """Drop the current context."""
        if not _contexts:
            raise Error("no context to pop")
        _contexts.pop()

    def detach(self):
        """Remove this context wherever it is on the stack."""
        if self in _contexts:
            _contexts.remove(self)


class Device:
    """The pretended device; TAOHF_EMULATED_GPUS=0 plays a host without one."""

    def __init__(self, index=0):
        if index >= Device.count():
            raise Error(f"no device {index}")
        self.index = index

    @staticmethod
    def count():
        """How many devices are pretended."""
        return int(os.environ.get("TAOHF_EMULATED_GPUS", "1"))

    def name(self):
        """A name that cannot be mistaken for a GPU."""
        return "taohf EMULATED device (CPU)"

    def make_context(self, flags=0):
        """New current context."""
        context = Context()
        context.push()
        return context


class Stream:
    """A stream without asynchrony."""

    def __init__(self, flags=0):
        self.handle = id(self)

    def synchronize(self):
        """Everything is synchronous."""


def mem_alloc(nbytes):
    """Pretended device memory."""
    return device_memory.Allocation(nbytes)


def pagelocked_empty(shape, dtype, order="C", mem_flags=0):
    """Host memory; page locking has no meaning here."""
    return np.zeros(shape, dtype, order)


def memcpy_htod(dest, src):
    """Host to device."""
    device_memory.copy(device_memory.view(dest), device_memory.host_bytes(src))


def memcpy_htod_async(dest, src, stream=None):
    """Host to device, at once."""
    memcpy_htod(dest, src)


def memcpy_dtoh(dest, src):
    """Device to host: as many bytes as the host buffer holds."""
    target, source = device_memory.host_bytes(dest), device_memory.view(src)
    if source.size < target.size:
        raise Error(f"read of {target.size} bytes from a buffer of {source.size} bytes")
    target[:] = source[: target.size]


def memcpy_dtoh_async(dest, src, stream=None):
    """Device to host, at once."""
    memcpy_dtoh(dest, src)
