"""The classifier as it ships: a design and the folders of its fitted parts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threshold import columns, models


class Classifier:
    """Chosen columns, then a model."""

    def __init__(self, chosen: Sequence[int], model: models.Model) -> None:
        self._chosen = list(chosen)
        self._model = model

    def predict(self, row: Sequence[float]) -> int:
        """Return 0 or 1 for a row of all columns."""
        return self._model.predict([row[j] for j in self._chosen])


def load(design: Mapping[str, Any], parts: Mapping[str, Path]) -> Classifier:
    """Load the classifier of a design from its parts ``columns`` and ``model``."""
    state = json.loads((parts["model"] / "model.json").read_text(encoding="utf-8"))
    return Classifier(columns.load(parts["columns"]), models.restore(design["model"], state))


def shipped(project: Path) -> Classifier:
    """Load what ``settings.json`` and ``artifacts/`` hold."""
    settings = json.loads((project / "settings.json").read_text(encoding="utf-8"))
    artifacts = project / "artifacts"
    return load(settings["design"], {name: artifacts / name for name in ("columns", "model")})
