"""EMULATED pycuda: one pretended device whose memory lives on the host."""

EMULATED = True
