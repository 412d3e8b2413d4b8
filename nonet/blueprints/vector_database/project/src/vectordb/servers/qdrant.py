"""A Qdrant server, by its REST interface (qdrant.tech/documentation; collections, points, query)."""

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

INDEXED_WITHIN = 600.0
_DISTANCES = {"l2": "Euclid", "l1": "Manhattan"}
_QUANTIZED = {
    "scalar": {"scalar": {"type": "int8", "always_ram": True}},
    "binary": {"binary": {"always_ram": True}},
}


class Qdrant:
    """One collection a name; the graph is built while rows come and waited for."""

    def __init__(self, url: str) -> None:
        key = os.environ.get("QDRANT_API_KEY", "")
        self._rest = Rest("The Qdrant server", url, {"api-key": key} if key else {})

    def names(self) -> list[str]:
        """See ``Server``."""
        return [str(each["name"]) for each in self._rest.ask("GET", "/collections")["result"]["collections"]]

    def create(self, name: str, shape: Shape) -> None:
        """See ``Server``."""
        body: dict[str, Any] = {
            "vectors": {"size": shape.width, "distance": _DISTANCES.get(shape.metric, "Dot")},
            "hnsw_config": {"m": shape.hnsw_m, "ef_construct": shape.ef_construction, "full_scan_threshold": 10},
            "optimizers_config": {"indexing_threshold": 1, "default_segment_number": 1},
        }
        if shape.quantization != "none":
            body["quantization_config"] = _QUANTIZED[shape.quantization]
        self._rest.ask("PUT", f"/collections/{name}", body)
        for field, kind in shape.fields.items():
            schema = "float" if kind == "number" else "keyword"
            self._rest.ask("PUT", f"/collections/{name}/index?wait=true", {"field_name": field, "field_schema": schema})

    def insert(
        self, name: str, first: int, vectors: NDArray[np.float32], values: Sequence[Mapping[str, Value]]
    ) -> None:
        """See ``Server``."""
        points = [
            {"id": first + place, "vector": vector.tolist(), "payload": dict(payload)}
            for place, (vector, payload) in enumerate(zip(vectors, values, strict=True))
        ]
        self._rest.ask("PUT", f"/collections/{name}/points?wait=true", {"points": points})

    def finish(self, name: str, shape: Shape) -> None:
        """See ``Server``; a collection is green once its optimizers rest."""
        until = time.monotonic() + INDEXED_WITHIN
        while (status := self._rest.ask("GET", f"/collections/{name}")["result"]["status"]) != "green":
            if status == "red" or time.monotonic() > until:
                raise ServerError(f"The Qdrant server did not finish its index: the collection is {status}.")
            time.sleep(0.1)

    def count(self, name: str) -> int:
        """See ``Server``."""
        said = self._rest.ask("POST", f"/collections/{name}/points/count", {"exact": True}, missing=True)
        return int(said["result"]["count"]) if said else 0

    def size(self, name: str) -> float | None:
        """A Qdrant server does not say how large a collection is."""
        return None

    def search(
        self, name: str, shape: Shape, vector: NDArray[np.float32], k: int, where: Sequence[Condition]
    ) -> list[int]:
        """See ``Server``."""
        parameters: dict[str, Any] = {"hnsw_ef": max(shape.ef_search, k)}
        if shape.quantization != "none":
            parameters["quantization"] = {"rescore": False}
        body: dict[str, Any] = {"query": vector.tolist(), "limit": k, "params": parameters, "with_payload": False}
        if where:
            body["filter"] = _filter(where)
        said = self._rest.ask("POST", f"/collections/{name}/points/query", body)
        return [int(point["id"]) for point in said["result"]["points"]]

    def drop(self, name: str) -> None:
        """See ``Server``."""
        self._rest.ask("DELETE", f"/collections/{name}", missing=True)


def _filter(where: Sequence[Condition]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for each in where:
        found.setdefault("must_not" if each.op == "!=" else "must", []).append(_field(each))
    return found


def _field(condition: Condition) -> dict[str, Any]:
    value, op = condition.value, condition.op
    if op in ("=", "!=") and isinstance(value, str):
        return {"key": condition.field, "match": {"value": value}}
    ends = {">": {"gt": value}, ">=": {"gte": value}, "<": {"lt": value}, "<=": {"lte": value}}
    return {"key": condition.field, "range": ends.get(op, {"gte": value, "lte": value})}


def connect(url: str) -> Qdrant:
    """Return the server at a URL."""
    return Qdrant(url)
