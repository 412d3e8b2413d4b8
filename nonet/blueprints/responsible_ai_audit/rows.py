"""Units of a parsed table: one a row, with its groups and what of them is large enough to be compared."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nonet.blueprints.responsible_ai_audit.inputs import Inputs
from nonet.blueprints.responsible_ai_audit.scoring import INTERSECTION
from nonet.errors import InputError, storage
from nonet.state import Json
from nonet.trials.contract import Unit, UnitSet

LEAST = 30
"""Rows of either label that a group needs in the table to be compared: about nine of each on the selection part."""
MODELS = (".skops", ".onnx")


def units(inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
    """Make one unit a row; the measuring copy has what the table is and a given model, but no row.

    Raises:
        InputError: an attribute has fewer than two groups that are large enough.
    """
    rows = [json.loads(line) for line in (parsed / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    large = {name: _large(rows, name) for name in (*inputs.attribute, INTERSECTION)}
    notes = [f"{len(rows):,} rows of the table are the units."]
    for name in inputs.attribute:
        sizes = Counter(row["groups"][name] for row in rows)
        if len(large[name]) < 2:
            shown = ", ".join(f"{group}: {count:,}" for group, count in sizes.most_common(6))
            raise InputError(
                f"The attribute {name!r} has fewer than two groups with {LEAST} rows of either label ({shown}).",
                "Give more rows, or another attribute.",
            )
        if small := sorted(set(sizes) - large[name]):
            listed = ", ".join(f"{group} ({sizes[group]:,})" for group in small[:8])
            notes.append(
                f"Too small to be compared, fewer than {LEAST} rows of either label, of {name}: {listed}. Their rows "
                "count in everything but the gaps."
            )
    described = json.loads((parsed / "table.json").read_text(encoding="utf-8"))
    left = {
        name: why for name, why in described["dropped"].items() if why not in ("the label", "the given predictions")
    }
    if left:
        notes.append("No model learns from " + "; ".join(f"{name} ({why})" for name, why in left.items()) + ".")
    warnings = list[str]()
    if late := described["suspects"]:
        warnings.append(
            "Perhaps known only after the outcome, and models learned from it: "
            + "; ".join(f"{name} ({why})" for name, why in late.items())
            + ". A model that reads such a column cannot decide before the outcome. Leave out what was not known then: "
            + " ".join(f"--drop {name}" for name in late)
        )
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(parsed.iterdir()):
        if path.name == "table.json" or path.suffix in MODELS:
            with storage(out / path.name):
                shutil.copyfile(path, out / path.name)
    contents = _contents(rows)
    found = [_unit(place, row, contents[place], large, inputs.criterion) for place, row in enumerate(rows)]
    return UnitSet(found, notes, warnings=warnings)


def _large(rows: Sequence[Mapping[str, Any]], name: str) -> set[str]:
    counts = Counter((_group(row, name), row["y"]) for row in rows)
    return {group for group, _ in counts if min(counts[group, 0], counts[group, 1]) >= LEAST}


def _group(row: Mapping[str, Any], name: str) -> str:
    return " & ".join(row["groups"].values()) if name == INTERSECTION else row["groups"][name]


def _contents(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What decides the side of each row: its cells. Equal rows stay together where they are copies of one another.

    Where most rows have an equal, the columns are few and coarse: equal rows are other people, and are told apart by
    their number among their equals, or a handful of kinds of people would all fall on one side.
    """
    cells = [json.dumps([row["x"], row["groups"]], sort_keys=True, ensure_ascii=False) for row in rows]
    if 2 * len(set(cells)) >= len(cells):
        return cells
    seen = Counter[str]()
    contents: list[str] = []
    for cell in cells:
        seen[cell] += 1
        contents.append(f"{cell} {seen[cell]}")
    return contents


def _unit(place: int, row: Mapping[str, Any], content: str, large: Mapping[str, set[str]], criterion: str) -> Unit:
    features: dict[str, Json] = {"x": row["x"], "groups": row["groups"], "given": row["given"]}
    compared = [name for name, groups in large.items() if _group(row, name) in groups]
    label: dict[str, Json] = {"y": row["y"], "groups": row["groups"], "compared": compared, "criterion": criterion}
    return Unit(key=f"row {place + 1}", features=features, label=label, content=content)


def fingerprint(parsed: Path, units: Sequence[Unit]) -> dict[str, Json]:
    """Describe the table for the memory: sizes, base rate, groups by number and size; no value of a cell."""
    described = json.loads((parsed / "table.json").read_text(encoding="utf-8"))
    labels = [unit.label for unit in units if isinstance(unit.label, Mapping)]
    first: Any = labels[0]
    groups: Any = [label["groups"] for label in labels]
    counts = {name: Counter(each[name] for each in groups) for name in first["groups"]}
    given: Any = units[0].features["given"]
    return {
        "units": len(units),
        "features": len(described["features"]),
        "attributes": len(counts),
        "groups": sum(len(each) for each in counts.values()),
        "smallest_group_share": round(min(min(each.values()) for each in counts.values()) / len(units), 4),
        "positive_share": round(sum(int(bool(label["y"])) for label in labels) / len(units), 4),
        "criterion": first["criterion"],
        "given_model": bool(given is not None or any(path.suffix in MODELS for path in parsed.iterdir())),
    }
