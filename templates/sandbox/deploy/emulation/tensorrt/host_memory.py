"""The bytes object that a build returns."""

from .enumerations import DataType


class IHostMemory(bytes):
    """Serialized engine; usable in a with statement as the real one is."""

    nbytes = property(len)
    dtype = DataType.INT8

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return False
