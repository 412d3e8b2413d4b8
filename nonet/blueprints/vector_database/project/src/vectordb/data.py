"""The data folder: what an index is built of, in one form whatever was given.

``meta.json`` {metric, kind, rows, scale, embeddings}, ``ids.json``, ``vectors.npy`` or ``texts.jsonl``,
``payloads.jsonl`` where there are payloads, and ``embedded/NAME/`` with vectors that were made of the texts before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

METRICS = ("cosine", "dot", "l2", "l1")


@dataclass(frozen=True)
class Meta:
    """What is known of the data.

    Attributes:
        metric: how vectors are compared.
        kind: ``vectors`` or ``texts``.
        rows: how many.
        scale: how many rows to plan for; 0: none.
        embeddings: models that the texts may be embedded with.
        price_per_gb_hour: what 10⁹ bytes of memory cost an hour; 0: nobody said.
        replicas: copies of every shard to plan for.
    """

    metric: str
    kind: str
    rows: int
    scale: int = 0
    embeddings: Sequence[str] = field(default=())
    price_per_gb_hour: float = 0.0
    replicas: int = 2


def write_meta(folder: Path, meta: Meta, ids: Sequence[str]) -> None:
    """Write what is known, and the ids."""
    (folder / "meta.json").write_text(json.dumps(asdict(meta)), encoding="utf-8")
    (folder / "ids.json").write_text(json.dumps(list(ids)), encoding="utf-8")


def read_meta(folder: Path) -> Meta:
    """Read what is known."""
    return Meta(**json.loads((folder / "meta.json").read_text(encoding="utf-8")))


def read_ids(folder: Path) -> list[str]:
    """Read the ids, in order of the rows."""
    return json.loads((folder / "ids.json").read_text(encoding="utf-8"))


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines; none where there is no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def passage(row: Mapping[str, Any]) -> str:
    """Return what is embedded and searched by words of a text: its title, if any, then itself."""
    return f"{row['title']}. {row['text']}" if row.get("title") else str(row["text"])


def read_filters(folder: Path) -> list[dict[str, Any]]:
    """Return the filters that were measured, each {percent, conditions}; none where there are no payloads."""
    path = folder / "filters.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def read_log(folder: Path) -> list[str | NDArray[np.float32]]:
    """Return the questions of a log, in the order they came; none where there is no log."""
    if (folder / "log.npy").exists():
        return list(np.load(folder / "log.npy"))
    return [str(row["text"]) for row in read_rows(folder / "log.jsonl")]


def held(folder: Path, name: str) -> dict[str, NDArray[np.float32]]:
    """Return the vectors that a model made of a data folder's texts, by passage; none where it made none there."""
    place = folder / "embedded" / name / "vectors.npy"
    if not place.exists():
        return {}
    vectors: NDArray[np.float32] = np.load(place)
    return dict(zip(map(passage, read_rows(folder / "texts.jsonl")), vectors, strict=True))


def write_embedded(
    folder: Path, name: str, version: str, vectors: NDArray[np.float32], seconds: float, queries: NDArray[np.float32]
) -> None:
    """Keep the vectors that a model made of the texts and of the queries, by the model's version."""
    place = folder / "embedded" / name
    place.mkdir(parents=True)
    np.save(place / "vectors.npy", vectors)
    np.save(place / "queries.npy", queries)
    (place / "made.json").write_text(json.dumps({"version": version, "seconds": seconds}), encoding="utf-8")
