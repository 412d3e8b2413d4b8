"""What an engine is: built once into a folder, opened for searching, answering in rows of the stored vectors."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Columns, Condition
from vectordb.design import Design
from vectordb.errors import DesignError
from vectordb.servers.contract import KINDS

METRICS: Mapping[str, tuple[str, ...]] = {
    "faiss_flat": ("cosine", "dot", "l2", "l1"),
    "faiss_sq8": ("cosine", "dot", "l2"),
    "faiss_ivf": ("cosine", "dot", "l2"),
    "faiss_ivfpq": ("cosine", "dot", "l2"),
    "faiss_hnsw": ("cosine", "dot", "l2", "l1"),
    "usearch": ("cosine", "dot", "l2"),
    "qdrant": ("cosine", "dot", "l2", "l1"),
    "lancedb": ("cosine", "dot", "l2"),
    "chroma": ("cosine", "dot", "l2"),
    **{engine: kind.metrics for engine, kind in KINDS.items()},
}
"""Engine → the metrics it can search by. Under cosine the stored vectors have unit length: it is their dot product."""
_MODULES = {
    "usearch": "usearch_engine",
    "qdrant": "qdrant_engine",
    "lancedb": "lancedb_engine",
    "chroma": "chroma_engine",
    **dict.fromkeys(KINDS, "server_engine"),
}


_LIBRARIES = {
    "usearch": ("usearch.index",),
    "qdrant": ("qdrant_edge",),
    "lancedb": ("lancedb", "lancedb.index", "pyarrow"),
    "chroma": ("chromadb",),
    "pgvector": ("psycopg",),
    **dict.fromkeys(("qdrant_server", "milvus", "weaviate", "pinecone"), ("httpx",)),
}


@dataclass(frozen=True)
class Wanted:
    """Which rows may be found: the conditions, and the mask that they come to, shape (rows,)."""

    conditions: Sequence[Condition]
    mask: NDArray[np.bool_]


class Engine(Protocol):
    """An opened engine."""

    def search(self, vector: NDArray[np.float32], k: int, wanted: Wanted | None) -> NDArray[np.int64]:
        """Return up to ``k`` rows near a vector of shape (width,), best first."""
        ...


def load(design: Design) -> None:
    """Import what the engine needs, so that no time of a build is that of an import."""
    _module(design.engine)
    for library in _LIBRARIES.get(design.engine, ("faiss",)):
        import_module(library)


def build(
    design: Design,
    vectors: NDArray[np.float32],
    metric: str,
    payloads: Sequence[Mapping[str, Any]] | None,
    out: Path,
) -> None:
    """Build the design's engine over vectors of shape (rows, width) into ``out``.

    Raises:
        DesignError: the engine does not know the metric, or not on so few rows.
    """
    if metric not in METRICS[design.engine]:
        raise DesignError(f"{design.engine} cannot search by {metric}; it knows {', '.join(METRICS[design.engine])}.")
    _module(design.engine).build(design, vectors, metric, payloads, out)


def add(
    design: Design,
    vectors: NDArray[np.float32],
    first: int,
    payloads: Sequence[Mapping[str, Any]] | None,
    folder: Path,
) -> bool:
    """Add rows ``first``, ``first + 1``, … to a built engine in its folder; whether the engine can.

    The payloads have the fields that the engine was built with, of the same kinds.
    """
    if design.server_at:
        return False  # a collection that is searched while it grows would be neither the one before nor the one after
    _module(design.engine).add(design, vectors, first, payloads, folder)
    return True


def open_engine(design: Design, folder: Path, metric: str, columns: Columns | None) -> Engine:
    """Open what ``build`` left in a folder."""
    engine: Engine = _module(design.engine).open_engine(design, folder, metric, columns)
    return engine


def stored_bytes(design: Design, folder: Path) -> float | None:
    """Return the bytes of what ``build`` left: its files, or what a server says; nothing where it says nothing."""
    if design.engine in KINDS:
        return _module(design.engine).stored_bytes(folder)
    return float(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


def discard(design: Design, folder: Path) -> None:
    """Remove what ``build`` left elsewhere than in its folder."""
    if design.engine in KINDS:
        _module(design.engine).discard(design, folder)


def private_copy(folder: Path) -> Path:
    """Return a copy of a folder that lives as long as this process: some engines write beside what they only read."""
    copy = Path(tempfile.mkdtemp(prefix="vectordb-"))
    weakref.finalize(private_copy, shutil.rmtree, copy, ignore_errors=True)
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return copy


def _module(engine: str) -> Any:
    return import_module(f"vectordb.engines.{_MODULES.get(engine, 'faiss_engine')}")
