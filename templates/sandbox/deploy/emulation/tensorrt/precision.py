"""Reduced precision of weights; the arithmetic stays FP32."""

import numpy as np
from onnx import TensorProto, numpy_helper

from .enumerations import BuilderFlag, DataType


def pinned_weights(layers):
    """Names of the tensors that layers pinned to FP32 read: their weights are not rounded."""
    pinned = (x for x in layers if x.precision_is_set and x.precision == DataType.FLOAT)
    return {tensor.name for layer in pinned for tensor in layer.inputs}


def round_weights(model, flag, keep):
    """Round float weights through the type of a builder flag and say what was done."""
    import ml_dtypes

    numpy_type = np.float16 if flag == BuilderFlag.FP16 else ml_dtypes.bfloat16
    count = overflows = 0
    for weights in model.graph.initializer:
        if weights.data_type != TensorProto.FLOAT or weights.name in keep:
            continue
        value = numpy_helper.to_array(weights)
        with np.errstate(over="ignore"):
            rounded = value.astype(numpy_type).astype(np.float32)
        overflows += int((~np.isfinite(rounded) & np.isfinite(value)).sum())
        weights.CopyFrom(numpy_helper.from_array(rounded, weights.name))
        count += 1
    name = np.dtype(numpy_type).name
    return f"{name}: {count} weight tensors rounded, {overflows} overflows; computed in FP32"
