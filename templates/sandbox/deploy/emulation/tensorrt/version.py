"""The TensorRT release whose Python API is emulated."""

API_VERSION = "10.13.3.9"
