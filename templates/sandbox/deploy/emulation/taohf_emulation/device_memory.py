"""Pretended device memory: host buffers that are reachable by their integer address.

Accesses beyond a buffer raise an error where a GPU would corrupt memory. Buffers are raw bytes,
so that a wrong dtype is misread exactly as on a GPU.
"""

import numpy as np

_live = {}


class EmulatedCudaError(RuntimeError):
    """Raised where a real GPU would fail or silently corrupt memory."""


class Allocation:
    """Stand-in for pycuda.driver.DeviceAllocation."""

    def __init__(self, nbytes):
        nbytes = int(nbytes)
        if nbytes <= 0:
            raise EmulatedCudaError(f"mem_alloc of {nbytes} bytes")
        self.array = np.zeros(nbytes, np.uint8)
        self.address = self.array.ctypes.data
        _live[self.address] = self.array

    def __int__(self):
        return self.address

    __index__ = __int__

    def free(self):
        """Give the buffer back; its address becomes invalid."""
        _live.pop(self.address, None)


def view(pointer):
    """Bytes of the live allocation that starts at this address."""
    try:
        return _live[int(pointer)]
    except KeyError:
        raise EmulatedCudaError(f"address {int(pointer):#x} is not a live allocation") from None


def host_bytes(array):
    """Bytes of a host array, which must be contiguous as for a real copy."""
    array = np.asarray(array)
    if not array.flags.c_contiguous:
        raise EmulatedCudaError("host buffer is not C-contiguous")
    return array.reshape(-1).view(np.uint8)


def copy(target, source):
    """Copy bytes, refusing what does not fit."""
    if target.size < source.size:
        raise EmulatedCudaError(f"copy of {source.size} bytes into a buffer of {target.size} bytes")
    target[: source.size] = source


def read_tensor(pointer, shape, dtype, what):
    """A device buffer as an array of this shape and dtype."""
    dtype = np.dtype(dtype)
    nbytes = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    raw = view(pointer)
    if raw.size < nbytes:
        raise EmulatedCudaError(f"{what} has {raw.size} bytes, shape {tuple(shape)} needs {nbytes}")
    return raw[:nbytes].view(dtype).reshape(shape)
