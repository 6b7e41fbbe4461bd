"""Enumerations of the API and the two helpers that convert them."""

import enum

import numpy as np


class _Enumeration(enum.IntEnum):
    """Prints like the real bindings: Type.NAME."""

    def __str__(self):
        return f"{type(self).__name__}.{self.name}"


def enumeration(name, members):
    """Enumeration numbered from 0, in the order of the real one."""
    return _Enumeration(name, {member: index for index, member in enumerate(members.split())})


DataType = enumeration("DataType", "FLOAT HALF INT8 INT32 BOOL UINT8 FP8 BF16 INT64 INT4 FP4")
TensorIOMode = enumeration("TensorIOMode", "NONE INPUT OUTPUT")
TensorLocation = enumeration("TensorLocation", "DEVICE HOST")
BuilderFlag = enumeration(
    "BuilderFlag",
    """FP16 INT8 DEBUG GPU_FALLBACK REFIT DISABLE_TIMING_CACHE TF32 SPARSE_WEIGHTS
    SAFETY_SCOPE OBEY_PRECISION_CONSTRAINTS PREFER_PRECISION_CONSTRAINTS DIRECT_IO
    REJECT_EMPTY_ALGORITHMS VERSION_COMPATIBLE EXCLUDE_LEAN_RUNTIME FP8 ERROR_ON_TIMING_CACHE_MISS
    BF16 DISABLE_COMPILATION_CACHE STRIP_PLAN REFIT_IDENTICAL WEIGHT_STREAMING INT4
    REFIT_INDIVIDUAL STRICT_NANS MONITOR_MEMORY""",
)
QuantizationFlag = enumeration("QuantizationFlag", "CALIBRATE_BEFORE_FUSION")
MemoryPoolType = enumeration(
    "MemoryPoolType",
    """WORKSPACE DLA_MANAGED_SRAM DLA_LOCAL_DRAM DLA_GLOBAL_DRAM TACTIC_DRAM
    TACTIC_SHARED_MEMORY""",
)
ProfilingVerbosity = enumeration("ProfilingVerbosity", "LAYER_NAMES_ONLY NONE DETAILED")
NetworkDefinitionCreationFlag = enumeration(
    "NetworkDefinitionCreationFlag", "EXPLICIT_BATCH STRONGLY_TYPED"
)
LayerType = enumeration("LayerType", "OTHER CONSTANT SHAPE")
CalibrationAlgoType = enumeration(
    "CalibrationAlgoType",
    "LEGACY_CALIBRATION ENTROPY_CALIBRATION ENTROPY_CALIBRATION_2 MINMAX_CALIBRATION",
)
Severity = enumeration("Severity", "INTERNAL_ERROR ERROR WARNING INFO VERBOSE")

_ITEM_SIZE = {
    DataType.FLOAT: 4,
    DataType.HALF: 2,
    DataType.INT8: 1,
    DataType.INT32: 4,
    DataType.BOOL: 1,
    DataType.UINT8: 1,
    DataType.FP8: 1,
    DataType.BF16: 2,
    DataType.INT64: 8,
}
DataType.itemsize = property(lambda self: _ITEM_SIZE[self])

_NUMPY_TYPE = {
    DataType.FLOAT: np.float32,
    DataType.HALF: np.float16,
    DataType.INT8: np.int8,
    DataType.INT32: np.int32,
    DataType.BOOL: np.bool_,
    DataType.UINT8: np.uint8,
    DataType.INT64: np.int64,
}


def nptype(trt_type):
    """NumPy type of a TensorRT type; BF16, FP8 and the 4-bit types have none."""
    try:
        return _NUMPY_TYPE[trt_type]
    except KeyError:
        message = "Could not resolve TensorRT datatype to an equivalent numpy datatype."
        raise TypeError(message) from None


def volume(iterable):
    """Product of the dimensions."""
    result = 1
    for value in iterable:
        result *= int(value)
    return result
