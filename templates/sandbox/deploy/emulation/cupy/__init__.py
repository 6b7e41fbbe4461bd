"""EMULATED cupy: importable, refuses every use (only the point cloud task needs it)."""

import numpy

float32 = numpy.float32


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)

    def refuse(*args, **kwargs):
        raise NotImplementedError(f"EMULATED cupy: {name} is not available on CPU")

    if name == "RawKernel":  # made at import time, called later
        return lambda *args, **kwargs: refuse
    return refuse
