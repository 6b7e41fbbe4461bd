"""EMULATED TensorRT 10 Python API over ONNX Runtime, on the CPU; only what tao-deploy uses.

An emulated engine is an ONNX graph inside a container whose header says EMULATED. It is useless
to a real TensorRT, and a real engine is refused here. FP16 and BF16 round the weights through
the type and compute in FP32; INT8 runs the calibrator for real, then computes in FP32. Speed,
kernels, layer fusion, DLA and workspace limits are not modelled.
"""

from .builder import Builder
from .calibration import IInt8Calibrator, IInt8EntropyCalibrator2
from .config import IBuilderConfig, IOptimizationProfile, ITimingCache
from .enumerations import (
    BuilderFlag,
    CalibrationAlgoType,
    DataType,
    LayerType,
    MemoryPoolType,
    NetworkDefinitionCreationFlag,
    ProfilingVerbosity,
    QuantizationFlag,
    TensorIOMode,
    TensorLocation,
    nptype,
    volume,
)
from .execution import ICudaEngine, IExecutionContext, Runtime
from .host_memory import IHostMemory
from .logger import ILogger, Logger, init_libnvinfer_plugins
from .network import ILayer, INetworkDefinition, ITensor
from .parser import OnnxParser
from .version import API_VERSION as __version__

EMULATED = True
NetworkDefinition = INetworkDefinition
float32, float16, bfloat16 = DataType.FLOAT, DataType.HALF, DataType.BF16
int8, int32, int64 = DataType.INT8, DataType.INT32, DataType.INT64
uint8, fp8 = DataType.UINT8, DataType.FP8
bool = DataType.BOOL  # noqa: A001 - the real module uses this name

__all__ = [
    "Builder",
    "BuilderFlag",
    "CalibrationAlgoType",
    "DataType",
    "EMULATED",
    "IBuilderConfig",
    "ICudaEngine",
    "IExecutionContext",
    "IHostMemory",
    "IInt8Calibrator",
    "IInt8EntropyCalibrator2",
    "ILayer",
    "ILogger",
    "INetworkDefinition",
    "IOptimizationProfile",
    "ITensor",
    "ITimingCache",
    "LayerType",
    "Logger",
    "MemoryPoolType",
    "NetworkDefinition",
    "NetworkDefinitionCreationFlag",
    "OnnxParser",
    "ProfilingVerbosity",
    "QuantizationFlag",
    "Runtime",
    "TensorIOMode",
    "TensorLocation",
    "__version__",
    "init_libnvinfer_plugins",
    "nptype",
    "volume",
]
