"""Shared parts of the CPU emulation of CUDA and TensorRT. Nothing here is a GPU."""
