"""Comparing the answers of two sides output by output."""

from lib import adapter
from lib.numbers import cosine, relative_difference


def difference(values, reference):
    """Return the largest relative difference over all outputs; infinite when they have other outputs."""
    if set(values) != set(reference) or not reference:
        return float("inf")
    values = adapter.aligned(values, reference)
    return max(relative_difference(values[name], reference[name]) for name in reference)


def least_cosine(values, reference):
    """Return the least cosine over all outputs."""
    if set(values) != set(reference) or not reference:
        return 0.0
    values = adapter.aligned(values, reference)
    return min(cosine(values[name], reference[name]) for name in reference)
