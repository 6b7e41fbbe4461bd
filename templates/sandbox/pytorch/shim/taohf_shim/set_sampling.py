"""random.sample() over sets, removed in Python 3.11 and still used by tao-pytorch."""

import random


def allow_sets():
    """Accept a set again; sorted, so that a seed gives the same sample in every process."""
    original = random.sample

    def sample(population, k, **kwargs):
        if isinstance(population, (set, frozenset)):
            population = sorted(population)
        return original(population, k, **kwargs)

    random.sample = sample
