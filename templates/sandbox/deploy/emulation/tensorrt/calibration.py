"""INT8 calibration: the caller's calibrator really runs, only I/O ranges are derived from it."""

import struct

import numpy as np
from taohf_emulation import device_memory

from .enumerations import CalibrationAlgoType, nptype
from .onnx_session import session
from .version import API_VERSION


class IInt8EntropyCalibrator2:
    """Base class of the caller's calibrator."""

    def __init__(self):
        pass

    def get_algorithm(self):
        """Which algorithm this base class stands for."""
        return CalibrationAlgoType.ENTROPY_CALIBRATION_2


IInt8Calibrator = IInt8EntropyCalibrator2


def calibrate(model, network, config, profile):
    """Run or reuse a calibration and describe it; ValueError where a real build would fail."""
    calibrator = config.int8_calibrator
    if calibrator is None:
        if all(tensor.dynamic_range for tensor in network.inputs):
            return "int8: explicit dynamic ranges; computed in FP32"
        raise ValueError("INT8 requested without calibrator, dynamic ranges or Q/DQ nodes")
    cache = calibrator.read_calibration_cache()
    if cache:
        if not bytes(cache).startswith(b"TRT-"):
            raise ValueError("calibration cache has no TRT header")
        return f"int8: calibration cache of {len(cache)} bytes; computed in FP32"
    batch = int(calibrator.get_batch_size())
    batches, ranges = measure_ranges(model, network, calibrator, profile, batch)
    calibrator.write_calibration_cache(cache_text(ranges).encode())
    return f"int8: {batches} calibration batches of {batch}, I/O ranges only; computed in FP32"


def measure_ranges(model, network, calibrator, profile, batch):
    """Pull every batch out of 'device' memory and note the largest value of each I/O tensor."""
    names = [tensor.name for tensor in network.inputs]
    outputs = [tensor.name for tensor in network.outputs]
    runtime = session(model.SerializeToString())
    batches, ranges = 0, {}
    while pointers := calibrator.get_batch(names):
        if len(pointers) != len(names):
            raise ValueError(f"calibrator gave {len(pointers)} buffers for inputs {names}")
        feed = {}
        for tensor, pointer in zip(network.inputs, pointers):
            shape = (batch, *profile[tensor.name][1][1:])
            what = f"calibration buffer of {tensor.name}"
            feed[tensor.name] = device_memory.read_tensor(
                pointer, shape, nptype(tensor.dtype), what
            ).copy()
        values = feed | dict(zip(outputs, runtime.run(outputs, feed)))
        for name, value in values.items():
            if np.issubdtype(value.dtype, np.floating):
                ranges[name] = max(ranges.get(name, 0.0), float(np.abs(value).max()))
        batches += 1
    if not batches:
        raise ValueError("calibration gave no batch")
    return batches, ranges


def cache_text(ranges):
    """Calibration cache in TensorRT's text form: scale of each tensor as a hexadecimal float."""
    lines = [f"TRT-{API_VERSION.replace('.', '')[:6]}-EntropyCalibration2"]
    lines += [f"{n}: {struct.pack('>f', value / 127.0).hex()}" for n, value in ranges.items()]
    return "\n".join(lines) + "\n"
