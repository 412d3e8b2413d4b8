"""Pairs that a model is tuned on: read, made of texts, and never those that are measured by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vectordb import data
from vectordb.embedding import pairs
from vectordb.embedding.pairs import Pair
from vectordb.errors import DataError


def test_pairs_are_read_with_and_without_a_wrong_answer(tmp_path: Path):
    path = tmp_path / "pairs.jsonl"
    rows = [{"query": "a", "positive": "b"}, {"query": "c", "positive": "d", "negative": "e"}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert pairs.read(path) == [Pair("a", "b"), Pair("c", "d", "e")]


@pytest.mark.parametrize("line", ['{"query": "a"}', '{"query": "a", "positive": 3}', "[]", "{", ""])
def test_what_is_no_pair_is_said_with_its_line(tmp_path: Path, line: str):
    path = tmp_path / "pairs.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match=r"pairs\.jsonl") as refused:
        pairs.read(path)
    assert "\n" not in str(refused.value)


def test_a_question_that_is_measured_by_is_not_learned_whatever_its_case():
    found = [Pair("How  wide is a RIVER?", "wide"), Pair("How deep?", "deep")]
    assert pairs.unmeasured(found, ["how wide is a river?"]) == [found[1]]


def test_titles_and_first_sentences_become_questions():
    long = "one two three four five six seven eight nine ten eleven twelve thirteen"
    made = pairs.made_of([{"id": "a", "title": "the width of rivers", "text": long}, {"id": "b", "text": "short"}])
    assert made == [Pair("the width of rivers", long)]


def test_judged_questions_of_the_fit_join_the_pairs(tmp_path: Path):
    pairs.write(tmp_path / pairs.FILE, [Pair("a", "b")])
    data.write_rows(tmp_path / "texts.jsonl", [{"id": "t", "title": "T", "text": "about t"}])
    told = {"features": {"text": "asked"}, "label": {"relevant": {"t": 1.0, "gone": 1.0}}}
    data.write_rows(tmp_path / pairs.FIT, [told])
    assert pairs.of_data(tmp_path) == [Pair("a", "b"), Pair("asked", "T. about t")]
