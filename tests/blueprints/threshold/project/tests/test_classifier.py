"""The shipped classifier's own tests: ``uv run python -m unittest``."""

import json
import unittest
from pathlib import Path

from threshold import models
from threshold.classifier import shipped

PROJECT = Path(__file__).resolve().parent.parent


class ClassifierTest(unittest.TestCase):
    def test_every_model_learns_a_separable_line(self):
        rows = [[float(value)] for value in range(-10, 11) if value]
        labels = [int(row[0] > 0) for row in rows]
        for name, kind in models.MODELS.items():
            model = models.restore(name, kind.fit(rows, labels, 3).state())
            assert [model.predict(row) for row in rows] == labels, name

    @unittest.skipUnless((PROJECT / "settings.json").exists(), "no settings.json: not shipped yet")
    def test_what_ships_loads_and_predicts(self):
        width = 1 + max(json.loads((PROJECT / "artifacts" / "columns" / "columns.json").read_text(encoding="utf-8")))
        assert shipped(PROJECT).predict([0.0] * width) in (0, 1)


if __name__ == "__main__":
    unittest.main()
