"""From a person's files to the data folder: read, checked against one another, embedded once for each model."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vectordb import data, made, reading
from vectordb.conditions import Columns
from vectordb.embedding import model
from vectordb.errors import DataError

COPY = "copy"
"""The folder below the data with what is measured, where questions were made and what they ask hidden."""
LOGGED = 1000
"""Questions of a log that are replayed through a cache."""
AUTO_WORDS = 300_000
"""Of texts with more words than this MiniLM is not tried unless it is named: it reads some hundred words in 10 ms."""


def ingest(source: Path, out: Path, inputs: Mapping[str, Any]) -> dict[str, float]:
    """Read ``vectors.*`` or ``texts.jsonl``, ``queries.*`` and ``payloads.jsonl`` of a folder into a data folder.

    Raises:
        DataError: a file cannot be used.
    """
    metric = str(inputs.get("metric") or "cosine")
    scale = count(str(inputs.get("scale") or "0"))
    found = sorted(source.glob("vectors.*"))
    planned = Planned(scale, float(inputs.get("price_per_gb_hour") or 0.0), int(inputs.get("replicas") or 2))
    if found:
        return _vectors(found[0], source, out, metric, planned)
    return _texts(source, out, metric, planned, str(inputs.get("embeddings") or "auto"))


class Planned(NamedTuple):
    """What to plan for: rows (0: none), the price of 10⁹ bytes of memory an hour (0: unknown), copies of a shard."""

    scale: int
    price_per_gb_hour: float
    replicas: int


def count(text: str) -> int:
    """Read a number of rows such as ``10M``, ``250k`` or ``1_000_000``.

    Raises:
        DataError: it is none.
    """
    match = re.fullmatch(r"(\d+(?:[._,]\d+)*)\s*([kmb]?)", text.strip().lower())
    if match is None:
        raise DataError(f"{text!r} is no number of rows; write 10M, 250k or 1000000.")
    factor = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}[match[2]]
    return int(float(match[1].replace("_", "").replace(",", "")) * factor)


def _vectors(path: Path, source: Path, out: Path, metric: str, planned: Planned) -> dict[str, float]:
    vectors, ids = reading.vectors(path)
    if len(set(ids)) < len(ids):
        raise DataError(f"{path.name} repeats an id; ids must differ.")
    if metric == "cosine" and (np.linalg.norm(vectors, axis=1) == 0).any():
        row = int(np.flatnonzero(np.linalg.norm(vectors, axis=1) == 0)[0])
        raise DataError(
            f"{path.name}: row {row} is the zero vector, which has no cosine; remove it or use --metric l2."
        )
    np.save(out / "vectors.npy", vectors)
    data.write_meta(out, data.Meta(metric, "vectors", len(vectors), planned.scale, ("given",), *planned[1:]), ids)
    _payloads(source, out, len(vectors))
    _log(source, out, vectors.shape[1])
    counts = {"rows": float(len(vectors)), "width": float(vectors.shape[1])}
    if given := sorted(source.glob("queries.*")):
        queries, names = reading.vectors(given[0])
        if queries.shape[1] != vectors.shape[1]:
            raise DataError(
                f"{given[0].name} has vectors of {queries.shape[1]} dimensions, {path.name} of {vectors.shape[1]}; "
                "embed both by one model."
            )
        np.save(out / "queries.npy", queries)
        (out / "query_ids.json").write_text(json.dumps(names), encoding="utf-8")
        counts["queries"] = float(len(queries))
    return counts


def _texts(source: Path, out: Path, metric: str, planned: Planned, wanted: str) -> dict[str, float]:
    texts = reading.texts(source / "texts.jsonl")
    names = _models(texts, wanted)
    meta = data.Meta(metric, "texts", len(texts), planned.scale, names, *planned[1:])
    ids = [row["id"] for row in texts]
    given = source / "queries.jsonl"
    measured, place = [dict(row) for row in texts], out
    if given.exists():
        questions: list[dict[str, Any]] = [{"id": row["id"], "text": row["text"]} for row in reading.texts(given)]
    else:
        questions, measured = made.questions(texts)
        if not questions:
            raise DataError("The texts are too few or too short to make questions of; give some: --queries FILE.")
        place = out / COPY
        place.mkdir()
        data.write_meta(place, meta, ids)
        data.write_rows(place / "texts.jsonl", measured)
        _payloads(source, place, len(texts))
        _log(source, place, 0)
    data.write_meta(out, meta, ids)
    data.write_rows(out / "texts.jsonl", texts)
    data.write_rows(out / "questions.jsonl", questions)
    _payloads(source, out, len(texts))
    _log(source, out, 0)
    passages, asked = [data.passage(row) for row in measured], [str(row["text"]) for row in questions]
    counts = {"rows": float(len(texts)), "queries": float(len(questions))}
    for name in names:
        counts[f"{name}_seconds"] = embedded(place, name, passages, asked)
    return counts


def embedded(place: Path, name: str, passages: Sequence[str], asked: Sequence[str]) -> float:
    """Embed texts and questions by one model into a data folder; return the seconds that the texts took."""
    embedder = model.load(name)
    began = time.perf_counter()
    vectors: NDArray[np.float32] = embedder.embed(passages)
    seconds = time.perf_counter() - began
    data.write_embedded(place, name, embedder.version, vectors, seconds, embedder.embed(asked))
    return seconds


def _models(texts: Sequence[Mapping[str, Any]], wanted: str) -> list[str]:
    """Which models to measure: those named, or what the size of the texts allows."""
    if wanted == "auto":
        words = sum(len(str(row["text"]).split()) for row in texts)
        return ["wordllama", "minilm"] if words <= AUTO_WORDS else ["wordllama"]
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if unknown := [name for name in names if name not in model.NAMES]:
        raise DataError(f"There is no embedding {unknown[0]!r}; name some of {', '.join(model.NAMES)}.")
    return list(dict.fromkeys(names))


def _log(source: Path, out: Path, width: int) -> None:
    """Keep the end of a log of questions, as long as it is replayed."""
    for path in sorted(source.glob("log.*")):
        if not width:
            data.write_rows(out / "log.jsonl", [{"text": text} for text in reading.log(path)[-LOGGED:]])
            continue
        found, _ = reading.vectors(path)
        if found.shape[1] != width:
            raise DataError(f"{path.name} has vectors of {found.shape[1]} dimensions, the data of {width}.")
        np.save(out / "log.npy", found[-LOGGED:])


def _payloads(source: Path, out: Path, rows: int) -> None:
    path = source / "payloads.jsonl"
    if path.exists():
        found = reading.payloads(path, rows)
        Columns(found)
        data.write_rows(out / "payloads.jsonl", found)
