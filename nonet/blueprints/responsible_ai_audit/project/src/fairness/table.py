"""Reading a table: rows with features, a label, protected groups and, where given, a prediction.

A row is ``{"x": {column: number, text or None}, "y": 0 | 1, "groups": {attribute: group}, "given": float | None}``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from fairness.errors import FairnessError
from fairness.groups import Grouping, grouping
from fairness.outcomes import FALSE, TRUE, same_number

IDENTIFIER = 0.95
"""A text column with this share of distinct values, or whole numbers that are all distinct, names rows."""


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        label: the outcome.
        positive: the label's value that counts as 1 ("": told from 0/1, yes/no, true/false).
        attributes: the protected ones.
        predictions: a column with a given model's decisions or scores ("" for none).
        threshold: a given score counts as 1 from here on.
        drop: columns that no model may learn from.
    """

    label: str
    attributes: Sequence[str]
    positive: str = ""
    predictions: str = ""
    threshold: float = 0.5
    drop: Sequence[str] = ()


@dataclass
class Table:
    """A table read: rows that can be used, groups, and what was left out.

    Attributes:
        features: names of the columns a model may learn from, the protected ones among them.
        skipped: (row, reason) of rows that cannot be used.
        dropped: column → why no model learns from it.
    """

    rows: list[dict[str, Any]]
    features: list[str]
    groupings: dict[str, Grouping]
    skipped: list[tuple[str, str]] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> pd.DataFrame:
    """Read a CSV or Parquet file.

    Raises:
        FairnessError: it is no table.
    """
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, low_memory=False)
    except (ValueError, OSError, pd.errors.ParserError) as error:
        raise FairnessError(f"{path.name} is no readable table ({str(error).splitlines()[0]})") from error
    if frame.columns.duplicated().any():
        twice = frame.columns[frame.columns.duplicated()][0]
        raise FairnessError(f"{path.name} has two columns named {twice!r}; rename one")
    frame.columns = [str(name) for name in frame.columns]
    return frame


def parse(frame: pd.DataFrame, columns: Columns) -> Table:
    """Make rows of a frame; a row without a label, a group or a prediction is left out and named.

    Raises:
        FairnessError: a column is missing, the label has not two values, or no row is left.
    """
    wanted = [
        columns.label,
        *columns.attributes,
        *([columns.predictions] if columns.predictions else []),
        *columns.drop,
    ]
    for name in wanted:
        if name not in frame.columns:
            raise FairnessError(f"there is no column {name!r}; the columns are {', '.join(map(str, frame.columns))}")
    label = binary(frame[columns.label], columns.label, columns.positive)
    groupings = {name: grouping(name, frame[name]) for name in columns.attributes}
    given = _given(frame, columns)
    dropped = _dropped(frame, columns)
    features = [name for name in frame.columns if name not in dropped]
    values = frame[features].astype(object).where(frame[features].notna(), None)
    grouped = {name: [each.of(value) for value in frame[name]] for name, each in groupings.items()}
    table = Table([], features, groupings, dropped=dropped)
    records = values.to_dict("records")
    for place, record in enumerate(records):
        lacking = _lacking(place, label, grouped, given, columns)
        if lacking:
            table.skipped.append((f"row {place + 1}", lacking))
            continue
        table.rows.append(
            {
                "x": {str(name): plain(value) for name, value in record.items()},
                "y": int(label[place]),
                "groups": {name: str(groups[place]) for name, groups in grouped.items()},
                "given": None if given is None else float(given[place]),
            }
        )
    if not table.rows:
        raise FairnessError("no row has a label, every protected attribute and a prediction")
    if len({row["y"] for row in table.rows}) < 2:
        raise FairnessError(f"the label {columns.label!r} has one value only among the usable rows")
    return table


def frame_of(rows: Sequence[Mapping[str, Any]], features: Sequence[str]) -> pd.DataFrame:
    """Return the features of rows as a frame; what is missing is NaN or None."""
    return pd.DataFrame([[row["x"].get(name) for name in features] for row in rows], columns=list(features))


def plain(value: Any) -> Any:
    """Return a cell as JSON: a number, a text or ``None``."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)) or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, int | float | str) and not isinstance(value, bool) else _text(value)


def _text(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else str(value)


def binary(values: pd.Series, name: str, positive: str) -> list[float | None]:
    """Return 0, 1 or ``None`` (missing) for every row of a label.

    Raises:
        FairnessError: it has other values than 0/1 or yes/no and none was named, or never the one that was.
    """
    texts = [None if pd.isna(value) else str(value).strip() for value in values]
    found = sorted({text for text in texts if text is not None})
    if not found:
        raise FairnessError(f"the label {name!r} has no value")
    if positive:
        wanted = positive.strip()
        if wanted not in found:
            numeric = [text for text in found if same_number(text, wanted)]
            if not numeric:
                raise FairnessError(f"the label {name!r} never is {wanted!r}; its values: {', '.join(found[:8])}")
            wanted = numeric[0]
        return [None if text is None else float(text == wanted) for text in texts]
    folded = {text.lower() for text in found}
    if not folded <= {*TRUE, *FALSE}:
        raise FairnessError(
            f"the label {name!r} is not 0/1 or yes/no; its values: {', '.join(found[:8])}. "
            "Say which is the favourable one: --positive VALUE"
        )
    return [None if text is None else float(text.lower() in TRUE) for text in texts]


def _given(frame: pd.DataFrame, columns: Columns) -> list[float] | None:
    if not columns.predictions:
        return None
    found = predictions(frame[columns.predictions], columns.predictions)
    _both_sides([value for value in found if math.isfinite(value)], columns)
    return found


def predictions(values: pd.Series, name: str) -> list[float]:
    """Return given decisions or scores as numbers, yes as 1 and no as 0; NaN where one is missing.

    Raises:
        FairnessError: they are neither numbers nor yes/no.
    """
    if not values.notna().any():
        raise FairnessError(f"the predictions {name!r} have no value")
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().sum() == 0:
        folded = values.astype(str).str.strip().str.lower().where(values.notna(), "nan")
        if not folded.isin([*TRUE, *FALSE, "nan"]).all():
            raise FairnessError(f"the predictions {name!r} are neither numbers nor yes/no")
        numbers = folded.map(lambda text: math.nan if text == "nan" else float(text in TRUE))
    return [float(value) for value in numbers]


def _both_sides(scores: Sequence[float], columns: Columns) -> None:
    """Refuse scores that the threshold does not part: everybody would be decided alike."""
    if not scores or min(scores) < columns.threshold <= max(scores):
        return
    raise FairnessError(
        f"the predictions {columns.predictions!r} lie between {min(scores):g} and {max(scores):g}, all on one side of "
        f"the threshold {columns.threshold:g}: everybody is decided alike. Say from where a score is favourable: "
        "--threshold VALUE"
    )


def _dropped(frame: pd.DataFrame, columns: Columns) -> dict[str, str]:
    dropped = {columns.label: "the label"}
    if columns.predictions:
        dropped[columns.predictions] = "the given predictions"
    dropped |= dict.fromkeys(columns.drop, "left out by option")
    for name in frame.columns:
        if name in dropped or name in columns.attributes:
            continue
        values = frame[name].dropna()
        distinct = values.nunique()
        text = not pd.api.types.is_numeric_dtype(values)
        whole = pd.api.types.is_integer_dtype(values) and distinct == len(frame)
        names_rows = whole or (text and distinct > IDENTIFIER * len(frame))
        if distinct < 2:
            dropped[name] = "one value only"
        elif names_rows:
            dropped[name] = f"{distinct:,} distinct values in {len(frame):,} rows: it names rows"
    return dropped


def _lacking(
    place: int,
    label: Sequence[float | None],
    grouped: Mapping[str, Sequence[str | None]],
    given: Sequence[float] | None,
    columns: Columns,
) -> str:
    if label[place] is None:
        return f"no {columns.label}"
    for name, groups in grouped.items():
        if groups[place] is None:
            return f"no {name}"
    if given is not None and not math.isfinite(given[place]):
        return f"no {columns.predictions}"
    return ""
