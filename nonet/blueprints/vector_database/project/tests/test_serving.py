"""Batches, side-by-side searches and caches answer what single searches do, or say what they lose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectordb import cache, conditions, scaling, serving, settings
from vectordb.asynchronous import AsyncDatabase

Make = Callable[..., settings.Settings]
ENGINES = ("faiss_flat", "faiss_hnsw", "usearch", "chroma", "qdrant")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("oversample", [1, 4])
def test_a_batch_finds_what_single_searches_find(engine: str, oversample: int, of_vectors: Make, vectors: np.ndarray):
    database = settings.opened(of_vectors(engine=engine, oversample=oversample))
    for where in ([], [conditions.parse("year>=2010")], [conditions.parse("year>3000")]):
        many = database.search_many(5, list(vectors[:20]), where)
        alone = [database.search(5, vector=vector, where=where) for vector in vectors[:20]]
        assert [found.rows.tolist() for found in many] == [found.rows.tolist() for found in alone]
    assert database.search_many(5, []) == []


def test_a_batch_of_texts_is_searched_by_words_too(of_texts: Make):
    database = settings.opened(of_texts(hybrid="rrf"))
    asked = ["copper garden", "winter harbour number 4"]
    many = database.search_many(3, asked)
    assert [each.rows.tolist() for each in many] == [database.search(3, text=text).rows.tolist() for text in asked]


def test_searches_side_by_side_find_what_single_ones_find(of_vectors: Make, vectors: np.ndarray):
    database = settings.opened(of_vectors(engine="faiss_hnsw"))

    async def all_of_them() -> list[list[int]]:
        async with AsyncDatabase(database, 4) as searching:
            found = await asyncio.gather(*(searching.search(5, vector=vector) for vector in vectors[:40]))
        return [each.rows.tolist() for each in found]

    assert asyncio.run(all_of_them()) == [database.search(5, vector=vector).rows.tolist() for vector in vectors[:40]]


def test_an_exact_cache_answers_repeats_alone_and_forgets_the_oldest(of_vectors: Make, vectors: np.ndarray):
    database = settings.opened(of_vectors())
    cached = cache.Cached(database, "exact", size=2)
    first = cached.search(5, vector=vectors[0])
    assert cached.search(5, vector=vectors[0]) is first
    assert cached.search(6, vector=vectors[0]) is not first
    assert len(cached.search(5, vector=vectors[0], where=[conditions.parse("year>=2019")]).rows) == 5
    assert cached.hits == 1
    cached.search(5, vector=vectors[0])
    assert cached.hits == 1  # two other answers came since: it had to go


def test_a_semantic_cache_answers_what_is_near_and_the_replay_says_what_it_loses(of_vectors: Make, vectors: np.ndarray):
    database = settings.opened(of_vectors())
    random = np.random.default_rng(3)
    noise = random.normal(size=(30, vectors.shape[1])).astype(np.float32)
    log = [*vectors[:30], *(vectors[:30] + 0.01 * noise), *(vectors[:30] + 0.5 * noise), *vectors[:10]]
    measured = cache.replay(database, log)
    exact, strict, *_, loose = measured
    assert (exact.threshold, exact.hit_rate, exact.recall) == (1.0, pytest.approx(10 / 100), 1.0)
    assert strict.hit_rate >= 40 / 100
    assert loose.hit_rate > strict.hit_rate
    assert loose.recall < strict.recall  # far questions get the answer of a near one
    chosen = cache.chosen(measured)
    assert chosen.recall >= 1 - cache.COSTS
    assert cache.chosen(measured, costs=1.0).hit_rate == max(each.hit_rate for each in measured)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_the_exact_hit_rate_is_the_share_of_repeats(log: list[int]):
    class Counting:
        def search(self, k: int, **asked: object) -> object:
            return object()

    cached = cache.Cached(Counting(), "exact")  # type: ignore[arg-type]
    for each in log:
        cached.search(5, text=str(each))
    assert cached.hits == len(log) - len(set(log))


def test_a_built_index_says_how_it_serves(of_vectors: Make, vectors: np.ndarray, tmp_path: Path):
    shipped = of_vectors(engine="faiss_hnsw")
    found = settings.parts(shipped)
    np.save(found["records"] / "log.npy", np.vstack([vectors[:20], vectors[:20]]))
    told = [{"percent": 10, "conditions": [{"field": "year", "op": ">=", "value": 2018}]}]
    (found["records"] / "filters.json").write_text(json.dumps(told), encoding="utf-8")
    counted = serving.measure(shipped.design, found, tmp_path)
    assert counted["filtered_p95_ms_of_10_percent"] > 0
    assert counted["batch_queries_per_second"] > 0
    assert counted["async_queries_per_second"] > 0
    assert counted["cache_hit_rate_exact"] == pytest.approx(0.5)
    assert serving.read_cache(tmp_path)[0].hit_rate == pytest.approx(0.5)


def test_small_shares_are_built_and_the_whole_is_taken_as_it_is(of_vectors: Make, monkeypatch: pytest.MonkeyPatch):
    built: list[int] = []
    inner = scaling.contract.build

    def counting(design: object, vectors: np.ndarray, *more: object) -> None:
        built.append(len(vectors))
        inner(design, vectors, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(scaling, "FEWEST", 30)
    monkeypatch.setattr(scaling.contract, "build", counting)
    shipped = of_vectors(engine="faiss_hnsw", scale=10_000_000)
    assert built[0] == 600
    assert list(dict.fromkeys(built[1:])) == [37, 75, 150, 600]
    assert all(1 <= built[1:].count(rows) <= scaling.AGAIN for rows in (37, 75, 150, 600))
    scale, points, laws = scaling.read(settings.parts(shipped)["scaling"])
    assert scale == 10_000_000
    assert [point["rows"] for point in points] == [37, 75, 150, 600]
    assert set(laws) == {"build_seconds", "bytes", "latency_ms"}
