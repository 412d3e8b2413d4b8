"""Every engine finds the neighbours that exact search finds, with a filter and without, by every metric it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vectordb import conditions, settings
from vectordb.design import SERVERS
from vectordb.engines.contract import METRICS
from vectordb.errors import ConditionError, DataError, DesignError

PAIRS = [
    pytest.param(engine, metric, marks=() if metric == "cosine" and engine != "pgvector" else pytest.mark.slow)
    for engine, metrics in METRICS.items()
    if engine not in SERVERS or engine == "pgvector"
    for metric in metrics
]
LOSSY = {"faiss_ivfpq": 0.7, "faiss_sq8": 0.9, "lancedb": 0.9, "faiss_ivf": 0.9}


def exact(vectors: np.ndarray, query: np.ndarray, metric: str, mask: np.ndarray | None = None) -> set[int]:
    if metric == "cosine":
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    distances = {
        "l2": lambda: np.linalg.norm(vectors - query, axis=1),
        "l1": lambda: np.abs(vectors - query).sum(axis=1),
    }.get(metric, lambda: -vectors @ query)()
    if mask is not None:
        distances = np.where(mask, distances, np.inf)
    return set(np.argsort(distances)[:10].tolist())


@pytest.mark.parametrize(("engine", "metric"), PAIRS)
def test_an_engine_agrees_with_exact_search(
    engine: str, metric: str, of_vectors: Callable[..., settings.Settings], vectors: np.ndarray
):
    extra: dict[str, Any] = {"oversample": 4, "code_bytes": 16} if engine == "faiss_ivfpq" else {}
    shipped = of_vectors(metric=metric, engine=engine, **extra)
    database = settings.opened(shipped)
    where = [conditions.parse("year>=2010"), conditions.parse("kind=guide")]
    assert database.columns is not None
    mask = database.columns.mask(where)
    plain = filtered = 0
    for row in range(0, 200, 10):
        query = vectors[row] + 0.05
        plain += len(exact(vectors, query, metric) & set(database.search(10, vector=query).rows.tolist()))
        found = database.search(10, vector=query, where=where).rows.tolist()
        assert all(mask[found])
        filtered += len(exact(vectors, query, metric, mask) & set(found))
    assert plain / 200 >= LOSSY.get(engine, 0.98)
    assert filtered / 200 >= 0.6


@pytest.mark.parametrize("engine", ["usearch", "qdrant"])
def test_rescoring_brings_back_what_one_bit_loses(
    engine: str, of_vectors: Callable[..., settings.Settings], vectors: np.ndarray
):
    shipped = of_vectors(engine=engine, quantization="binary", oversample=10, ef_search=200)
    database = settings.opened(shipped)
    hits = sum(
        len(exact(vectors, vectors[row] + 0.05, "cosine") & set(database.search(10, vector=vectors[row] + 0.05).rows))
        for row in range(20)
    )
    assert hits / 200 >= 0.85


def test_a_filter_that_lets_through_little_is_searched_exactly(
    of_vectors: Callable[..., settings.Settings], vectors: np.ndarray
):
    where = [conditions.parse("year=2003")]  # 5 % of the rows
    database = settings.opened(of_vectors(engine="faiss_hnsw", exact_below=10, ef_search=10, hnsw_m=4))
    assert database.columns is not None
    mask = database.columns.mask(where)
    for found in (
        [database.search(10, vector=vectors[row], where=where) for row in range(20)],
        database.search_many(10, list(vectors[:20]), where),
    ):
        for row, each in enumerate(found):
            assert set(each.rows.tolist()) == exact(vectors, vectors[row], "cosine", mask)


def test_reduced_vectors_find_most(of_vectors: Callable[..., settings.Settings], vectors: np.ndarray):
    database = settings.opened(of_vectors(reduction="pca", dimensions=16, oversample=4))
    hits = sum(
        len(exact(vectors, vectors[row] + 0.05, "cosine") & set(database.search(10, vector=vectors[row] + 0.05).rows))
        for row in range(20)
    )
    assert hits / 200 >= 0.8


def test_what_cannot_be_is_said_in_a_line(of_vectors: Callable[..., settings.Settings], vectors: np.ndarray):
    database = settings.opened(of_vectors())
    with pytest.raises(DataError, match="dimensions"):
        database.search(5, vector=np.ones(3, dtype=np.float32))
    with pytest.raises(ConditionError, match="fields: kind, year"):
        database.search(5, vector=vectors[0], where=[conditions.parse("colour=red")])
    assert not len(database.search(5, vector=vectors[0], where=[conditions.parse("year>3000")]).rows)


def test_an_engine_refuses_a_metric_that_it_does_not_know(of_vectors: Callable[..., settings.Settings]):
    with pytest.raises(DesignError, match="cannot search by l1"):
        of_vectors(metric="l1", engine="chroma")
