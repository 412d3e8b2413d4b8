"""Reading what a person gives: vectors (npy, parquet, fvecs), texts, queries and payloads (JSONL)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vectordb.errors import DataError


def vectors(path: Path) -> tuple[NDArray[np.float32], list[str]]:
    """Read vectors, shape (rows, width), and their ids (a parquet's ``id`` column, else the row numbers).

    Raises:
        DataError: the file is of no kind that is read, rows differ in width, or a value is not finite.
    """
    suffix = path.suffix.lower()
    if suffix == ".npy":
        found, ids = _npy(path), None
    elif suffix == ".parquet":
        found, ids = _parquet(path)
    elif suffix == ".fvecs":
        found, ids = _fvecs(path), None
    else:
        raise DataError(f"{path.name} is of no kind that is read; give vectors as .npy, .parquet or .fvecs.")
    if found.ndim == 3:
        raise DataError(
            f"{path.name} holds {found.shape[1]} vectors a row (shape {found.shape}); give one a row, of shape (rows, "
            "width), or the texts by --texts: multi-vector search keeps the vectors of their tokens."
        )
    if found.ndim != 2 or not found.size:
        raise DataError(f"{path.name} holds an array of shape {found.shape}; give one of shape (rows, width).")
    wrong = ~np.isfinite(found).all(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DataError(f"{path.name}: row {row} holds NaN or infinity ({int(wrong.sum())} rows do); remove such rows.")
    return found.astype(np.float32), ids or [str(row) for row in range(len(found))]


def _npy(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            raise DataError(f"{path.name} is no npy file; write one array of shape (rows, width) by numpy.save.")
    try:
        found = np.load(path, allow_pickle=False)
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise DataError(f"{path.name} holds objects, as rows of differing width do; give one array.") from error
        raise DataError(f"{path.name} is cut off or damaged: {error}.") from error
    if found.dtype.kind not in "fiu":
        raise DataError(f"{path.name} holds {found.dtype}; vectors must be numbers.")
    return found


def _parquet(path: Path) -> tuple[NDArray[Any], list[str] | None]:
    parquet = import_module("pyarrow.parquet")
    arrow = import_module("pyarrow")
    try:
        table = parquet.read_table(path)
    except arrow.ArrowInvalid as error:
        raise DataError(f"{path.name} is no parquet file: {str(error).splitlines()[0]}.") from error
    types = arrow.types
    lists = [
        name
        for name, kind in zip(table.column_names, table.schema.types, strict=True)
        if types.is_list(kind) or types.is_fixed_size_list(kind) or types.is_large_list(kind)
    ]
    if len(lists) != 1:
        raise DataError(f"{path.name} has {len(lists)} columns of lists; give one, the vectors.")
    rows = table.column(lists[0]).to_pylist()
    widths = {len(row) if row is not None else -1 for row in rows}
    if len(widths) != 1:
        raise DataError(f"{path.name}: the vectors' widths differ ({', '.join(map(str, sorted(widths)[:4]))}).")
    ids = [str(value) for value in table.column("id").to_pylist()] if "id" in table.column_names else None
    return np.asarray(rows, dtype=np.float64), ids


def _fvecs(path: Path) -> NDArray[Any]:
    """The TEXMEX format: each row is its width as int32, then so many float32."""
    raw = np.fromfile(path, dtype="<i4")
    if not len(raw) or raw[0] <= 0 or len(raw) % (raw[0] + 1):
        raise DataError(f"{path.name} is no fvecs file: its length is no multiple of its first row's.")
    rows = raw.reshape(-1, raw[0] + 1)
    if (rows[:, 0] != raw[0]).any():
        row = int(np.flatnonzero(rows[:, 0] != raw[0])[0])
        raise DataError(f"{path.name}: row {row} has width {rows[row, 0]}, the first has {raw[0]}.")
    return rows[:, 1:].copy().view("<f4")


def texts(path: Path) -> list[dict[str, str]]:
    """Read texts: JSONL ``{"id" or "_id", "text", "title"?}``.

    Raises:
        DataError: a line is none, an id stands twice, or there is no text at all.
    """
    found: list[dict[str, str]] = []
    seen: set[str] = set()
    for number, row in _records(path):
        name = str(row.get("id", row.get("_id", number - 1)))
        text = row.get("text")
        if not isinstance(text, str):
            raise DataError(f'{path.name}:{number} has no "text"; write {{"id": …, "text": …}}.')
        if name in seen:
            raise DataError(f"{path.name}:{number} repeats the id {name!r}; ids must differ.")
        seen.add(name)
        title = row.get("title")
        if text.strip() or (isinstance(title, str) and title.strip()):
            found.append({"id": name, "text": text, "title": title if isinstance(title, str) else ""})
    if not found:
        raise DataError(f"{path.name} holds no text.")
    return found


def log(path: Path) -> list[str]:
    """Read a log of questions: JSONL ``{"text"}``, in the order they came, repeats as they came.

    Raises:
        DataError: a line has no text, or there is none at all.
    """
    found: list[str] = []
    for number, row in _records(path):
        text = row.get("text")
        if not isinstance(text, str) or not text.strip():
            raise DataError(f'{path.name}:{number} has no "text"; write {{"text": …}}.')
        found.append(text)
    if not found:
        raise DataError(f"{path.name} holds no question.")
    return found


def payloads(path: Path, rows: int) -> list[dict[str, Any]]:
    """Read payloads: JSONL, one object of scalars for each vector or text, in their order.

    Raises:
        DataError: a line is no object of scalars, or there are not as many as rows.
    """
    found: list[dict[str, Any]] = []
    for number, row in _records(path):
        for name, value in row.items():
            if value is not None and not isinstance(value, str | int | float | bool):
                raise DataError(f"{path.name}:{number}: the field {name!r} is no scalar; filters compare scalars.")
        found.append(dict(row))
    if len(found) != rows:
        raise DataError(f"{path.name} has {len(found)} payloads for {rows} rows; give one a row, in order.")
    return found


def payloads_beside(path: Path) -> dict[str, dict[str, Any]]:
    """Read the payloads that stand beside texts, as ``"payload": {…}``, by the texts' ids.

    Raises:
        DataError: one is no object of scalars.
    """
    found: dict[str, dict[str, Any]] = {}
    for number, row in _records(path):
        payload = row.get("payload", {})
        if not isinstance(payload, dict) or any(isinstance(value, dict | list) for value in payload.values()):
            raise DataError(f"{path.name}:{number}: the payload is no object of scalars.")
        found[str(row.get("id", row.get("_id", number - 1)))] = payload
    return found


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not UTF-8: {error.reason} at byte {error.start}.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except ValueError as error:
            raise DataError(f"{path.name}:{number} is no JSON: {error}.") from error
        if not isinstance(row, dict):
            raise DataError(f"{path.name}:{number} is no JSON object.")
        yield number, cast("Mapping[str, Any]", row)
