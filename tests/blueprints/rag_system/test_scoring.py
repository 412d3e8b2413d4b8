"""Scores with known answers."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints import load
from nonet.blueprints.rag_system.scoring import NAMES, ndcg, score
from nonet.trials.contract import Unit
from nonet.trials.evaluator import Evaluator


def _output(*docs: str, chunks: tuple[str, ...] = (), context: str = "", tokens: int = 0) -> dict[str, Any]:
    packed = [{"doc": doc, "chunk": place, "score": 1.0, "text": f"text {doc}"} for place, doc in enumerate(chunks)]
    return {"docs": list(docs), "chunks": packed, "context": context, "context_tokens": tokens}


def test_ndcg_of_the_original_papers_vector():
    """Järvelin & Kekäläinen's gains 3 2 3 0 1 2, worked by hand with linear gains and log2(rank + 1)."""
    relevant = {"d1": 3.0, "d2": 2.0, "d3": 3.0, "d5": 1.0, "d6": 2.0}
    gained = 3 + 2 / math.log2(3) + 3 / 2 + 1 / math.log2(6) + 2 / math.log2(7)
    ideal = 3 + 3 / math.log2(3) + 2 / 2 + 2 / math.log2(5) + 1 / math.log2(6)
    assert ndcg(["d1", "d2", "d3", "d4", "d5", "d6"], relevant) == pytest.approx(gained / ideal)
    assert gained / ideal == pytest.approx(0.9608, abs=5e-5)


@given(st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(1, 4), min_size=1), st.randoms())
def test_ndcg_is_one_for_the_ideal_order_only_and_never_more(relevant: dict[str, float], random: Any):
    ideal = sorted(relevant, key=lambda doc: -relevant[doc])
    assert ndcg(ideal, relevant) == pytest.approx(1)
    shuffled = [*relevant, "x", "y", "z"]
    random.shuffle(shuffled)
    assert 0 <= ndcg(shuffled, relevant) <= 1 + 1e-12
    assert ndcg(["x"], relevant) == 0


def test_every_metric_by_hand():
    label = {"relevant": {"a": 2, "b": 1, "c": 1, "zero": 0}, "quote": "The  Answer"}
    output = _output("x", "a", "zero", "b", chunks=("a", "a", "x"), context="so the\nanswer is", tokens=12)
    scores = score([output], [label], [0])
    assert scores["recall@10"] == pytest.approx(2 / 3)
    assert scores["mrr"] == 0.5
    assert scores["p@5_packed"] == pytest.approx(2 / 5)
    assert scores["p@5_documents"] == pytest.approx(2 / 5)
    assert scores["p@5_documents_attainable"] == pytest.approx(3 / 5)
    assert scores["answer_in_context"] == 1
    assert scores["context_tokens"] == 12
    best = 2 + 1 / math.log2(3) + 1 / 2
    assert scores["ndcg@10"] == pytest.approx((2 / math.log2(3) + 1 / math.log2(5)) / best)


def test_a_packed_chunk_counts_by_its_document_or_by_the_answer_it_holds():
    output = _output(chunks=("a", "x", "y", "z", "v", "w"))
    quoted = {"relevant": {"a": 1, "w": 1}, "quote": "Text  Y"}
    assert score([output], [quoted], [0])["p@5_packed"] == pytest.approx(2 / 5)
    assert score([output], [{**quoted, "quote": None}], [0])["p@5_packed"] == pytest.approx(1 / 5)
    assert score([output], [{**quoted, "quote": "text a"}], [0])["p@5_packed"] == pytest.approx(1 / 5)


def test_recall_to_depth_100_counts_what_stands_below_the_first_ten():
    docs = [f"d{place}" for place in range(101)]
    scores = score([_output(*docs)], [{"relevant": {"d0": 1, "d50": 1, "d99": 1, "d100": 1}, "quote": None}], [0])
    assert (scores["recall@10"], scores["recall@100"]) == (0.25, 0.75)


@given(st.lists(st.sampled_from("abcdefghij"), unique=True), st.sets(st.sampled_from("abcdefghij"), min_size=1))
def test_documents_reach_no_more_than_is_attainable(docs: list[str], relevant: set[str]):
    scores = score([_output(*docs)], [{"relevant": dict.fromkeys(relevant, 1), "quote": None}], [0])
    assert scores["p@5_documents"] <= scores["p@5_documents_attainable"]
    ideal = score([_output(*sorted(relevant))], [{"relevant": dict.fromkeys(relevant, 1), "quote": None}], [0])
    assert ideal["p@5_documents"] == ideal["p@5_documents_attainable"]


def test_quoted_answers_are_averaged_over_those_that_have_one():
    outputs = [_output(context="yes"), _output(context="no"), _output()]
    labels = [{"relevant": {"a": 1}, "quote": quote} for quote in ("yes", "yes", None)]
    assert score(outputs, labels, [0, 1, 2])["answer_in_context"] == 0.5
    assert score(outputs, labels, [0, 0, 1, 2])["answer_in_context"] == pytest.approx(2 / 3)
    assert math.isnan(score(outputs, labels, [2, 2])["answer_in_context"])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_repeated_positions_count_as_often_as_they_stand(index: list[int]):
    outputs = [_output("a"), _output("b", "a"), _output("x"), _output("x", "y", "a", tokens=3)]
    labels = [{"relevant": {"a": 1}, "quote": None}] * 4
    single = [score(outputs, labels, [place]) for place in range(4)]
    for name, value in score(outputs, labels, index).items():
        if name != "answer_in_context":
            assert value == pytest.approx(sum(single[place][name] for place in index) / len(index))


def test_without_quoted_answers_their_share_is_not_measured():
    units = [Unit(f"u{place}", {"text": "?"}, {"relevant": {"a": 1}, "quote": None}, "?") for place in range(2)]
    evaluator = Evaluator(load("rag_system"), units)
    outputs = [_output("a"), _output("b", "a")]
    assert evaluator.value("answer_in_context", outputs, [0, 1]) is None
    assert evaluator.values(outputs, [0, 1]).keys() == set(NAMES) - {"answer_in_context"}


def test_the_blueprint_scores_every_metric_it_declares():
    blueprint = load("rag_system")
    assert {metric.name for metric in blueprint.metrics if metric.source == "score"} == set(NAMES)
    named = {metric.name: metric for metric in blueprint.metrics}
    assert blueprint.objective.metric in named
    assert blueprint.objective.cost in named
    assert (named["p95_latency_ms"].minimum_units, named["p99_latency_ms"].minimum_units) == (59, 299)
    unmeasured = {each.target.metric for each in blueprint.standing_targets if each.needs}
    assert all(each.target.metric in named for each in blueprint.standing_targets)
    judged = {name for name, metric in named.items() if metric.source == "judge"}
    assert judged == {"faithfulness", "answer_relevance", "context_relevance"}
    assert all(bool(metric.needs) == (name in judged) for name, metric in named.items())
    assert unmeasured == {"context_relevance"}
