"""Made questions: which are asked, and that nothing of them is left in the measuring copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints import load
from nonet.blueprints.rag_system import made
from nonet.blueprints.rag_system.documents import Document, Section, read, write
from nonet.blueprints.rag_system.hiding import Hider, phrase
from nonet.errors import InputError

FILLER = " ".join(f"word{number} stands among other words here" for number in range(8))


def _page(name: str, *headings: str, text: str = "", kind: str = "markdown", title: str = "") -> Document:
    sections = [Section(heading, 2, f"{text}\n{FILLER}") for heading in headings]
    return Document(name, title or name, sections, kind)


def _holds(document: Document, words: tuple[str, ...]) -> bool:
    found = phrase("\n\n".join((document.title, document.text)))
    return any(found[place : place + len(words)] == words for place in range(len(found)))


WORDS = st.sampled_from(["alpha", "Beta", "gamma", "DELTA", "mu"])
GAPS = st.sampled_from([" ", "  ", "\n", "**", "_", "-", ". ", "](x.md) ", "<b>"])
TEXT = st.lists(st.tuples(WORDS, GAPS), max_size=30).map(lambda pairs: "".join(word + gap for word, gap in pairs))
PHRASES = st.lists(st.lists(WORDS.map(str.casefold), min_size=2, max_size=4).map(tuple), min_size=1, max_size=4)


@given(PHRASES, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3))
def test_no_phrase_is_left_anywhere(phrases: list[tuple[str, ...]], title: str, parts: list[tuple[str, str]]):
    document = Document("d", title, [Section(heading, 1, text) for heading, text in parts], "markdown")
    hidden = Hider(phrases).document(document)
    assert not any(_holds(hidden, words) for words in phrases)
    assert (hidden.id, len(hidden.sections)) == (document.id, len(document.sections))


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


def test_headings_are_asked_of_their_pages():
    pages = [
        _page("a.md", "How to rotate the keys", "Overview"),
        _page("b.md", "Limits of the [online store](x.md)", "Shared heading of pages"),
        _page("c.md", "Shared heading of pages", "`module.function.name` and `other_name`"),
        *(_page(f"many{number}.md", "Heading on many pages") for number in range(4)),
        Document("stub.md", "stub", [Section("A stub without any text", 1, "none")], "markdown"),
    ]
    found = {question.text: question.pages for question in made.headings(pages)}
    assert found == {
        "How to rotate the keys": ("a.md",),
        "Limits of the online store": ("b.md",),
        "Shared heading of pages": ("b.md", "c.md"),
    }


def test_docstrings_are_asked_by_their_summary():
    documented = "Return the mean of the values.\n\n" + FILLER
    page = _page("m.py", kind="code")
    code = Document("m.py", "m.py", [Section("m.mean", 2, documented), Section("m.f", 2, "Do this now.")], "code")
    assert page.kind == "code"
    found = made.headings([code])
    assert [(question.text, question.kind, question.pages) for question in found] == [
        ("Return the mean of the values", "docstring", ("m.py",))
    ]


def _corpus(pages: int, headings: int = 3) -> list[Document]:
    def heading(page: int, number: int) -> str:
        return f"Configure option {'abcdefghij'[number]}{'klmnopqrst'[page % 10]}ing of module {page}"

    return [_page(f"p{page}.md", *(heading(page, number) for number in range(headings))) for page in range(pages)]


def test_units_are_deterministic_spread_and_capped():
    first, _ = made.units(_corpus(200))
    second, _ = made.units(list(reversed(_corpus(200))))
    assert [unit.key for unit in first.units] == [unit.key for unit in second.units]
    assert len(first.units) == made.MOST
    labels = [unit.label for unit in first.units[:200]]
    assert len({str(label) for label in labels}) == 200, "every page is asked once before one is asked twice"
    assert first.hidden
    assert {unit.kind for unit in first.units} == {"made"}
    assert len({unit.key for unit in first.units}) == len(first.units)
    assert any("proxy" in note and "cannot tell" in note for note in first.notes)


def test_sentences_fill_up_when_headings_are_few():
    text = " ".join(
        f"The {name} store keeps all of its rows in the memory of {name}." for name in ("red", "blue", "green")
    )
    pages = [
        Document(f"{n}.txt", f"{n}.txt", [Section("", 0, text.replace("store", f"s{n}"))], "text") for n in range(60)
    ]
    units, copy = made.units([*pages, *_corpus(5, headings=1)])
    kinds = [unit.key.split("-")[0] for unit in units.units]
    assert kinds == ["heading"] * 5 + ["sentence"] * 95
    assert not any(_holds(page, phrase(unit.content)) for page in copy for unit in units.units)
    assert any("order designs less well" in note for note in units.notes)


def test_timing_units_are_distinct_unlabelled_and_enough_for_p99():
    asked, _ = made.units(_corpus(20, headings=2))
    names = [f"{a}{b}{c}" for a in "bcdfghkl" for b in "aeiou" for c in "mnprstvw"]
    text = " ".join(f"The {name} of this long list is kept by its own store." for name in names)
    pages = [*_corpus(20, headings=2), Document("t", "t", [Section("", 0, text)], "text")]
    timing = made.timing(pages, asked.units)
    contents = {unit.content for unit in (*asked.units, *timing)}
    assert len(contents) == len(asked.units) + len(timing) >= 299
    assert all(unit.label is None for unit in timing)


def test_refuses_a_corpus_of_which_nothing_can_be_asked():
    with pytest.raises(InputError, match=r"No questions can be made.*--questions FILE"):
        made.units([Document("a", "a", [Section("", 0, "few words")], "text")])


def test_the_blueprint_writes_the_measuring_copy(tmp_path: Path):
    blueprint = load("rag_system")
    write(_corpus(30), tmp_path / "parsed")
    units = blueprint.units(blueprint.Inputs(corpus="x"), tmp_path / "parsed", tmp_path / "measuring")
    copy = read(tmp_path / "measuring")
    assert [page.id for page in copy] == [page.id for page in _corpus(30)]
    assert not any(_holds(page, phrase(unit.content)) for page in copy for unit in units.units)
    assert read(tmp_path / "parsed") == _corpus(30)


def test_samples_and_fingerprints(tmp_path: Path):
    blueprint = load("rag_system")
    write(_corpus(40), tmp_path / "data")
    for share in (0.25, 0.5):
        blueprint.sample(tmp_path / "data", share, tmp_path / f"{share}")
    small, large = ({page.id for page in read(tmp_path / f"{share}")} for share in (0.25, 0.5))
    assert (len(small), len(large)) == (10, 20)
    assert small < large
    units, _ = made.units(_corpus(40))
    print_ = blueprint.fingerprint(tmp_path / "data", units)
    assert (print_["documents"], print_["units"], print_["labels"]) == (40, 120, "made")
    assert "Configure" not in str(print_)
