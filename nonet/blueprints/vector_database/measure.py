"""The worker's side of this blueprint: the shipped project, stage by stage, as it is measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from vectordb import conditions, database, exact
from vectordb import design as designs
from vectordb import ingest as reading
from vectordb import stages as parts
from vectordb.engines import server_engine

K = 10
server_engine.temporary()


def ingest(source: Path, out: Path, inputs: dict[str, Any]) -> dict[str, float]:
    """Read the user's files into a data folder."""
    counts = reading.ingest(source, out, inputs)
    (out / "skipped.jsonl").write_text("", encoding="utf-8")
    return counts


def stages(design: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the design's stages in build order."""
    return [
        {"name": stage.name, "fields": list(stage.fields), "parents": list(stage.parents), "data": stage.data}
        for stage in parts.of(designs.parse(design))
    ]


def build(stage: str, design: dict[str, Any], data: Path, parents: dict[str, Path], out: Path) -> dict[str, float]:
    """Build one stage; return what was counted."""
    return parts.build(stage, designs.parse(design), data, parents, out)


class System:
    """A database opened for measuring."""

    def __init__(self, inner: database.Database) -> None:
        self._inner = inner

    def run(self, units: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Search for each unit: the first ten, those by vectors alone, and the first ten under each of its filters."""
        return [self._output(unit["features"]) for unit in units]

    def time(self, units: list[dict[str, Any]], repeat: int) -> list[list[float]]:
        """Time the unfiltered search of each unit, a text's embedding included; milliseconds."""
        from time import perf_counter

        times: list[list[float]] = [[] for _ in units]
        asked = [_asked(unit["features"]) for unit in units]
        for _ in range(repeat):
            for question, row in zip(asked, times, strict=True):
                began = perf_counter()
                self._inner.search(K, **question)
                row.append((perf_counter() - began) * 1000)
        return times

    def _output(self, features: dict[str, Any]) -> dict[str, Any]:
        question, ids = _asked(features), self._inner.ids
        if "text" in question:
            question["vector"], question["tokens"] = self._inner.read(question["text"])
        found = self._inner.search(K, **question)
        filtered = [
            self._inner.search(K, **question, where=conditions.from_json(each)).by_vectors
            for each in features.get("filters", [])
        ]
        told = {} if self._inner.design.embedding == "given" else {"exact": self._exact(question, features)}
        return {
            **told,
            "embedding": self._inner.design.embedding,
            "ids": [ids[row] for row in found.rows],
            "by_vectors": [ids[row] for row in found.by_vectors],
            "filtered": [[ids[row] for row in rows] for rows in filtered],
        }

    def _exact(self, question: dict[str, Any], features: dict[str, Any]) -> dict[str, Any]:
        """The exact neighbours by this design's own embedding, plain and under each filter: nobody else has it."""
        inner, ids = self._inner, self._inner.ids
        closeness = inner.closeness_to_all(question["vector"], question["tokens"])
        masks = [inner.columns.mask(conditions.from_json(each)) for each in features.get("filters", [])]
        truths = [exact.neighbours(closeness), *(exact.neighbours(closeness, mask) for mask in masks)]
        named = [{name: [ids[row] for row in rows] for name, rows in vars(each).items()} for each in truths]
        return {"plain": named[0], "filtered": named[1:]}


def _asked(features: dict[str, Any]) -> dict[str, Any]:
    if "text" in features:
        return {"text": str(features["text"])}
    return {"vector": np.asarray(features["vector"], dtype=np.float32)}


def leave() -> None:
    """Drop what was made on servers."""
    server_engine.leave()


def open(design: dict[str, Any], stages: dict[str, Path]) -> System:
    """Open the built stages of a design."""
    return System(database.Database(designs.parse(design), stages))
