"""A Pinecone index of the user's, by the host that its console shows; ours is one namespace in it (docs.pinecone.io).

An index has its width, metric and parameters already: they are checked, not chosen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Condition
from vectordb.errors import ServerError
from vectordb.servers.contract import Shape, Value
from vectordb.servers.rest import Rest

VERSION = "2025-04"
THERE_WITHIN = 300.0
"""Seconds that rows may take to be counted: an index is eventually consistent."""
_METRICS = {"cosine": ("cosine", "dotproduct"), "dot": ("dotproduct",), "l2": ("euclidean",)}
_OPERATORS = {"=": "$eq", "!=": "$ne", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


class Pinecone:
    """Namespaces of one index; what others hold in it is neither read nor removed."""

    def __init__(self, url: str) -> None:
        headers = {"X-Pinecone-Api-Version": VERSION}
        if key := os.environ.get("PINECONE_API_KEY", ""):
            headers["Api-Key"] = key
        self._rest = Rest("Pinecone", url, headers)

    def names(self) -> list[str]:
        """See ``Server``."""
        return [str(name) for name in self._stats().get("namespaces") or {}]

    def create(self, name: str, shape: Shape) -> None:
        """A namespace comes to be with its first row; whether the index suits is seen here.

        Raises:
            ServerError: it has another width or metric.
        """
        said = self._stats()
        width, metric = said.get("dimension"), said.get("metric")
        if width != shape.width:
            raise ServerError(f"The Pinecone index has {width} dimensions, the vectors {shape.width}; name another.")
        if metric is not None and metric not in _METRICS[shape.metric]:
            raise ServerError(f"The Pinecone index compares by {metric}, not by {shape.metric}; name another.")

    def insert(
        self, name: str, first: int, vectors: NDArray[np.float32], values: Sequence[Mapping[str, Value]]
    ) -> None:
        """See ``Server``."""
        rows = [
            {"id": str(first + place), "values": vector.tolist(), "metadata": dict(payload)}
            for place, (vector, payload) in enumerate(zip(vectors, values, strict=True))
        ]
        self._rest.ask("POST", "/vectors/upsert", {"vectors": rows, "namespace": name})

    def finish(self, name: str, shape: Shape) -> None:
        """Wait until the index counts all rows."""
        until = time.monotonic() + THERE_WITHIN
        while (count := self.count(name)) < shape.rows:
            if time.monotonic() > until:
                raise ServerError(f"Pinecone counts {count} of {shape.rows} rows after {THERE_WITHIN:g} s.")
            time.sleep(0.5)

    def count(self, name: str) -> int:
        """See ``Server``."""
        return int(((self._stats().get("namespaces") or {}).get(name) or {}).get("vectorCount", 0))

    def size(self, name: str) -> float | None:
        """Pinecone does not say how large a namespace is."""
        return None

    def search(
        self, name: str, shape: Shape, vector: NDArray[np.float32], k: int, where: Sequence[Condition]
    ) -> list[int]:
        """See ``Server``."""
        body: dict[str, Any] = {"vector": vector.tolist(), "topK": k, "namespace": name, "includeValues": False}
        if where:
            body["filter"] = {"$and": [{each.field: {_OPERATORS[each.op]: each.value}} for each in where]}
        return [int(each["id"]) for each in self._rest.ask("POST", "/query", body)["matches"]]

    def drop(self, name: str) -> None:
        """See ``Server``."""
        self._rest.ask("POST", "/vectors/delete", {"deleteAll": True, "namespace": name}, missing=True)

    def _stats(self) -> Any:
        return self._rest.ask("POST", "/describe_index_stats", {})


def connect(url: str) -> Pinecone:
    """Return the index at its host."""
    return Pinecone(url)
