"""Hiding: nothing of a made question is left in the measuring copy, and nothing else is touched."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from made_pages import holds

from nonet.blueprints.rag_system.documents import Document, Section
from nonet.blueprints.rag_system.hiding import Hider
from nonet.blueprints.rag_system.phrases import Phrases, phrase

WORDS = st.sampled_from(["alpha", "Beta", "gamma", "DELTA", "mu"])
GAPS = st.sampled_from([" ", "  ", "\n", "**", "_", "-", ". ", "](x.md) ", "<b>"])
TEXT = st.lists(st.tuples(WORDS, GAPS), max_size=30).map(lambda pairs: "".join(word + gap for word, gap in pairs))
PHRASES = st.lists(st.lists(WORDS.map(str.casefold), min_size=2, max_size=4).map(tuple), min_size=1, max_size=4)


@given(PHRASES, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3))
def test_no_phrase_is_left_anywhere(phrases: list[tuple[str, ...]], title: str, parts: list[tuple[str, str]]):
    document = Document("d", title, [Section(heading, 1, text) for heading, text in parts], "markdown")
    hidden = Hider(phrases).document(document)
    assert not any(holds(hidden, words) for words in phrases)
    assert (hidden.id, len(hidden.sections)) == (document.id, len(document.sections))


@given(PHRASES, TEXT, TEXT)
@example([("alpha", "alpha")], "alpha](x.md) ", "alpha ")
def test_a_page_changes_where_a_phrase_is_found_in_it_and_nowhere_else(
    phrases: list[tuple[str, ...]], title: str, text: str
):
    document = Document("d", title, [Section("", 0, text)], "markdown")
    found = Phrases(phrases).found(f"{title}\n\n{document.text}")
    assert (Hider(phrases).document(document) != document) == bool(found)
    assert {words for words in phrases if holds(document, words)} <= found <= set(phrases)


@given(TEXT)
def test_hiding_leaves_other_text_untouched(text: str):
    document = Document("d", text, [Section(text, 1, text)], "markdown")
    assert Hider([("not", "there")]).document(document) == document


def test_words_are_hidden_through_links_case_and_white_space():
    hider = Hider([phrase("Serving features online")])
    text = "See *Serving*\n [features](serving/features.md) **online**, not serving features on lines."
    assert not {"serving", "online"} & {word.casefold() for word in hider.hide(text).split(",")[0].split()}
    assert "not serving features on lines" in hider.hide(text)
    assert hider.hide("[x](docs/serving-features-online.md)") == "[x](docs/.md)"


@given(st.lists(st.tuples(st.lists(WORDS, max_size=4), st.integers(1, 9)), min_size=1, max_size=5), PHRASES)
def test_printed_pages_begin_at_the_same_words_as_before(
    printed: list[tuple[list[str], int]], phrases: list[tuple[str, ...]]
):
    """A mark of its own stands at each page's beginning, so that what follows can be recognised."""
    text, marks = "", list[tuple[int, int]]()
    for place, (words, number) in enumerate(printed):
        marks.append((len(text), number))
        text += f"mark{place} {' '.join(words)} "
    document = Document("d.pdf", "d", [Section("", 0, text, marks)], "pdf", {"author": "alpha beta"})
    hidden = Hider(phrases).document(document)
    (section,) = hidden.sections
    assert [number for _, number in section.pages] == [number for _, number in marks]
    assert all(section.text[at:].startswith(f"mark{place} ") for place, (at, _) in enumerate(section.pages))
    assert hidden.metadata == document.metadata
