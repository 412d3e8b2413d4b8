"""A small blueprint for tests: it trains on fit labels, minimises a cost under a bar on a quality that is no mean."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from nonet.errors import InputError
from nonet.state import Brief, Evidence, Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import (
    Exclusion,
    Finding,
    Metric,
    Nomination,
    Objective,
    Proposal,
    SourceFile,
    Sources,
    Target,
    Unit,
    UnitSet,
)


class Inputs(BaseModel):
    """What the user gives."""

    model_config = ConfigDict(extra="forbid")

    table: str = Field(description="CSV file with numeric columns and a 0/1 label.", json_schema_extra={"path": True})
    label: str = Field(default="label", description="Name of the label column.")


class Design(BaseModel):
    """What can be chosen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Literal["mean_threshold", "logistic", "knn"] = Field(default="mean_threshold", description="Classifier.")
    features: Literal[1, 2, 4] = Field(default=1, description="Columns used, the best separating ones first.")
    work: Literal[1, 3, 9] = Field(default=1, description="Tens of training steps (logistic) or neighbours (knn).")

    def normalised(self) -> Design:
        """Reset ``work`` where it does nothing."""
        return self.model_copy(update={"work": 1}) if self.model == "mean_threshold" else self


class Threshold(Blueprint[Inputs, Design]):
    """Binary classification of rows: as few operations as a bar on F1 allows."""

    name = "threshold"
    Inputs = Inputs
    Design = Design
    fit_share = 0.4
    tests = ("unittest",)
    metrics = (
        Metric("f1", "maximise", "Harmonic mean of precision and recall of class 1.", mean=False),
        Metric("accuracy", "maximise", "Share of rows labelled right."),
        Metric("operations", "minimise", "Arithmetic operations of one prediction.", source="resource", relative=True),
        Metric(
            "p95_latency_ms",
            "minimise",
            "95th percentile of one prediction.",
            unit="ms",
            source="latency",
            mean=False,
            percentile=95,
            minimum_units=59,
            relative=True,
        ),
    )
    objective = Objective("operations", "operations", (Target("f1", ">=", 0.75),))
    technologies: ClassVar[Mapping[str, str]] = {
        r"gradient boosting|xgboost": "gradient boosting",
        r"nearest neighbou?rs?|knn": "knn",
    }
    chart = ("operations", "f1")

    def sources(self, inputs: Inputs, exclude: Sequence[Path]) -> Sources:
        """The one table."""
        path = Path(inputs.table).expanduser().absolute()
        if not path.is_file():
            raise InputError(f"There is no file {path}.", "Give a CSV file: --table rows.csv")
        if any(path.is_relative_to(each.absolute()) for each in exclude):
            raise InputError(f"{path} lies in a folder of runs.", "Give a file outside of it.")
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            header = next(csv.reader(file), [])
        if inputs.label not in header:
            raise InputError(f"{path} has no column {inputs.label!r}.", f"Its columns: {', '.join(header) or 'none'}.")
        return Sources([SourceFile(str(path), "table.csv")])

    def units(self, inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
        """One unit a row; the measuring copy has the rows without their labels."""
        rows = _read(parsed / "rows.jsonl")
        wrong = next((row["id"] for row in rows if row["label"] not in (0, 1)), None)
        if not rows or wrong is not None:
            raise InputError(f"The label of {wrong} is neither 0 nor 1." if rows else "The table has no usable row.")
        if len({len(row["x"]) for row in rows}) > 1:
            raise InputError("The rows have different numbers of columns.")
        _write(out / "rows.jsonl", [{"id": row["id"], "x": row["x"]} for row in rows])
        return UnitSet([_unit(row) for row in rows], notes=[f"{len(rows)} rows of the table are the units."])

    def sample(self, data: Path, share: float, out: Path) -> None:
        """The first ``share`` of the rows and of the fit units."""
        for path in sorted(data.glob("*.jsonl")):
            rows = _read(path)
            _write(out / path.name, rows[: max(4, round(len(rows) * share))])

    def fingerprint(self, parsed: Path, units: UnitSet) -> dict[str, Json]:
        """Sizes and the share of class 1."""
        labels = [int(bool(unit.label)) for unit in units.units]
        first = units.units[0].features["x"]
        width = len(first) if isinstance(first, list) else 0
        return {"units": len(labels), "columns": width, "positive_share": round(sum(labels) / len(labels), 3)}

    def propose(self, brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
        """Cheap models first; evidence that names a model or a number of columns nominates it."""
        nominations = [
            Nomination({"model": "mean_threshold", "features": 4}, "rules", "more columns cost little"),
            Nomination({"model": "logistic", "features": 2, "work": 3}, "rules", "a curved boundary"),
            Nomination({"model": "knn", "features": 2, "work": 3}, "rules", "no shape assumed"),
        ]
        findings: list[Finding] = []
        for item in evidence:
            named = {name: item.facts[name] for name in ("model", "features", "work") if name in item.facts}
            if named:
                nominations.append(Nomination(named, "rules", f"named by {item.title}", (item.id,)))  # type: ignore[arg-type]
                findings.append(Finding(f"{item.title} names {named}.", (item.id,)))
        exclusions: list[Exclusion] = []
        if "gradient boosting" in brief.technologies:
            exclusions.append(Exclusion("gradient boosting", "scikit-learn in the project's environment"))
        if "knn" in brief.technologies:
            nominations.append(Nomination({"model": "knn", "features": 4, "work": 9}, "rules", "the goal names it"))
        baseline = Nomination({"model": "mean_threshold", "features": 1}, "rules", "the simplest there is")
        return Proposal(baseline, nominations, exclusions, findings)

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """F1 of class 1 (0 where there is none) and accuracy."""
        pairs = [(outputs[i], labels[i]) for i in index]
        hits = sum(output == 1 and label == 1 for output, label in pairs)
        wrong = sum(output != label for output, label in pairs)
        f1 = 2 * hits / (2 * hits + wrong) if hits else 0.0
        return {"f1": f1, "accuracy": 1 - wrong / len(pairs)}

    def demo(self, folder: Path) -> tuple[str, dict[str, Json], str]:
        """Write a table with two curved classes."""
        write_table(folder / "table.csv", rows=400)
        return "Classify the rows with an F1 of at least .75", {"table": str(folder / "table.csv")}, "6 trials"


def write_table(path: Path, rows: int, seed: int = 0) -> Path:
    """Write a CSV: eight columns, two of them informative; class 1 lies outside a tilted ellipse."""
    import random

    random_ = random.Random(seed)
    lines = ["id," + ",".join(f"x{j}" for j in range(8)) + ",label"]
    for number in range(rows):
        x = [random_.gauss(0, 1) for _ in range(8)]
        label = int(0.9 * x[0] + 0.6 * x[0] * x[0] + 0.7 * x[1] + random_.gauss(0, 0.5) > 0.6)
        lines.append(f"r{number}," + ",".join(f"{value:.4f}" for value in x) + f",{label}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _unit(row: dict[str, Json]) -> Unit:
    return Unit(key=str(row["id"]), features={"x": row["x"]}, label=row["label"], content=json.dumps(row["x"]))


def _read(path: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _write(path: Path, rows: Sequence[Mapping[str, Json]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


blueprint = Threshold()
