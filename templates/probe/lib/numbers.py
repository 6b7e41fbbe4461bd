"""Comparing arrays: relative to the largest reference value, and NaN is never equal to anything."""

import numpy as np


def relative_difference(values, reference):
    """Return max |a - b| / max |reference|; infinite when shapes differ or a value is not finite."""
    values, reference = np.asarray(values, np.float64), np.asarray(reference, np.float64)
    if values.shape != reference.shape or not (np.isfinite(values).all() and np.isfinite(reference).all()):
        return float("inf")
    scale = np.abs(reference).max(initial=0.0)
    return float(np.abs(values - reference).max(initial=0.0) / scale) if scale else float("inf")


def cosine(values, reference):
    """Return the cosine of two arrays as vectors, 0 when one of them is null."""
    values, reference = np.ravel(values).astype(np.float64), np.ravel(reference).astype(np.float64)
    if values.shape != reference.shape:
        return 0.0
    length = np.linalg.norm(values) * np.linalg.norm(reference)
    return float(values @ reference / length) if length else 0.0
