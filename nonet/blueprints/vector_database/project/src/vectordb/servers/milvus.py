"""A Milvus server or Zilliz Cloud, by its RESTful interface v2 (milvus.io/api-reference/restful)."""

from __future__ import annotations

import json
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

LOADED_WITHIN = 600.0
_LONGEST_TEXT = 65_535
_MISSING = (100, 4)
"""Codes of a collection that is not there."""


class Milvus:
    """One collection a name, with an HNSW index; it says what is wrong inside an answer of status 200."""

    def __init__(self, url: str) -> None:
        key = os.environ.get("MILVUS_TOKEN", "")
        self._rest = Rest("The Milvus server", url, {"Authorization": f"Bearer {key}"} if key else {})

    def names(self) -> list[str]:
        """See ``Server``."""
        return [str(name) for name in self._ask("collections/list", {})]

    def create(self, name: str, shape: Shape) -> None:
        """See ``Server``."""
        width = {"dim": str(shape.width)}
        fields: list[dict[str, Any]] = [
            {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
            {"fieldName": "vector", "dataType": "FloatVector", "elementTypeParams": width},
        ]
        for field, kind in shape.fields.items():
            text = {"dataType": "VarChar", "elementTypeParams": {"max_length": str(_LONGEST_TEXT)}}
            fields.append(
                {"fieldName": field, "nullable": True, **(text if kind == "text" else {"dataType": "Double"})}
            )
        index = {
            "fieldName": "vector",
            "indexName": "vector",
            "metricType": "L2" if shape.metric == "l2" else "IP",
            "indexType": "HNSW",
            "params": {"M": shape.hnsw_m, "efConstruction": shape.ef_construction},
        }
        schema = {"autoId": False, "enableDynamicField": False, "fields": fields}
        self._ask("collections/create", {"collectionName": name, "schema": schema, "indexParams": [index]})

    def insert(
        self, name: str, first: int, vectors: NDArray[np.float32], values: Sequence[Mapping[str, Value]]
    ) -> None:
        """See ``Server``."""
        rows = [
            {"id": first + place, "vector": vector.tolist(), **payload}
            for place, (vector, payload) in enumerate(zip(vectors, values, strict=True))
        ]
        self._ask("entities/insert", {"collectionName": name, "data": rows})

    def finish(self, name: str, shape: Shape) -> None:
        """See ``Server``: what was inserted is flushed, indexed, and loaded for searching."""
        self._ask("collections/flush", {"collectionName": name})
        self._wait("indexes/describe", {"collectionName": name, "indexName": "vector"}, _finished)
        self._ask("collections/load", {"collectionName": name})
        self._wait("collections/get_load_state", {"collectionName": name}, _loaded)

    def count(self, name: str) -> int:
        """See ``Server``."""
        body = {"collectionName": name, "filter": "", "outputFields": ["count(*)"], "consistencyLevel": "Strong"}
        said = self._ask("entities/query", body, missing=True)
        return int(said[0]["count(*)"]) if said else 0

    def size(self, name: str) -> float | None:
        """A Milvus server does not say how large a collection is."""
        return None

    def search(
        self, name: str, shape: Shape, vector: NDArray[np.float32], k: int, where: Sequence[Condition]
    ) -> list[int]:
        """See ``Server``."""
        body: dict[str, Any] = {
            "collectionName": name,
            "data": [vector.tolist()],
            "annsField": "vector",
            "limit": k,
            "outputFields": ["id"],
            "searchParams": {"params": {"ef": max(shape.ef_search, k)}},
        }
        if where:
            body["filter"] = " and ".join(map(_expression, where))
        return [int(each["id"]) for each in self._ask("entities/search", body)]

    def drop(self, name: str) -> None:
        """See ``Server``."""
        self._ask("collections/drop", {"collectionName": name}, missing=True)

    def _ask(self, path: str, body: Mapping[str, Any], *, missing: bool = False) -> Any:
        said = self._rest.ask("POST", f"/v2/vectordb/{path}", body)
        if said.get("code") not in (0, 200):
            if missing and said.get("code") in _MISSING:
                return None
            raise self._rest.fault(said.get("message", said))
        return said.get("data")

    def _wait(self, path: str, body: Mapping[str, Any], there: Any) -> None:
        until = time.monotonic() + LOADED_WITHIN
        while not there(said := self._ask(path, body)):
            if time.monotonic() > until:
                raise ServerError(f"The Milvus server did not finish: {str(said)[:200]}.")
            time.sleep(0.1)


def _finished(said: Any) -> bool:
    return all(each.get("indexState") == "Finished" for each in said)


def _loaded(said: Any) -> bool:
    return said.get("loadState") == "LoadStateLoaded"


def _expression(condition: Condition) -> str:
    """Write a condition as Milvus reads it; texts are quoted as JSON strings."""
    value = json.dumps(condition.value) if isinstance(condition.value, str) else repr(float(condition.value))
    return f"{condition.field} {'==' if condition.op == '=' else condition.op} {value}"


def connect(url: str) -> Milvus:
    """Return the server at a URL."""
    return Milvus(url)
