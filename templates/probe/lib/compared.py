"""Comparing the answers of two sides output by output."""

import numpy as np
from lib import adapter
from lib.numbers import cosine, relative_difference


def measured(values, reference):
    """Return both so that a difference is one: numbers of classes from 1, since class 0 is no zero."""
    is_number = np.issubdtype(np.asarray(reference).dtype, np.integer)
    return (np.add(values, 1), np.add(reference, 1)) if is_number else (values, reference)


def difference(values, reference):
    """Return the largest relative difference over all outputs; infinite when they have other outputs."""
    if set(values) != set(reference) or not reference:
        return float("inf")
    values = adapter.aligned(values, reference)
    return max(relative_difference(*measured(values[name], reference[name])) for name in reference)


def least_cosine(values, reference):
    """Return the least cosine over all outputs."""
    if set(values) != set(reference) or not reference:
        return 0.0
    values = adapter.aligned(values, reference)
    return min(cosine(*measured(values[name], reference[name])) for name in reference)
