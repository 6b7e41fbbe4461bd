"""How far two sides' answers are apart."""

import sys
import types
import unittest

import numpy as np

sys.path.insert(0, "/templates/probe")
import lib  # noqa: E402

lib.adapter = types.SimpleNamespace(aligned=lambda values, _reference: values)
from lib.compared import difference, least_cosine  # noqa: E402


class NumbersOfClasses(unittest.TestCase):
    """Class 0 is a class like any other."""

    def test_always_class_0_is_equal_to_itself(self):
        answers = {"classes": np.zeros((2, 5), np.int64)}
        self.assertEqual(difference(answers, answers), 0)
        self.assertAlmostEqual(least_cosine(answers, answers), 1)

    def test_another_class_is_a_difference(self):
        found = difference({"classes": np.ones((2, 5), np.int64)}, {"classes": np.zeros((2, 5), np.int64)})
        self.assertEqual(found, 1)

    def test_scores_that_are_all_null_prove_nothing(self):
        answers = {"scores": np.zeros((2, 5), np.float32)}
        self.assertEqual(difference(answers, answers), float("inf"))
        self.assertEqual(least_cosine(answers, answers), 0)


if __name__ == "__main__":
    unittest.main()
