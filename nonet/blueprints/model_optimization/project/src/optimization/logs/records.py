"""Logs written as records: CSV (Keras, Lightning), JSON lines, and the JSON that transformers and Keras keep."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import cast

from optimization.logs.series import Series, ordered

_STEPS = ("global_step", "trainer/global_step", "step", "_step", "iteration", "iter", "epoch", "round", "batch")
_METRIC = re.compile(
    r"(^|[\W_])(loss|acc|accuracy|auc|f1|precision|recall|rmse|mae|mse|perplexity|ppl|bleu|rouge\w*|r2|lr|learning_rate"
    r"|grad_norm|reward|iou|dice|logloss|wer|cer)([\W_\d]|$)",
    re.IGNORECASE,
)
_BLANK = frozenset({"", "na", "n/a", "null", "none", "-"})
"""What loggers write for no value. "nan" is a value that was computed."""
_TEXTS_ALLOWED = 10
"""A column is numeric when at most one in so many of its values is a text."""


def from_csv(text: str, source: str) -> list[Series]:
    """Return the metrics of a CSV file; none if it is other data than a log."""
    header = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    try:
        names = [name.strip().lstrip("#").strip() for name in next(rows, list[str]())]
        if len(names) < 2 or not _may_be_log(names):
            return []
        return _columns([dict(zip(names, row, strict=False)) for row in rows], source)
    except csv.Error:
        return []


def from_json_lines(text: str, source: str) -> list[Series]:
    """Return the metrics of a file of JSON records; a line that is cut off is passed over."""
    found: list[Mapping[str, object]] = []
    for line in text.splitlines():
        try:
            record: object = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            found.append(flat(cast("dict[str, object]", record)))
    return _columns(found, source) if _may_be_log({name for record in found for name in record}) else []


def from_json(text: str, source: str) -> list[Series]:
    """Return the metrics of ``trainer_state.json``, of a list of records, or of lists by metric (Keras' history)."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        history = fields.get("log_history")
        return (
            _of_records(cast("list[object]", history), source)
            if isinstance(history, list)
            else _of_lists(fields, source)
        )
    return _of_records(cast("list[object]", value), source) if isinstance(value, list) else []


def flat(record: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Return a record without nesting: names joined by dots."""
    found: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= flat(cast("dict[str, object]", value), f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


def number(value: object) -> float | None:
    """Return a number, or a text that is one, as a float; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _of_records(values: Sequence[object], source: str) -> list[Series]:
    records = [flat(cast("dict[str, object]", each)) for each in values if isinstance(each, dict)]
    if not records or len(records) < len(values) or not _may_be_log({name for record in records for name in record}):
        return []
    return _columns(records, source)


def _of_lists(fields: Mapping[str, object], source: str) -> list[Series]:
    lists = {name: cast("list[object]", each) for name, each in fields.items() if isinstance(each, list)}
    if not any(_METRIC.search(name) for name in lists):
        return []
    found: list[Series] = []
    for name, each in lists.items():
        values = [number(value) for value in each]
        if values and None not in values:
            found.append(
                ordered(name, [(float(place), cast("float", value)) for place, value in enumerate(values)], source)
            )
    return found


def _may_be_log(names: Iterable[str]) -> bool:
    return any(name.strip().lower() in _STEPS or _METRIC.search(name) for name in names)


def _columns(records: Sequence[Mapping[str, object]], source: str) -> list[Series]:
    """Return the numeric columns of records by step; none if their steps do not go on, as those of a log do."""
    numbers: dict[str, list[tuple[int, float]]] = {}
    texts: dict[str, int] = {}
    for row, record in enumerate(records):
        for name, value in record.items():
            if value is None or (isinstance(value, str) and value.strip().lower() in _BLANK):
                continue
            found = number(value)
            if found is None:
                texts[name] = texts.get(name, 0) + 1
            else:
                numbers.setdefault(name, []).append((row, found))
    numeric = {name: each for name, each in numbers.items() if texts.get(name, 0) * _TEXTS_ALLOWED <= len(each)}
    step = next((name for wanted in _STEPS for name in numeric if name.strip().lower() == wanted), None)
    if step is None and (len(numeric) < len(numbers.keys() | texts.keys()) or not any(map(_METRIC.search, numeric))):
        return []
    steps = dict(numeric.pop(step)) if step is not None else {}
    if not _advances(list(steps.values())):
        return []
    return [
        ordered(name, [(steps.get(row, float(row)), value) for row, value in column], source)
        for name, column in numeric.items()
        if name.strip().lower() not in _STEPS
    ]


def _advances(steps: Sequence[float]) -> bool:
    """Whether steps mostly go on, however often the run was resumed, and are finite."""
    back = sum(later < earlier for earlier, later in pairwise(steps))
    return all(math.isfinite(step) for step in steps) and back * 10 <= len(steps)
