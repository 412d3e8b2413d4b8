"""The project as it ships: settings, fitted parts, what was measured; and tables read as they were then."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairness.errors import FairnessError
from fairness.groups import Grouping
from fairness.parts import Parts

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Shipped:
    """A project folder with ``settings.json`` and ``artifacts/``."""

    folder: Path

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What was decided; see the README."""
        return _json(self.folder / "settings.json")

    @cached_property
    def audit(self) -> dict[str, Any]:
        """What the fitted rows said before any model, and how the table was read."""
        return _json(self.folder / "artifacts" / "audit" / "audit.json")

    @cached_property
    def reference(self) -> dict[str, Any]:
        """The fitted rows' profile."""
        return _json(self.folder / "artifacts" / "audit" / "reference.json")

    @cached_property
    def parts(self) -> Parts:
        """The fitted design."""
        folder = self.folder / "artifacts" / "model"
        if not folder.is_dir():
            raise FairnessError("artifacts/model is not there: this project has not been fitted")
        return Parts.load(folder)

    @property
    def features(self) -> list[str]:
        """Columns that a row may have."""
        return self.audit["table"]["features"]

    @cached_property
    def groupings(self) -> dict[str, Grouping]:
        """How attributes' values became groups when the design was fitted."""
        return {n: Grouping(n, tuple(g["edges"])) for n, g in self.audit["table"]["groupings"].items()}

    def rows(self, path: Path) -> list[dict[str, Any]]:
        """Read a table as rows; "y" is there where the label's column is.

        Raises:
            FairnessError: a column is missing, or a row has no group.
        """
        from fairness import table

        return self.rows_of(table.read(path))

    def rows_of(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Return a frame's rows; see ``rows``."""
        from fairness import table

        predictions = self.settings["predictions"] if self.parts.given == "column" else ""
        for name in [*self.features, *([predictions] if predictions else [])]:
            if name not in frame.columns:
                raise FairnessError(f"there is no column {name!r}, which the design was fitted with")
        y = self._outcomes(frame)
        scores = table.predictions(frame[predictions], predictions) if predictions else None
        rows: list[dict[str, Any]] = []
        for place, record in enumerate(frame.to_dict("records")):
            groups = {name: each.of(record[name]) for name, each in self.groupings.items()}
            if lacking := [name for name, group in groups.items() if group is None]:
                raise FairnessError(f"row {place + 1} has no {lacking[0]}")
            x = {name: table.plain(record[name]) for name in self.features}
            given = scores[place] if scores else None
            rows.append({"x": x, "groups": groups, "given": given, "y": y[place]})
        return rows

    def _outcomes(self, frame: pd.DataFrame) -> list[int | None]:
        from fairness import table

        label = self.settings["label"]
        if label not in frame.columns:
            return [None] * len(frame)
        known = table.binary(frame[label], label, self.settings["positive"])
        return [None if value is None else int(value) for value in known]


def here() -> Shipped:
    """The project that this package lies in."""
    return Shipped(Path(__file__).resolve().parents[2])


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FairnessError(f"{path.name} is not there: this project has not been fitted")
    return json.loads(path.read_text(encoding="utf-8"))
