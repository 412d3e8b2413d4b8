"""Every kind of chunking in every unit: what must hold of any page, and what each kind is for."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag import chunking
from rag.chunking import semantic
from rag.chunking.ruler import ruler
from rag.design import Design
from rag.documents.model import Document, Page, Section, page
from rag.embedding.files import token_spans
from rag.sentences import spans as sentence_spans

pytestmark = pytest.mark.slow

KINDS = ("page", "fixed", "windows", "sentences", "recursive", "headings", "parent_child", "semantic")
UNITS = ("words", "tokens", "characters")
WORDS = st.sampled_from(
    ["a", "Beta", "end.", "Why?", "naïve", "e\u0301toile", "日本語。", "internationalisation", "(x)", "e.g.", "\u200b"]
)
GAPS = st.sampled_from([" ", "  ", "\n", "\n\n", "\n \n", "\t", " \n- ", "\x0b"])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=60).map(lambda parts: "".join(word + gap for word, gap in parts))
SECTIONS = st.lists(st.tuples(st.sampled_from(["", "Head", "Another heading"]), st.integers(1, 3), TEXTS), max_size=5)


def made(sections: list[tuple[str, int, str]]) -> Page:
    return page(Document("d", "Title", tuple(Section(*section) for section in sections), "text"))


def design(kind: str, unit: str, size: int, overlap: int) -> Design:
    return Design(
        chunking=kind,  # pyright: ignore[reportArgumentType]
        chunk_unit=unit,  # pyright: ignore[reportArgumentType]
        chunk_size=size,
        chunk_overlap=overlap,
        parent_size=3 * size,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=60, deadline=None)
@given(sections=SECTIONS, size=st.integers(10, 40), share=st.floats(0, 0.95))
@example(sections=[("", 0, "\u200b")], size=10, share=0.0)
def test_chunks_cover_the_page_in_order_and_fit_their_size(
    kind: str, unit: str, sections: list[tuple[str, int, str]], size: int, share: float
):
    whole = made(sections)
    cuts = chunking.cut(whole, design(kind, unit, size, int(share * size)), token_spans).cuts
    measure = ruler(whole.text, unit, token_spans)
    covered = np.zeros(len(whole.text), dtype=bool)
    for piece in cuts:
        start, end = piece.span
        covered[start:end] = True
        assert whole.text[start:end] == whole.text[start:end].strip() != ""
        assert piece.passage[0] <= start
        assert end <= piece.passage[1]
        assert kind == "page" or measure.length(start, end) <= size
        assert kind == "page" or measure.length(*piece.passage) <= 3 * size
    assert all(covered[place] or character.isspace() for place, character in enumerate(whole.text))
    spans = [piece.span for piece in cuts]
    assert spans == sorted(spans)
    assert all(before[1] <= after[1] for before, after in pairwise(spans))


@settings(max_examples=80, deadline=None)
@given(words=st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=80), size=st.integers(10, 30))
@pytest.mark.parametrize("kind", ["fixed", "windows"])
def test_windows_are_full_and_repeat_exactly_the_overlap(kind: str, words: list[str], size: int):
    overlap = size // 3
    spans = chunking.spans(made([("", 0, " ".join(words))]), design(kind, "words", size, overlap), token_spans)
    texts = [" ".join(words)[start:end].split() for start, end in spans]
    assert all(len(text) == size for text in texts[:-1])
    assert all(before[-overlap:] == after[:overlap] for before, after in pairwise(texts))


def test_fixed_cuts_inside_words_and_windows_do_not():
    text = "abcdefgh " * 10
    whole = made([("", 0, text)])
    fixed = chunking.spans(whole, design("fixed", "characters", 20, 4), token_spans)
    assert fixed[:3] == [(0, 20), (16, 35), (32, 52)]  # the second ends at a space, which is left out
    windows = chunking.spans(whole, design("windows", "characters", 20, 4), token_spans)
    assert {whole.text[a:b] for a, b in windows} == {"abcdefgh abcdefgh"}


def test_sentences_stay_whole_and_the_overlap_is_of_whole_ones():
    sentences = [f"Sentence number {number} is here." for number in range(12)]
    whole = made([("", 0, " ".join(sentences))])
    found = [whole.text[a:b] for a, b in chunking.spans(whole, design("sentences", "words", 17, 6), token_spans)]
    assert found[0] == " ".join(sentences[:3])
    assert found[1] == " ".join(sentences[2:5])
    assert all(chunk.endswith("here.") and chunk.startswith("Sentence") for chunk in found)


def test_a_sentence_longer_than_the_size_is_cut_in_windows():
    whole = made([("", 0, "Short one. " + "Word " * 25 + "end. Short two.")])
    found = [whole.text[a:b] for a, b in chunking.spans(whole, design("sentences", "words", 10, 0), token_spans)]
    assert [len(chunk.split()) for chunk in found] == [2, 10, 10, 8]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It ends. It begins! Does it? Yes.", ["It ends.", "It begins!", "Does it?", "Yes."]),
        ("See Dr. Smith, e.g. on Friday. He knows.", ["See Dr. Smith, e.g. on Friday.", "He knows."]),
        ("Version 1.2 is out. It costs 3.50 EUR.", ["Version 1.2 is out.", "It costs 3.50 EUR."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("A title\n\nA text\nover lines", ["A title", "A text\nover lines"]),
        ("Needs:\n- one\n- two\n1. three", ["Needs:", "- one", "- two", "1. three"]),
        ("これは文です。次の文です。", ["これは文です。", "次の文です。"]),
        ("Written by J. R. Tolkien. Read it.", ["Written by J. R. Tolkien.", "Read it."]),
        ("Wait... what? Eh.", ["Wait... what?", "Eh."]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, sentences: list[str]):
    assert [text[a:b] for a, b in sentence_spans(text)] == sentences


def test_children_are_windows_inside_the_parents_that_are_read():
    words = " ".join(f"w{number}" for number in range(100))
    whole = made([("", 0, words)])
    cuts = chunking.cut(
        whole, Design(chunking="parent_child", chunk_size=10, chunk_overlap=2, parent_size=30), token_spans
    )
    parents = list(dict.fromkeys(piece.passage for piece in cuts.cuts))
    assert [whole.text[a:b].split()[0] for a, b in parents] == ["w0", "w30", "w60", "w90"]
    children = [whole.text[a:b].split() for a, b in (piece.span for piece in cuts.cuts)]
    assert children[:4] == [[f"w{number}" for number in range(start, min(start + 10, 30))] for start in (0, 8, 16, 24)]
    assert [child[0] for child in children if child[0] in ("w30", "w60")] == ["w30", "w60"]


def test_semantic_cuts_stand_where_the_subject_changes():
    cats = ["The cat purrs on the sofa.", "Kittens and cats sleep all day.", "A cat eats fish and mice."] * 2
    banks = ["The bank raised interest rates.", "Loans and mortgages cost more.", "Money markets fell sharply."] * 2
    whole = made([("", 0, " ".join(cats + banks))])
    kind = Design(chunking="semantic", chunk_size=200, semantic_percentile=95)
    found = chunking.cut(whole, kind, token_spans)
    assert [whole.text[a:b] for a, b in (piece.span for piece in found.cuts)] == [" ".join(cats), " ".join(banks)]
    assert found.tokens_embedded > 0
    short = chunking.spans(whole, Design(chunking="semantic", chunk_size=12, semantic_percentile=95), token_spans)
    assert all(whole.text[a:b].endswith(".") and len(whole.text[a:b].split()) <= 12 for a, b in short)


def test_a_lower_percentile_makes_more_borders():
    gaps = np.asarray([0.1, 0.5, 0.2, 0.9, 0.3], dtype=np.float32)
    assert semantic.borders(gaps, 80) == [4]
    assert semantic.borders(gaps, 50) == [2, 4]
    assert semantic.borders(np.zeros(0, dtype=np.float32), 50) == []
    assert semantic.borders(np.zeros(4, dtype=np.float32), 50) == []  # nothing differs: nothing is a border


def test_distances_do_not_depend_on_how_many_gaps_are_embedded_at_a_time(monkeypatch: pytest.MonkeyPatch):
    text = " ".join(f"Sentence {number} speaks of {word}." for number in range(9) for word in ("fish", "stars", "law"))
    sentences = list(sentence_spans(text))
    whole, _ = semantic.distances(text, sentences)
    monkeypatch.setattr(semantic, "BATCH", 4)
    apart, _ = semantic.distances(text, sentences)
    assert np.allclose(whole, apart, atol=1e-6)
    assert len(whole) == len(sentences) - 1


@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_tokens_are_the_same_when_counted_block_by_block(text: str):
    with pytest.MonkeyPatch.context() as patch:
        whole = list(ruler(text, "tokens", token_spans).starts)
        patch.setattr("rag.chunking.ruler.BLOCK", 40)
        assert list(ruler(text, "tokens", token_spans).starts) == whole
