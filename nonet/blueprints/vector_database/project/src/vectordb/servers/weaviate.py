"""A Weaviate server, by its REST interface for schema and objects and GraphQL for searches (docs.weaviate.io)."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Condition
from vectordb.servers.contract import Shape, Value
from vectordb.servers.rest import Rest

_DISTANCES = {"l2": "l2-squared", "l1": "manhattan"}
_OPERATORS = {
    "=": "Equal",
    "!=": "NotEqual",
    ">": "GreaterThan",
    ">=": "GreaterThanEqual",
    "<": "LessThan",
    "<=": "LessThanEqual",
}


class Weaviate:
    """One class a name, which begins with a capital there; the graph is built while objects come."""

    def __init__(self, url: str) -> None:
        key = os.environ.get("WEAVIATE_API_KEY", "")
        self._rest = Rest("The Weaviate server", url, {"Authorization": f"Bearer {key}"} if key else {})

    def names(self) -> list[str]:
        """See ``Server``."""
        classes = self._rest.ask("GET", "/v1/schema").get("classes") or []
        return [str(each["class"])[:1].lower() + str(each["class"])[1:] for each in classes]

    def create(self, name: str, shape: Shape) -> None:
        """See ``Server``."""
        properties: list[dict[str, Any]] = [{"name": "row", "dataType": ["int"]}]
        for field, kind in shape.fields.items():
            text = {"dataType": ["text"], "tokenization": "field"}
            properties.append({"name": field, **(text if kind == "text" else {"dataType": ["number"]})})
        index: dict[str, Any] = {
            "distance": _DISTANCES.get(shape.metric, "dot"),
            "maxConnections": shape.hnsw_m,
            "efConstruction": shape.ef_construction,
            "ef": shape.ef_search,
        }
        if shape.quantization != "none":
            index["sq" if shape.quantization == "scalar" else "bq"] = {"enabled": True}
        body = {
            "class": _class(name),
            "vectorizer": "none",
            "vectorIndexType": "hnsw",
            "vectorIndexConfig": index,
            "properties": properties,
        }
        self._rest.ask("POST", "/v1/schema", body)

    def insert(
        self, name: str, first: int, vectors: NDArray[np.float32], values: Sequence[Mapping[str, Value]]
    ) -> None:
        """See ``Server``."""
        objects = [
            {
                "class": _class(name),
                "id": str(uuid.UUID(int=first + place + 1)),
                "properties": {"row": first + place, **payload},
                "vector": vector.tolist(),
            }
            for place, (vector, payload) in enumerate(zip(vectors, values, strict=True))
        ]
        for each in self._rest.ask("POST", "/v1/batch/objects", {"objects": objects}):
            if errors := (each.get("result") or {}).get("errors"):
                raise self._rest.fault(errors)

    def finish(self, name: str, shape: Shape) -> None:
        """Objects are in the graph once their batch is answered."""

    def count(self, name: str) -> int:
        """See ``Server``."""
        if name not in self.names():
            return 0
        said = self._graphql(f"{{Aggregate{{{_class(name)}{{meta{{count}}}}}}}}")
        return int(said["Aggregate"][_class(name)][0]["meta"]["count"])

    def size(self, name: str) -> float | None:
        """A Weaviate server does not say how large a class is."""
        return None

    def search(
        self, name: str, shape: Shape, vector: NDArray[np.float32], k: int, where: Sequence[Condition]
    ) -> list[int]:
        """See ``Server``."""
        numbers = ",".join(repr(value) for value in vector.tolist())
        condition = f",where:{_where(where)}" if where else ""
        asked = f"{{Get{{{_class(name)}(limit:{k},nearVector:{{vector:[{numbers}]}}{condition}){{row}}}}}}"
        return [int(each["row"]) for each in self._graphql(asked)["Get"][_class(name)] or []]

    def drop(self, name: str) -> None:
        """See ``Server``."""
        self._rest.ask("DELETE", f"/v1/schema/{_class(name)}", missing=True)

    def _graphql(self, query: str) -> Any:
        said = self._rest.ask("POST", "/v1/graphql", {"query": query})
        if said.get("errors"):
            raise self._rest.fault("; ".join(str(each.get("message")) for each in said["errors"]))
        return said["data"]


def _class(name: str) -> str:
    return name[:1].upper() + name[1:]


def _where(where: Sequence[Condition]) -> str:
    """Write conditions as GraphQL; texts are quoted as JSON strings, which GraphQL's are."""
    clauses: list[str] = []
    for each in where:
        kind = "valueText" if isinstance(each.value, str) else "valueNumber"
        value = json.dumps(each.value) if isinstance(each.value, str) else repr(float(each.value))
        clauses.append(f'{{path:["{each.field}"],operator:{_OPERATORS[each.op]},{kind}:{value}}}')
    return clauses[0] if len(clauses) == 1 else f"{{operator:And,operands:[{','.join(clauses)}]}}"


def connect(url: str) -> Weaviate:
    """Return the server at a URL."""
    return Weaviate(url)
