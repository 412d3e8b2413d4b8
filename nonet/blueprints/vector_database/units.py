"""The units: queries with their exact neighbours, plain and under filters, and relevant texts where they are known."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonet.blueprints.vector_database import exact, filtering, relevance
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.errors import InputError, storage
from nonet.state import Json
from nonet.trials.contract import LabelKind, Unit, UnitSet

HELD_OUT = 500
"""Vectors held out as queries at most; a fifth of them at most."""
FEWEST = 100
"""Vectors from which some are held out."""
TIMED = 300
"""Units for timing alone: stored vectors, or the beginnings of stored texts."""
_BEGINNING = 12


@dataclass(frozen=True)
class Query:
    """A query: its name, what a design sees, what its content is for the split, relevant texts if they are known."""

    name: str
    features: Mapping[str, Json]
    relevant: Mapping[str, float] | None = None


def make(inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
    """Make the units and the measuring copy.

    Raises:
        InputError: too few vectors to hold some out, or relevant texts name what is not there.
    """
    meta = _read(parsed / "meta.json")
    if meta["kind"] == "texts":
        return _of_texts(inputs, parsed, out, meta)
    if (parsed / "queries.npy").exists():
        return _of_given_vectors(inputs, parsed, out, meta)
    return _of_held_out(parsed, out, meta)


def _of_held_out(parsed: Path, out: Path, meta: Mapping[str, Any]) -> UnitSet:
    vectors: NDArray[np.float32] = np.load(parsed / "vectors.npy")
    if len(vectors) < FEWEST:
        raise InputError(
            f"There are {len(vectors)} vectors: too few to hold some out as queries.",
            f"Give {FEWEST} or more, or queries of your own: --queries FILE.",
        )
    count = min(HELD_OUT, len(vectors) // 5)
    order = sorted(range(len(vectors)), key=lambda row: hashlib.blake2b(vectors[row].tobytes(), digest_size=8).digest())
    held = np.zeros(len(vectors), dtype=np.bool_)
    held[order[:count]] = True
    ids: list[str] = _read(parsed / "ids.json")
    payloads = _rows(parsed / "payloads.jsonl")
    kept = np.flatnonzero(~held).tolist()
    with storage(out, vectors.nbytes):
        np.save(out / "vectors.npy", vectors[~held])
        (out / "ids.json").write_text(json.dumps([ids[row] for row in kept]), encoding="utf-8")
        (out / "meta.json").write_text(json.dumps({**meta, "rows": len(kept)}), encoding="utf-8")
        if (parsed / "log.npy").exists():
            shutil.copyfile(parsed / "log.npy", out / "log.npy")
        if payloads:
            text = "".join(json.dumps(payloads[row], ensure_ascii=False) + "\n" for row in kept)
            (out / "payloads.jsonl").write_text(text, encoding="utf-8")
    queries = [Query(f"held-{ids[row]}", {"vector": vectors[row].tolist()}) for row in np.flatnonzero(held).tolist()]
    note = f"{count} of {len(vectors)} vectors are held out as queries; what ships holds all."
    return _unit_set(queries, {"given": vectors[held]}, out, meta, "computed", [note], hidden=True)


def _of_given_vectors(inputs: Inputs, parsed: Path, out: Path, meta: Mapping[str, Any]) -> UnitSet:
    _copy(parsed, out)
    asked: NDArray[np.float32] = np.load(parsed / "queries.npy")
    names: list[str] = _read(parsed / "query_ids.json")
    queries = [Query(name, {"vector": row.tolist()}) for name, row in zip(names, asked, strict=True)]
    queries, kept, notes = _judged(queries, inputs, _read(parsed / "ids.json"))
    kind: LabelKind = "given" if inputs.relevant else "computed"
    return _unit_set(queries, {"given": asked[kept]}, out, meta, kind, notes)


def _of_texts(inputs: Inputs, parsed: Path, out: Path, meta: Mapping[str, Any]) -> UnitSet:
    made = (parsed / "copy").is_dir()
    source = parsed / "copy" if made else parsed
    _copy(source, out)
    rows = _rows(parsed / "questions.jsonl")
    queries = [
        Query(row["id"], {"text": row["text"]}, dict.fromkeys(row["relevant"], 1.0) if made else None) for row in rows
    ]
    kept, notes, kind = list(range(len(queries))), list[str](), "computed"
    if made:
        kind = "made"
        notes = [
            f"{len(queries)} questions were made of the texts (titles or first sentences, hidden from the texts that "
            "are measured); each asks for its own text. What ships holds the texts as they are."
        ]
    elif inputs.relevant:
        kind = "given"
        queries, kept, notes = _judged(queries, inputs, _read(parsed / "ids.json"))
    vectors: dict[str, NDArray[np.float32]] = {
        name: np.load(source / "embedded" / name / "queries.npy")[kept] for name in meta["embeddings"]
    }
    return _unit_set(queries, vectors, out, meta, kind, notes, hidden=made)


def _judged(queries: Sequence[Query], inputs: Inputs, ids: Sequence[str]) -> tuple[list[Query], list[int], list[str]]:
    """Set the relevant texts beside the queries; those without any are left out, since the decision is by them."""
    if not inputs.relevant:
        return list(queries), list(range(len(queries))), []
    grades = relevance.read(Path(inputs.relevant).expanduser())
    known = set(ids)
    missing = next((name for found in grades.values() for name in found if name not in known), None)
    if missing is not None:
        raise InputError(f"The relevant texts name {missing!r}, which is no id of the data.", "Use the data's ids.")
    kept = [place for place, query in enumerate(queries) if query.name in grades]
    if not kept:
        raise InputError("No query's id stands among the relevant texts.", "Use the queries' ids in both files.")
    dropped = len(queries) - len(kept)
    notes = [f"{dropped} queries without a relevant text were left out."] if dropped else []
    return [Query(queries[i].name, queries[i].features, grades[queries[i].name]) for i in kept], kept, notes


def _unit_set(
    queries: Sequence[Query],
    asked: Mapping[str, NDArray[np.float32]],
    data: Path,
    meta: Mapping[str, Any],
    kind: LabelKind,
    notes: Sequence[str],
    *,
    hidden: bool = False,
) -> UnitSet:
    ids: list[str] = _read(data / "ids.json")
    filters = filtering.make(_rows(data / "payloads.jsonl"))
    if filters:
        told = [{"percent": each.percent, "conditions": each.conditions} for each in filters]
        with storage(data):
            (data / "filters.json").write_text(json.dumps(told), encoding="utf-8")
    plain: dict[str, list[exact.Truth]] = {}
    under: dict[str, list[list[exact.Truth]]] = {}
    for name, vectors in asked.items():
        stored: NDArray[np.float32] = np.load(_stored(data, name))
        plain[name] = exact.search(stored, vectors, meta["metric"])
        under[name] = [exact.search(stored, vectors, meta["metric"], each.mask) for each in filters]
    conditions: list[Json] = [each.conditions for each in filters]
    percents: list[Json] = [each.percent for each in filters]
    units = [
        Unit(
            key=query.name,
            features={**query.features, **({"filters": conditions} if filters else {})},
            label={
                "exact": {name: _named(truths[place], ids) for name, truths in plain.items()},
                "filtered": {name: [_named(each[place], ids) for each in by] for name, by in under.items()},
                "percents": percents,
                "relevant": dict(query.relevant) if query.relevant else None,
            },
            content=json.dumps(dict(query.features), sort_keys=True),
            kind=kind,
        )
        for place, query in enumerate(queries)
    ]
    said = [f"Filters measured by: {'; '.join(each.text() for each in filters)}."] if filters else []
    return UnitSet(units=units, notes=[*notes, *said], hidden=hidden, timing=_timing(data, meta))


def _timing(data: Path, meta: Mapping[str, Any]) -> list[Unit]:
    """Stored vectors, or the beginnings of stored texts, evenly spaced."""
    if meta["kind"] == "texts":
        rows = [" ".join(row["text"].split()[:_BEGINNING]) for row in _rows(data / "texts.jsonl")]
        features: list[dict[str, Json]] = [{"text": text} for text in dict.fromkeys(rows) if text]
    else:
        vectors: NDArray[np.float32] = np.load(data / "vectors.npy", mmap_mode="r")
        places = np.unique(np.linspace(0, len(vectors) - 1, TIMED).astype(int)).tolist()
        features = [{"vector": vectors[row].tolist()} for row in places]
    step = max(1, len(features) // TIMED)
    chosen = features[::step][:TIMED]
    return [Unit(f"timed-{i}", each, None, json.dumps(each), kind="made") for i, each in enumerate(chosen)]


def _named(truth: exact.Truth, ids: Sequence[str]) -> dict[str, Json]:
    return {name: [ids[row] for row in rows] for name, rows in vars(truth).items()}


def _stored(data: Path, name: str) -> Path:
    return data / "vectors.npy" if name == "given" else data / "embedded" / name / "vectors.npy"


def _copy(source: Path, out: Path) -> None:
    """Copy a data folder without its queries: a design is given them one by one."""
    without = shutil.ignore_patterns("queries.npy", "query_ids.json", "questions.jsonl", "skipped.jsonl")
    with storage(out, sum(path.stat().st_size for path in source.rglob("*") if path.is_file())):
        shutil.copytree(source, out, ignore=without, dirs_exist_ok=True)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
