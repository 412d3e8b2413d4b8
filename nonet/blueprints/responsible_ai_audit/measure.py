"""The worker's side of this blueprint: the shipped project, stage by stage, as it is measured."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairness import parts
from fairness.design import parse
from fairness.errors import FairnessError

FORMATS = (".skops", ".onnx")
ROWS = "rows.jsonl"
TABLE = "table.json"


def ingest(source: Path, out: Path, inputs: dict[str, Any]) -> dict[str, float]:
    """Read the table into ``rows.jsonl`` and ``table.json``; try a given model on the first rows."""
    from fairness import given, leakage, table

    data = next(path for path in sorted(source.iterdir()) if path.stem == "table")
    columns = table.Columns(
        label=inputs["label"],
        attributes=_listed(inputs["attribute"]),
        positive=inputs.get("positive") or "",
        predictions=inputs.get("predictions") or "",
        threshold=_number(inputs, "threshold", 0.5),
        drop=_listed(inputs.get("drop")),
    )
    read = table.parse(table.read(data), columns)
    model = _model(source)
    if model:
        scores = given.load(model, read.features, columns.positive)(read.rows[:50])
        if scores.shape != (min(50, len(read.rows)),):
            raise FairnessError(f"{model.name} gives {scores.shape} scores for {min(50, len(read.rows))} rows")
        shutil.copyfile(model, out / model.name)
    described = {
        "features": read.features,
        "attributes": list(columns.attributes),
        "label": columns.label,
        "positive": columns.positive,
        "threshold": columns.threshold,
        "dropped": read.dropped,
        "suspects": leakage.suspects(read.rows, [name for name in read.features if name not in columns.attributes]),
        "groupings": {name: each.json() for name, each in read.groupings.items()},
    }
    _write(out / TABLE, [described])
    _write(out / ROWS, read.rows)
    _write(out / "skipped.jsonl", [{"name": name, "reason": reason} for name, reason in read.skipped])
    return {"rows": len(read.rows), "features": len(read.features), "skipped": len(read.skipped)}


def stages(design: dict[str, Any]) -> list[dict[str, Any]]:
    """What the data say by themselves, which designs share; then the fitted model."""
    own = ["model", "source", "mitigation", "constraint", "slack", "sees_attributes", "epsilon"]
    return [
        {"name": "audit", "fields": [], "parents": [], "data": True},
        {"name": "model", "fields": own, "parents": [], "data": True},
    ]


def build(stage: str, design: dict[str, Any], data: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    """Audit the fit rows, or fit the design on them."""
    described = _read(data / TABLE)[0]
    rows = [_labelled(unit) for unit in _read(data / "fit.jsonl")] if (data / "fit.jsonl").is_file() else []
    if len({row["y"] for row in rows}) < 2:
        raise FairnessError(f"the {len(rows)} rows to train on do not hold both outcomes; bring more rows")
    if stage == "audit":
        from fairness import bias, monitoring

        found = bias.audit(rows, described["features"], described["attributes"])
        _write(out / "audit.json", [{**found, "table": described}])
        reference = monitoring.profile(rows, described["features"])
        (out / "reference.json").write_text(json.dumps(reference, ensure_ascii=False), encoding="utf-8")
        return {"rows_read": len(rows)}
    from fairness import fitting

    model = _model(data)
    columns, attributes = described["features"], described["attributes"]
    fitted = fitting.fit(parse(design), rows, columns, attributes, model, described["positive"])
    if fitted.given:
        fitted.threshold = float(described["threshold"])
    fitted.save(out, model)
    return {"rows_read": len(rows), "parameters": fitted.parameters}


def open(design: dict[str, Any], stages: dict[str, Path]) -> System:
    """Load the fitted parts."""
    return System(parts.Parts.load(stages["model"]))


class System:
    """A fitted design, deciding rows."""

    def __init__(self, loaded: parts.Parts) -> None:
        self._parts = loaded

    def run(self, units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return {"label", "score"} for every unit."""
        return parts.decide(self._parts, [unit["features"] for unit in units])


def _labelled(unit: Mapping[str, Any]) -> dict[str, Any]:
    return {**unit["features"], "y": unit["label"]["y"]}


def _model(folder: Path) -> Path | None:
    return next((path for path in sorted(folder.iterdir()) if path.suffix in FORMATS), None)


def _listed(value: Any) -> list[str]:
    return [each.strip() for each in (value.split(",") if isinstance(value, str) else value or []) if each.strip()]


def _number(inputs: Mapping[str, Any], name: str, default: float) -> float:
    value = inputs.get(name)
    return default if value in (None, "") else float(value)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
