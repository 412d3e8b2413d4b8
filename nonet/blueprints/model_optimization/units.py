"""The units: the examples, each with what the original answers and, where there is one, its label."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from nonet.blueprints.model_optimization import scoring
from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.errors import InputError, storage
from nonet.state import Json
from nonet.trials.contract import Unit, UnitSet

FEWEST = 10
FIT_SHARE = 0.3
REFERENCE = "reference.jsonl"


def make(inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
    """Make one unit an example; the measuring copy is without the original's outputs.

    Raises:
        InputError: too few examples, or labels that the model's outputs cannot be held against.
    """
    meta: dict[str, Any] = json.loads((parsed / "meta.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in (parsed / REFERENCE).read_text(encoding="utf-8").splitlines()]
    if len(rows) < FEWEST:
        raise InputError(
            f"There are {len(rows)} examples: too few to calibrate on some and to compare on others.",
            f"Give {FEWEST} or more; from 50 on a share is sealed for the claim.",
        )
    kind = str(meta["main"]["kind"])
    labels = [row["label"] for row in rows]
    if labels[0] is not None:
        _fits(kind, rows, labels)
    scale = scoring.scale(kind, rows, labels)
    with storage(out):
        shutil.copytree(parsed, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(REFERENCE, "skipped.jsonl"))
    units = [_unit(place, row, kind, scale) for place, row in enumerate(rows)]
    return UnitSet(units, notes=[_note(kind, len(rows), labels[0] is not None, bool(meta["main"]["label"]))])


def _unit(place: int, row: Mapping[str, Any], kind: str, scale: float) -> Unit:
    label = {"kind": kind, "scale": scale, "y": row["label"], "values": row["values"], "decision": row["decision"]}
    return Unit(
        key=f"example {place}",
        features={"row": place},
        label=cast("Json", label),
        content=str(row["content"]),
        kind="computed" if row["label"] is None else "given",
    )


def _fits(kind: str, rows: Sequence[Mapping[str, Any]], labels: Sequence[Any]) -> None:
    if kind == "vector":
        raise InputError(
            "Labels are given, and the model's output is a vector that they cannot be held against.",
            "Leave --labels out, or say what the output is: --output-kind decision.",
        )
    if kind == "number" and not all(isinstance(label, int | float) for label in labels):
        raise InputError("The model gives numbers and the labels are words.", "Give numbers as labels.")
    if kind == "decision" and not {type(row["decision"]) for row in rows} & {type(label) for label in labels}:
        mine, theirs = type(rows[0]["decision"]).__name__, type(labels[0]).__name__
        raise InputError(
            f"The model decides by {mine} and the labels are of type {theirs}.", "Give labels as the model names them."
        )


def _note(kind: str, count: int, labelled: bool, by_label: bool) -> str:
    if labelled:
        how = "the labelled metric, as what is lost of the original's"
    elif kind == "decision":
        how = "the same decision as the original's"
    else:
        how = "the cosine with the original's output" if kind == "vector" else "nearness to the original's number"
    told = "its label" if by_label else f"a {kind}"
    return f"The {count} examples are the units; the output is {told}, and fidelity is {how}."
