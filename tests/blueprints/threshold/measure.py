"""The worker of the threshold blueprint. Runs in the project's own environment; imports nothing but the project."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from threshold import classifier, columns, models


def ingest(source: Path, out: Path, inputs: dict[str, Any]) -> dict[str, float]:
    """Parse ``table.csv`` into ``rows.jsonl``: {"id", "x", "label"}."""
    skipped: list[dict[str, str]] = []
    rows: list[dict[str, Any]] = []
    label = inputs.get("label") or "label"
    with (source / "table.csv").open(encoding="utf-8", newline="") as file:
        for number, record in enumerate(csv.DictReader(file), start=2):
            try:
                x = [float(value) for name, value in record.items() if name not in (label, "id")]
                rows.append({"id": record.get("id") or f"row {number}", "x": x, "label": int(record[label])})
            except (KeyError, TypeError, ValueError) as error:
                skipped.append({"name": f"table.csv:{number}", "reason": f"not numeric: {error}"})
    _write(out / "rows.jsonl", rows)
    _write(out / "skipped.jsonl", skipped)
    return {"rows": len(rows), "skipped": len(skipped)}


def stages(design: dict[str, Any]) -> list[dict[str, Any]]:
    """Choose columns, then fit a model on them."""
    return [
        {"name": "columns", "fields": ["features"], "parents": [], "data": True},
        {"name": "model", "fields": ["model", "work"], "parents": ["columns"], "data": True},
    ]


def build(stage: str, design: dict[str, Any], data: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    """Fit one stage on the fit units."""
    fit = _read(data / "fit.jsonl")
    rows = [row["features"]["x"] for row in fit]
    labels = [row["label"] for row in fit]
    if stage == "columns":
        columns.save(columns.choose(rows, labels, design["features"]), out)
        return {"rows_read": len(rows)}
    chosen = columns.load(parents["columns"])
    model = models.MODELS[design["model"]].fit([[row[j] for j in chosen] for row in rows], labels, design["work"])
    (out / "model.json").write_text(json.dumps(model.state()), encoding="utf-8")
    return {"operations": model.operations}


def open(design: dict[str, Any], stages: dict[str, Path]) -> System:
    """Load the classifier."""
    return System(classifier.load(design, stages))


class System:
    """A loaded classifier."""

    def __init__(self, loaded: classifier.Classifier) -> None:
        self._classifier = loaded

    def run(self, units: list[dict[str, Any]]) -> list[int]:
        """Return a label for each unit."""
        return [self._classifier.predict(unit["features"]["x"]) for unit in units]


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
