"""Format of an emulated engine: magic line, u64 length, JSON header, newline, ONNX model."""

import json
import struct

MAGIC = b"TAOHF-EMULATED-TENSORRT-ENGINE\n"
NOTICE = "EMULATED by taohf over ONNX Runtime on CPU. This is NOT a TensorRT engine."


def pack(header, model_bytes):
    """Bytes of an engine file."""
    text = json.dumps(header).encode()
    return MAGIC + struct.pack("<Q", len(text)) + text + b"\n" + model_bytes


def unpack(data):
    """(header, model bytes) of an engine file; ValueError for anything else."""
    if not data.startswith(MAGIC):
        raise ValueError("not an engine of this EMULATED TensorRT (a real engine cannot run here)")
    start = len(MAGIC) + 8
    (size,) = struct.unpack_from("<Q", data, len(MAGIC))
    header = json.loads(data[start : start + size])
    if header.get("emulated") is not True:
        raise ValueError("engine header is not marked as emulated")
    return header, data[start + size + 1 :]
