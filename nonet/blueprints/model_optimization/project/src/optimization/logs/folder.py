"""All training logs below a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from optimization.logs import mlflow, records, tensorboard
from optimization.logs.errors import LogsError
from optimization.logs.series import Series

_FILE_LIMIT = 2_000
_BYTE_LIMIT = 64_000_000
"""Bytes of one file; a longer one is no log of a training, or one that would take minutes to read."""
_TEXTS: dict[str, Callable[[str, str], list[Series]]] = {
    ".csv": records.from_csv,
    ".tsv": records.from_csv,
    ".jsonl": records.from_json_lines,
    ".ndjson": records.from_json_lines,
    ".log": records.from_json_lines,
    ".json": records.from_json,
}
_DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})
_PASSED = frozenset({".git", ".venv", "__pycache__", "node_modules", "artifacts"})


def read(folder: Path | str) -> list[Series]:
    """Return the metrics of all training logs in a file or below a folder, in the order of their paths.

    Links are not followed. Files that are no logs are passed over.

    Args:
        folder: of CSV, TSV, JSON and JSONL files, TensorBoard events, runs of MLflow's file store, ``mlflow.db``.

    Raises:
        LogsError: there is no such folder, or a log in it is broken.
    """
    root = Path(folder)
    if root.is_file():
        return [each for each in _file(root, root.name) if each.values]
    if not root.is_dir():
        raise LogsError(f"{root}: no such folder of training logs.")
    found: list[Series] = []
    for count, path in enumerate(_files(root)):
        if count == _FILE_LIMIT:
            raise LogsError(f"{root} has more than {_FILE_LIMIT:,} files: name the folder of the logs alone.")
        found += _file(path, path.relative_to(root).as_posix())
    return [each for each in found if each.values]


def _files(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(each for each in folders if each not in _PASSED)
        yield from (path for name in sorted(names) if (path := Path(place, name)).is_file() and not path.is_symlink())


def _file(path: Path, source: str) -> list[Series]:
    metric = _metric(path)
    if path.stat().st_size > _BYTE_LIMIT:
        return []
    try:
        if metric is not None:
            run = source.rpartition("/metrics/")[0] or path.parent.name
            return [mlflow.from_metric(_text(path), metric, run)]
        if ".tfevents." in path.name:
            data = path.read_bytes()
            if data and not tensorboard.is_events(data):
                raise LogsError("is named like TensorBoard events and holds none")
            return tensorboard.from_events(data, source)
        if path.suffix.lower() in _DATABASES:
            return mlflow.from_database(path.read_bytes(), source)
        reader = _TEXTS.get(path.suffix.lower())
        return reader(_text(path), source) if reader is not None else []
    except LogsError as error:
        raise LogsError(f"{path} {error}; leave it out, or write it anew.") from error
    except OSError as error:
        raise LogsError(f"{path} cannot be read: {error.strerror}.") from error


def _metric(path: Path) -> str | None:
    """Return a metric's name if a file is one of a run of MLflow's file store; names may have folders of their own."""
    parts = path.parts
    for place in range(len(parts) - 2, 0, -1):
        if parts[place] == "metrics":
            return "/".join(parts[place + 1 :]) if mlflow.is_run(Path(*parts[:place])) else None
    return None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")
