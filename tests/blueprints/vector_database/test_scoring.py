"""Exact search, recall with ties, nDCG and filters, against plain computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints.vector_database import exact, filtering, scoring


def plainly(vectors: np.ndarray, query: np.ndarray, metric: str) -> list[float]:
    distances = {
        "l2": lambda row: math.dist(row, query),
        "l1": lambda row: sum(abs(a - b) for a, b in zip(row, query, strict=True)),
        "dot": lambda row: -sum(a * b for a, b in zip(row, query, strict=True)),
        "cosine": lambda row: -float(np.dot(row, query) / np.linalg.norm(row) / np.linalg.norm(query)),
    }[metric]
    return [distances(row.tolist() if metric != "cosine" else row) for row in vectors]


@pytest.mark.parametrize("metric", ["cosine", "dot", "l2", "l1"])
def test_exact_search_is_brute_force(metric: str):
    random = np.random.default_rng(3)
    vectors = random.normal(size=(200, 7)).astype(np.float32)
    query = random.normal(size=7).astype(np.float32)
    mask = np.arange(200) % 3 == 0
    for allowed in (None, mask):
        distances = np.array(plainly(vectors, query, metric))
        if allowed is not None:
            distances[~allowed] = np.inf
        (truth,) = exact.search(vectors, query[None], metric, allowed)
        assert truth.near == np.argsort(distances, kind="stable")[:10].tolist()


def test_equal_vectors_count_in_one_anothers_place():
    vectors = np.vstack([np.eye(12, dtype=np.float32)[:9], np.repeat([[0.0] * 11 + [1.0]], 5, axis=0)]).astype(
        np.float32
    )
    query = np.array([1.0 - place / 100 for place in range(9)] + [0.0, 0.0, 0.5], dtype=np.float32)
    (truth,) = exact.search(vectors, query[None], "dot")
    assert len(truth.near) == 10
    assert {*truth.near, *truth.tied} == set(range(14))
    named = {name: [str(row) for row in rows] for name, rows in vars(truth).items()}
    assert scoring.recall([*map(str, range(9)), "13"], named) == 1
    assert scoring.recall([*map(str, range(9)), "99"], named) == 0.9


def test_fewer_rows_than_ten_can_be_found_in_full():
    vectors = np.eye(4, dtype=np.float32)
    (truth,) = exact.search(vectors, vectors[:1], "l2", np.array([True, True, False, False]))
    assert sorted(truth.near) == [0, 1]
    (nothing,) = exact.search(vectors, vectors[:1], "l2", np.zeros(4, dtype=bool))
    assert scoring.recall([], {"near": [str(row) for row in nothing.near], "tied": [], "first": []}) == 1


@given(
    st.permutations(list("abcdef")),
    st.dictionaries(st.sampled_from("abcdefxy"), st.sampled_from([1.0, 2.0]), min_size=1),
)
def test_ndcg_is_best_for_the_ideal_order(order: list[str], relevant: dict[str, float]):
    ideal = sorted(relevant, key=lambda name: -relevant[name])
    assert scoring.ndcg(ideal, relevant) == pytest.approx(1)
    assert 0 <= scoring.ndcg(order, relevant) <= 1 + 1e-12


def label(relevant: dict[str, float] | None, percents: list[int]):
    truth = {"near": ["a", "b"], "tied": [], "first": ["a"]}
    return {
        "exact": {"given": truth},
        "filtered": {"given": [truth] * len(percents)},
        "percents": percents,
        "relevant": relevant,
    }


def output(ids: list[str], filtered: int):
    return {"embedding": "given", "ids": ids, "by_vectors": ids, "filtered": [["b"]] * filtered}


def test_relevant_texts_decide_where_they_are_known():
    outputs = [output(["a", "c"], 0), output(["c", "b"], 0)]
    known = scoring.score(outputs, [label({"b": 1.0}, [])] * 2, [0, 1, 1])
    assert known["quality@10"] == known["ndcg@10"] == pytest.approx(2 / 3 / math.log2(3))
    unknown = scoring.score(outputs, [label(None, [])] * 2, [0, 1])
    assert unknown["quality@10"] == unknown["recall@10"] == 0.5
    assert unknown["recall@1"] == 0.5
    assert math.isnan(unknown["ndcg@10"])
    assert math.isnan(unknown["filtered_recall@10_of_10_percent"])


def test_recall_under_filters_is_by_selectivity():
    scores = scoring.score([output(["a", "b"], 2)], [label(None, [1, 50])], [0])
    assert scores["filtered_recall@10_of_1_percent"] == 0.5
    assert scores["filtered_recall@10_of_50_percent"] == 0.5
    assert math.isnan(scores["filtered_recall@10_of_10_percent"])
    assert scores["filtered_recall@10"] == 0.5


def test_the_lowest_recall_under_a_filter_is_what_counts():
    half, whole = output(["a", "b"], 2), output(["a", "b"], 2)
    half["filtered"] = [["x"], ["a", "b"]]
    scores = scoring.score([half, whole], [label(None, [1, 50])] * 2, [0, 1])
    assert scores["filtered_recall@10"] == scores["filtered_recall@10_of_1_percent"]
    assert scores["filtered_recall@10"] < scores["filtered_recall@10_of_50_percent"]
    assert math.isnan(scoring.score([output(["a"], 0)], [label(None, [])], [0])["filtered_recall@10"])


def test_filters_let_through_what_they_stand_for():
    payloads = [{"year": row, "kind": "rare" if row % 100 == 0 else "common"} for row in range(1000)]
    made = filtering.make(payloads)
    assert [each.percent for each in made] == [1, 10, 50]
    for each in made:
        assert each.percent / 2 <= 100 * each.share <= each.percent * 2
    assert filtering.make([{"kind": "one"}] * 50) == []
