"""ONNX Runtime, which does the arithmetic of the emulation, and trial inputs for it."""

import os

import numpy as np
import onnxruntime

from .enumerations import nptype


def session(model_bytes):
    """CPU session for a serialized model."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "0") or 0)
    return onnxruntime.InferenceSession(model_bytes, options, providers=["CPUExecutionProvider"])


def trial_input(dtype, shape, seed):
    """Zeros for seed 0, reproducible random values otherwise."""
    numpy_type = nptype(dtype)
    if seed == 0:
        return np.zeros(shape, numpy_type)
    generator = np.random.default_rng(seed)
    if np.issubdtype(numpy_type, np.floating):
        return generator.standard_normal(shape).astype(numpy_type)
    return generator.integers(0, 2, shape).astype(numpy_type)
