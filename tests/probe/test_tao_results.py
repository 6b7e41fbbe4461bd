"""What the probes read out of a status.json of TAO."""

import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "templates" / "probe"))
from lib.tao_results import curve


def status_file(*lines):
    """Return a status.json of (message, numbers[, epoch])."""
    path = pathlib.Path(tempfile.mkdtemp()) / "status.json"
    with path.open("w", encoding="utf-8") as file:
        for message, numbers, *epoch in lines:
            document = {"message": message, "kpi": numbers, **({"epoch": epoch[0]} if epoch else {})}
            file.write(json.dumps(document) + "\n")
    return path


class Curve(unittest.TestCase):
    """Numbers stand at the epoch that they were measured in."""

    def test_each_validation_belongs_to_the_epoch_behind_it(self):
        path = status_file(
            ("Eval metrics generated.", {"val_mAP": "0.23"}),
            ("Training loop in progress", {"val_mAP": "0.23"}, 0),
            ("Train metrics generated.", {"train_loss": 14.7}),
            ("Validation mAP : 0.21", {"train_loss": 14.7}),
            ("Eval metrics generated.", {"val_mAP": "0.21"}),
            ("Training loop in progress", {"val_mAP": "0.21"}, 1),
            ("Train metrics generated.", {"train_loss": 14.8}),
            ("Train finished successfully.", {"train_loss": 14.8}))
        self.assertEqual(curve(path), [{"epoch": 0, "val_mAP": 0.23, "train_loss": 14.7},
                                       {"epoch": 1, "val_mAP": 0.21, "train_loss": 14.8}])

    def test_an_epoch_without_validation_repeats_nothing(self):
        path = status_file(
            ("Training loop in progress", {}, 0),
            ("Train metrics generated.", {"train_loss": 2}),
            ("Training loop in progress", {"train_loss": 2}, 1),
            ("Train metrics generated.", {"train_loss": 1}))
        self.assertEqual(curve(path), [{"epoch": 0, "train_loss": 2.0}, {"epoch": 1, "train_loss": 1.0}])

    def test_a_command_that_broke_off_has_what_it_had(self):
        self.assertEqual(curve(status_file(("Starting train.", {}))), [])
        self.assertEqual(curve(pathlib.Path("absent/status.json")), [])


if __name__ == "__main__":
    unittest.main()
