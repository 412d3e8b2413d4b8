"""What a server is: collections of ours are made in it, filled, searched and dropped; nothing else of it is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Condition
from vectordb.errors import DesignError

Value = str | float


@dataclass(frozen=True)
class Kind:
    """A kind of server: its module, the variable that holds its key, URLs, metrics, and how many rows go at once."""

    module: str
    variable: str
    schemes: tuple[str, ...]
    metrics: tuple[str, ...]
    batch: int


_HTTP = ("http", "https")
KINDS: Mapping[str, Kind] = {
    "qdrant_server": Kind("qdrant", "QDRANT_API_KEY", _HTTP, ("cosine", "dot", "l2", "l1"), 500),
    "milvus": Kind("milvus", "MILVUS_TOKEN", _HTTP, ("cosine", "dot", "l2"), 500),
    "weaviate": Kind("weaviate", "WEAVIATE_API_KEY", _HTTP, ("cosine", "dot", "l2", "l1"), 200),
    "pinecone": Kind("pinecone", "PINECONE_API_KEY", _HTTP, ("cosine", "dot", "l2"), 100),
    "pgvector": Kind("pgvector", "PGPASSWORD", ("postgresql", "postgres"), ("cosine", "dot", "l2", "l1"), 2000),
}
"""Engine → what it is."""


@dataclass(frozen=True)
class Shape:
    """What a collection holds.

    Attributes:
        fields: safe name of a payload's field → "number" or "text".
        rows: how many there will be.
    """

    width: int
    metric: str
    hnsw_m: int
    ef_construction: int
    ef_search: int
    quantization: str
    fields: Mapping[str, str]
    rows: int


class Server(Protocol):
    """A server that is reached; names are those of collections, ids are rows."""

    def names(self) -> list[str]:
        """Return the collections that there are."""
        ...

    def create(self, name: str, shape: Shape) -> None:
        """Make an empty collection."""
        ...

    def insert(
        self, name: str, first: int, vectors: NDArray[np.float32], values: Sequence[Mapping[str, Value]]
    ) -> None:
        """Add rows ``first``, ``first + 1``, … with the values of their fields."""
        ...

    def finish(self, name: str, shape: Shape) -> None:
        """Build what searching needs and return once it is there."""
        ...

    def count(self, name: str) -> int:
        """Return how many rows a collection holds."""
        ...

    def size(self, name: str) -> float | None:
        """Return the bytes of a collection, where the server tells them."""
        ...

    def search(
        self, name: str, shape: Shape, vector: NDArray[np.float32], k: int, where: Sequence[Condition]
    ) -> list[int]:
        """Return up to ``k`` rows, best first; the fields of conditions are safe names."""
        ...

    def drop(self, name: str) -> None:
        """Remove a collection; nothing where there is none."""
        ...


def connect(engine: str, url: str) -> Server:
    """Return a server by its URL.

    Raises:
        DesignError: the URL is none of this kind of server, or holds a password.
    """
    kind, parts = KINDS[engine], urlsplit(url)
    if parts.scheme not in kind.schemes or not parts.hostname:
        raise DesignError(f"{url!r} is no URL of {engine}; write {kind.schemes[0]}://HOST:PORT.")
    if parts.password:
        raise DesignError(f"The URL of {engine} holds a password; put it into {kind.variable} instead.")
    server: Server = import_module(f"vectordb.servers.{kind.module}").connect(url)
    return server
