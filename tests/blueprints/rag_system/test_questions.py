"""Questions of the user's: what they become, and how they are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_pages import corpus

from nonet.blueprints import load
from nonet.blueprints.rag_system.documents import Document, Section, read, write
from nonet.errors import InputError
from nonet.trials.contract import UnitSet
from nonet.trials.splits import split

PAGES = [
    Document("a.md", "Alpha", [Section("Alpha", 1, "The store keeps\n  every  Feature.")], "markdown"),
    Document("b.md", "Beta", [Section("Beta", 1, "Nothing is kept.")], "markdown"),
]


def _units(tmp_path: Path, *lines: str, skipped: str = "") -> UnitSet:
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    return _read(tmp_path, tmp_path / "q.jsonl", skipped)


def _read(tmp_path: Path, questions: Path | None, skipped: str = "", corpus: Path | None = None) -> UnitSet:
    blueprint = load("rag_system")
    write(PAGES, tmp_path / "parsed")
    (tmp_path / "parsed" / "skipped.jsonl").write_text(skipped)
    inputs = blueprint.Inputs(corpus=str(corpus or tmp_path), questions=str(questions) if questions else None)
    return blueprint.units(inputs, tmp_path / "parsed", tmp_path / "measuring")


def test_given_questions_leave_the_data_as_they_are(tmp_path: Path):
    lines = [
        '{"id": "x", "text": "  What is  Kept? ", "relevant": ["b.md", {"doc": "a.md", "grade": 2}], "type": "faq"}',
        "",
        '{"text": "What does it keep?", "answer_quote": "store keeps every feature"}',
    ]
    units = _units(tmp_path, *lines)
    assert [unit.key for unit in units.units] == ["x", "q.jsonl:3"]
    assert units.units[0].label == {"relevant": {"a.md": 2.0, "b.md": 1.0}, "quote": None}
    assert units.units[0].content == "what is kept?"
    assert units.units[1].label == {"relevant": {"a.md": 1.0}, "quote": "store keeps every feature"}
    assert units.units[1].features == {"text": "What does it keep?"}
    assert {unit.kind for unit in units.units} == {"given"}
    assert not units.hidden
    assert read(tmp_path / "measuring") == PAGES


def test_documents_with_grade_zero_are_not_relevant(tmp_path: Path):
    line = '{"text": "?", "relevant": [{"doc": "a.md", "grade": 0}, {"doc": "b.md", "grade": 1}]}'
    assert _units(tmp_path, line).units[0].label == {"relevant": {"b.md": 1.0}, "quote": None}


def test_a_question_whose_document_was_skipped_is_dropped_and_said(tmp_path: Path):
    lines = ('{"text": "one", "relevant": ["bad.md"]}', '{"text": "two", "relevant": ["bad.md", "b.md"]}')
    units = _units(tmp_path, *lines, skipped='{"name": "bad.md", "reason": "not UTF-8"}\n')
    assert [unit.label for unit in units.units] == [{"relevant": {"b.md": 1.0}, "quote": None}]
    assert any("1 questions were dropped" in note for note in units.notes)


def test_a_quote_that_no_document_holds_is_said(tmp_path: Path):
    units = _units(tmp_path, '{"text": "one", "relevant": ["a.md"], "answer_quote": "not there"}')
    assert any("1 quoted answers stand in no document" in note for note in units.notes)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"text": "a", "relevant": ["a.md"]}', '{"text": '], "q.jsonl:2: not valid JSON"),
        (["[1]"], "q.jsonl:1: not a JSON object"),
        (["[" * 100_000], "q.jsonl:1: not valid JSON"),
        (['{"relevant": ["a.md"]}'], 'q.jsonl:1: the question has no "text"'),
        (['{"text": "a"}'], "q.jsonl:1: the question has neither relevant documents nor a quoted answer"),
        (['{"text": "a", "relevant": "a.md"}'], 'q.jsonl:1: "relevant" must be a list'),
        (['{"text": "a", "relevant": [7]}'], "q.jsonl:1: 7 is no relevant document"),
        (['{"text": "a", "relevant": [{"doc": "a.md", "grade": "2"}]}'], "is no relevant document"),
        (['{"text": "a", "relevant": ["a.md"], "answer_quote": 3}'], '"answer_quote" must be a text'),
        (['{"text": "a", "relevant": ["u1", "u2", "u3", "u4"]}'], r"name 4 documents .* u1, u2, u3 and 1 more"),
        (
            ['{"text": "a", "answer_quote": "not there"}'],
            "q.jsonl:1: no document contains the quoted answer 'not there'",
        ),
        (['{"id": 1, "text": "a", "relevant": ["a.md"]}'] * 2, "q.jsonl:2: the id '1' stands at q.jsonl:1 too"),
        ([""], "are empty"),
    ],
)
def test_refuses_malformed_questions(tmp_path: Path, lines: list[str], message: str):
    with pytest.raises(InputError, match=message) as refused:
        _units(tmp_path, *lines)
    assert "\n" not in str(refused.value)


def test_refuses_questions_that_are_not_utf8(tmp_path: Path):
    (tmp_path / "q.jsonl").write_bytes(b'{"text": "\xff"}')
    with pytest.raises(InputError, match="not UTF-8"):
        _read(tmp_path, tmp_path / "q.jsonl")


def _beir(folder: Path, qrels: str) -> Path:
    folder.mkdir()
    queries = [{"id": "1", "text": "alpha"}, {"id": "2", "text": "beta"}]
    (folder / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    (folder / "qrels.tsv").write_text(qrels)
    return folder


@pytest.mark.parametrize("part", ["", "queries.jsonl"])
def test_reads_queries_with_judgements(tmp_path: Path, part: str):
    folder = _beir(tmp_path / "beir", "query-id\tcorpus-id\tscore\n1\ta.md\t4\n1\tb.md\t0\n2\tb.md\t-1\n")
    units = _read(tmp_path, folder / part)
    assert [unit.label for unit in units.units] == [{"relevant": {"a.md": 4.0}, "quote": None}]
    assert any("1 queries without a positive judgement" in note for note in units.notes)


def test_a_beir_corpus_brings_its_questions(tmp_path: Path):
    folder = _beir(tmp_path / "beir", "1\ta.md\t1\n2\tb.md\t1\n")
    (folder / "corpus.jsonl").write_text("{}")
    assert [unit.key for unit in _read(tmp_path, None, corpus=folder).units] == ["1", "2"]


@pytest.mark.parametrize(
    ("qrels", "message"),
    [("1\ta.md\t1\n2 b.md 1\n", "qrels.tsv:2: not a judgement"), ("1\ta.md\t0\n", "has a relevant document")],
)
def test_refuses_malformed_judgements(tmp_path: Path, qrels: str, message: str):
    with pytest.raises(InputError, match=message):
        _read(tmp_path, _beir(tmp_path / "beir", qrels))


@pytest.mark.parametrize(("count", "made", "sealed"), [(49, True, False), (50, False, True)])
def test_fifty_given_questions_choose_alone_and_fewer_beside_made_ones(
    tmp_path: Path, count: int, made: bool, sealed: bool
):
    blueprint = load("rag_system")
    write(corpus(40), tmp_path / "parsed")
    lines = [json.dumps({"text": f"Given {number}?", "relevant": [f"p{number % 9}.md"]}) for number in range(count)]
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    inputs = blueprint.Inputs(corpus=str(tmp_path), questions=str(tmp_path / "q.jsonl"))
    units = blueprint.units(inputs, tmp_path / "parsed", tmp_path / "measuring")
    assert {unit.kind for unit in units.units} == ({"given", "made"} if made else {"given"})
    assert (units.hidden, units.seal, bool(split(units.units, seal=units.seal).holdout)) == (made, not made, sealed)
    assert any(note.startswith(f"{count} given questions") for note in units.notes)
    kept = {f"p{number}.md" for number in range(9)}
    copy = read(tmp_path / "measuring")
    assert [page for page in copy if page.id in kept] == [page for page in corpus(40) if page.id in kept]
    assert (copy == corpus(40)) == (not made)
