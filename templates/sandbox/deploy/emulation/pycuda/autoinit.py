"""EMULATED pycuda.autoinit: makes a context on the pretended device."""

from pycuda import driver

device = driver.Device(0)
context = device.make_context()
