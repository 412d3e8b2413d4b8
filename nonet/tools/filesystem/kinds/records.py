"""Logs written as records: CSV (Keras' CSVLogger, Lightning's metrics.csv), JSON lines, ``trainer_state.json``."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import cast

from nonet.tools.filesystem.kinds.described import Described, flat
from nonet.tools.filesystem.kinds.series import Series
from nonet.tools.filesystem.kinds.training_log import training_log

ROW_LIMIT = 1_000_000
COLUMN_LIMIT = 1_000
_STEPS = ("global_step", "trainer/global_step", "step", "_step", "iteration", "iter", "epoch", "round", "batch")
_METRIC = re.compile(
    r"(^|[\W_])(loss|acc|accuracy|auc|f1|precision|recall|rmse|mae|mse|perplexity|ppl|bleu|rouge\w*|r2|lr|learning_rate"
    r"|grad_norm|reward|iou|dice|logloss|wer|cer)([\W_\d]|$)",
    re.I,
)
_BLANK = frozenset({"", "na", "n/a", "null", "none", "-"})
"""What loggers write for no value: Keras' CSVLogger "NA", Lightning nothing. "nan" is a value that was computed."""


def from_csv(text: str) -> Described | None:
    """Describe a CSV file that is a training log; ``None`` if it is other data."""
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lstrip("#").strip() for name in next(rows, list[str]())]
        if not 1 < len(names) <= COLUMN_LIMIT or not _may_be_log(names):
            return None
        series = _columns(dict(zip(names, row, strict=False)) for row in islice(rows, ROW_LIMIT))
    except csv.Error:
        return None
    return training_log(series, "CSV", notes=_unfinished(rows)) if series else None


def from_json_lines(text: str) -> Described | None:
    """Describe a file of JSON records that is a training log; ``None`` if it is other data."""
    records: list[Mapping[str, object]] = []
    broken = 0
    lines = (line for line in io.StringIO(text) if line.strip())
    for number, line in enumerate(islice(lines, ROW_LIMIT)):
        try:
            record: object = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            records.append(flat(cast("dict[str, object]", record))[0])
        else:
            broken += 1
        if number == 200 and (broken > 100 or not _may_be_log({name for record in records for name in record})):
            return None
    series = _columns(records)
    notes = [f"{broken} lines are no JSON records."] if broken else []
    return training_log(series, "JSONL", notes=[*notes, *_unfinished(lines)]) if series else None


def from_json(value: object) -> Described | None:
    """Describe a JSON value that is a log: a list of records, ``log_history`` of transformers, Keras' ``history``."""
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        history = fields.get("log_history")
        if isinstance(history, list):
            state = {name: each for name, each in fields.items() if not isinstance(each, list | dict)}
            found = _of_records(cast("list[object]", history))
            return training_log(found, "trainer_state", flat(state)[0]) if found else None
        found = _of_lists(fields)
        return training_log(found, "JSON") if found else None
    if isinstance(value, list):
        found = _of_records(cast("list[object]", value))
        return training_log(found, "JSON") if found else None
    return None


def from_points(text: str, name: str) -> Described | None:
    """Describe a metric file of an MLflow run: lines of time in milliseconds, value and step."""
    found = points(text, name)
    return training_log([found], "MLflow metric") if found.values else None


def points(text: str, name: str) -> Series:
    """Return the series of an MLflow metric file; lines of another form are passed over."""
    steps: list[float] = []
    values: list[float] = []
    for line in islice(io.StringIO(text), ROW_LIMIT):
        parts = line.split()
        value = _number(parts[1]) if len(parts) in (2, 3) else None
        step = _number(parts[2]) if len(parts) == 3 else float(len(steps))
        if value is not None and step is not None and math.isfinite(step):
            steps.append(step)
            values.append(value)
    return Series(name, steps, values)


def _of_records(values: Sequence[object]) -> list[Series]:
    records = [flat(cast("dict[str, object]", each))[0] for each in values[:ROW_LIMIT] if isinstance(each, dict)]
    return _columns(records) if records and len(records) == min(len(values), ROW_LIMIT) else []


def _of_lists(fields: Mapping[str, object]) -> list[Series]:
    """Return the lists of numbers, where all are and one is named like a metric, by their index."""
    lists = {name: cast("list[object]", each) for name, each in fields.items() if isinstance(each, list)}
    if not lists or len(lists) < len(fields) or not any(_METRIC.search(name) for name in lists):
        return []
    numbers = {name: [_number(value) for value in each] for name, each in lists.items()}
    if not all(each and None not in each for each in numbers.values()):
        return []
    return [
        Series(name, [float(index) for index in range(len(each))], [value for value in each if value is not None])
        for name, each in numbers.items()
    ]


def _may_be_log(names: Iterable[str]) -> bool:
    """Whether one of some columns is named like a step or a metric."""
    return any(name.strip().lower() in _STEPS or _METRIC.search(name) for name in names)


def _columns(records: Iterable[Mapping[str, object]]) -> list[Series]:
    """Return the numeric columns of records by step; none if the records are no log."""
    numbers: dict[str, list[tuple[int, float]]] = {}
    others: dict[str, int] = {}
    for row, record in enumerate(records):
        for name, value in record.items():
            if value is None or (isinstance(value, str) and value.strip().lower() in _BLANK):
                continue
            number = _number(value)
            if number is None:
                others[name] = others.get(name, 0) + 1
            elif name in numbers or len(numbers) < COLUMN_LIMIT:
                numbers.setdefault(name, []).append((row, number))
    numeric = {name: column for name, column in numbers.items() if others.get(name, 0) * 10 <= len(column)}
    step = next((name for wanted in _STEPS for name in numeric if name.strip().lower() == wanted), None)
    texts = len(numeric) < len(numbers.keys() | others.keys())
    if step is None and (texts or not any(_METRIC.search(name) for name in numeric)):
        return []
    steps = dict(numeric.pop(step)) if step is not None else {}
    if not _advances(list(steps.values())):
        return []
    return [_series(name, column, steps) for name, column in numeric.items() if name.strip().lower() not in _STEPS]


def _series(name: str, column: Sequence[tuple[int, float]], steps: Mapping[int, float]) -> Series:
    placed = [(steps.get(row, float(row)), value) for row, value in column]
    return Series(name, [step for step, _ in placed], [value for _, value in placed])


def _advances(steps: Sequence[float]) -> bool:
    """Whether steps mostly go on, as they do in a log, however often it was resumed; and are finite."""
    back = sum(later < earlier for earlier, later in pairwise(steps))
    return all(math.isfinite(step) for step in steps) and back * 10 <= len(steps)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _unfinished(rows: Iterable[object] | Iterator[object]) -> list[str]:
    more = next(iter(rows), None) is not None
    return [f"Only the first {ROW_LIMIT:,} records were read."] if more else []
