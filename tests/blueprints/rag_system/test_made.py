"""Made questions: which are asked of which pages, their quoted answers, and how they join given ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from made_pages import FILLER, corpus, holds, page

from nonet.blueprints import load
from nonet.blueprints.rag_system import made
from nonet.blueprints.rag_system.documents import Document, Section, read, write
from nonet.blueprints.rag_system.made import docstrings, headings, links, sentences
from nonet.blueprints.rag_system.made.choice import chosen
from nonet.blueprints.rag_system.made.question import Kind, Made
from nonet.blueprints.rag_system.phrases import phrase
from nonet.errors import InputError
from nonet.trials.contract import Unit, UnitSet


def _asked(found: list[Made]) -> dict[str, tuple[str, ...]]:
    return {question.text: question.pages for question in found}


def _label(unit: Unit) -> Any:
    return unit.label


def _prose(name: str, *texts: str, title: str = "") -> Document:
    return Document(name, title or name, [Section("", 0, text) for text in (*texts, FILLER)], "markdown")


# ---- kinds ----------------------------------------------------------------------------------------------------------


def test_headings_are_asked_of_their_pages():
    pages = [
        page("a.md", "How to rotate the keys", "Overview"),
        page("b.md", "Limits of the [online store](x.md)", "Shared heading of pages"),
        page("c.md", "Shared heading of pages", "`module.function.name` and `other_name`"),
        *(page(f"many{number}.md", "Heading on many pages") for number in range(4)),
        Document("stub.md", "stub", [Section("A stub without any text", 1, "none")], "markdown"),
    ]
    assert _asked(headings.find(pages)) == {
        "How to rotate the keys": ("a.md",),
        "Limits of the online store": ("b.md",),
        "Shared heading of pages": ("b.md", "c.md"),
    }


def test_docstrings_are_asked_by_their_summary():
    documented = "Return the mean of the values.\n\n" + FILLER
    code = Document("m.py", "m.py", [Section("m.mean", 2, documented), Section("m.f", 2, "Do this now.")], "code")
    assert _asked(docstrings.find([code])) == {"Return the mean of the values": ("m.py",)}
    assert headings.find([code]) == []


def test_one_sentence_of_four_is_asked_of_the_one_page_it_stands_on():
    own = [f"The {name} store keeps all of its rows in memory." for name in "abcdefghij"]
    shared = [f"Every {name} store must be opened before it is read." for name in "abcdefghij"]
    code = "```\nThe code of this block is never asked for anything.\n```"
    pages = [_prose("a.md", *own, *shared, code), _prose("b.md", *shared), Document("c.md", "c", [], "markdown")]
    found = _asked(sentences.find(pages))
    assert set(found) <= set(own)
    assert len(found) in (2, 3)
    assert set(found.values()) == {("a.md",)}


def test_sentences_of_texts_without_capitals_are_found_too():
    text = " ".join(f"the flow over plate {name} is laminar at low speed ." for name in "abcd")
    assert len(sentences.find([Document("a.txt", "a", [Section("", 0, f"{text} {FILLER.lower()}")], "text")])) == 1


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("[the guide to backups](backup.md)", "docs/backup.md"),
        ("[the guide to backups](./backup.md#daily 'a title')", "docs/backup.md"),
        ("[the **guide** to `backups`](<../docs/backup.md>)", "docs/backup.md"),
        ("[the guide to backups](/docs/backup.md?v=1)", "docs/backup.md"),
        ("[the guide to backups](backup.html)", "docs/backup.md"),
        ("[the guide to backups](backup)", "docs/backup.md"),
        ("[the guide to backups](more/)", "docs/more/README.md"),
        ("[the guide to backups](my%20notes.rst)", "docs/my notes.rst"),
        ("[the guide to backups][b]\n\n[b]: backup.md", "docs/backup.md"),
        ("[the guide to backups][]\n\n[the guide to backups]: backup.md", "docs/backup.md"),
        ('<a class="x" href="backup.html">the guide to\nbackups</a>', "docs/backup.md"),
        ("`the guide to backups <backup.rst>`_", "docs/backup.md"),
        (":doc:`the guide to backups <backup>`", "docs/backup.md"),
        ("![the guide to backups](backup.md)", None),
        ("[the guide to backups](https://example.org/backup.md)", None),
        ("[the guide to backups](#daily)", None),
        ("[the guide to backups](here.md)", None),
        ("[the guide to backups](../../backup.md)", None),
        ("[the guide to backups](twice)", None),
        ("[the guide to backups](http://[)", None),
        ("[backups](backup.md)", None),
    ],
)
def test_links_are_asked_of_the_page_they_point_to(link: str, target: str | None):
    names = ("backup.md", "more/README.md", "my notes.rst", "twice.md", "twice.rst")
    pages = [_prose("docs/here.md", f"See {link}"), *(_prose(f"docs/{name}", "Text.") for name in names)]
    found = _asked(links.find(pages))
    assert found == ({"the guide to backups": (target,)} if target else {})


# ---- choice ---------------------------------------------------------------------------------------------------------


def _questions(kind: Kind, count: int) -> list[Made]:
    return [Made(f"{kind} {n}", (kind, str(n)), (f"{n}",), kind) for n in range(count)]


def test_kinds_are_asked_by_their_shares():
    found: dict[Kind, list[Made]] = {kind: _questions(kind, 500) for kind in made.SHARES}
    counts = Counter(question.kind for question in chosen(found, made.MOST))
    whole = sum(made.SHARES.values())
    assert {kind: counts[kind] for kind in found} == {
        kind: pytest.approx(made.MOST * share / whole, abs=1) for kind, share in made.SHARES.items()
    }


def test_a_kind_that_runs_out_is_made_up_by_the_others():
    found: dict[Kind, list[Made]] = {"heading": _questions("heading", 7), "sentence": _questions("sentence", 500)}
    counts = Counter(question.kind for question in chosen(found, 100))
    assert counts == {"heading": 7, "sentence": 93}


@pytest.mark.parametrize(("others", "asked"), [(30, made.ENOUGH - 30), (made.ENOUGH + 20, 0)])
def test_links_fill_up_only_where_the_others_are_too_few(others: int, asked: int):
    found: dict[Kind, list[Made]] = {"link": _questions("link", 500), "sentence": _questions("sentence", others)}
    assert Counter(question.kind for question in chosen(found, made.MOST))["link"] == asked


def test_units_are_deterministic_spread_and_capped():
    first, _ = made.units(corpus(200))
    second, _ = made.units(list(reversed(corpus(200))))
    assert [unit.key for unit in first.units] == [unit.key for unit in second.units]
    assert len(first.units) == made.MOST
    labels = [unit.label for unit in first.units[:200]]
    assert len({str(_label(unit)["relevant"]) for unit in first.units[:200]}) == len(labels) == 200
    assert first.hidden
    assert first.seal
    assert {unit.kind for unit in first.units} == {"made"}
    assert len({unit.key for unit in first.units}) == len(first.units)
    assert any("proxy" in note and "cannot tell" in note for note in first.notes)


def test_timing_units_are_distinct_unlabelled_and_enough_for_p99():
    asked, _ = made.units(corpus(20, headings=2))
    names = [f"{a}{b}{c}" for a in "bcdfghkl" for b in "aeiou" for c in "mnprstvw"]
    text = " ".join(f"The {name} of this long list is kept by its own store." for name in names)
    pages = [*corpus(20, headings=2), Document("t", "t", [Section("", 0, text)], "text")]
    timing = made.timing(pages, asked.units)
    contents = {unit.content for unit in (*asked.units, *timing)}
    assert len(contents) == len(asked.units) + len(timing) >= 299
    assert all(unit.label is None for unit in timing)


def test_refuses_a_corpus_of_which_nothing_can_be_asked():
    with pytest.raises(InputError, match=r"No questions can be made.*--questions FILE"):
        made.units([Document("a", "a", [Section("", 0, "few words")], "text")])


# ---- quoted answers -------------------------------------------------------------------------------------------------


def _quotes(*pages: Document) -> dict[str, str | None]:
    units, copy = made.units(pages)
    texts = {page.id: " ".join(page.text.split()) for page in copy}
    for unit in units.units:
        quote, (first, *_) = _label(unit)["quote"], _label(unit)["relevant"]
        assert quote is None or quote in texts[first], "a quote stands in the measuring copy word for word"
        assert quote is None or [page for page, text in texts.items() if quote in text] == [first]
    return {str(unit.features["text"]): _label(unit)["quote"] for unit in units.units}


def test_a_heading_is_answered_by_the_first_telling_sentence_under_it():
    answer = "Call the function at night."
    quotes = _quotes(page("a.md", "How to rotate the private keys", text=f"Note.\n\n{answer} Then wait."))
    assert quotes["How to rotate the private keys"] == answer


def test_boilerplate_and_names_of_several_pages_answer_nothing():
    common = "This page is kept up to date by its readers."
    pages = [
        page(f"{n}.md", f"How to rotate {n} keys", "Shared heading of pages", text=common) for n in ("good", "bad")
    ]
    quotes = _quotes(*pages)
    asked = {"How to rotate good keys", "How to rotate bad keys", "Shared heading of pages"} & quotes.keys()
    assert len(asked) >= 2
    assert {quotes[text] for text in asked} == {None}


def test_a_docstring_is_answered_by_the_beginning_of_its_rest():
    rest = "The sum is kept in double precision " + "and never in single precision " * 10 + "at all."
    text = f"Return the mean of the values.\n\n{rest}"
    code = Document("m.py", "m.py", [Section("m.mean", 2, text), Section("m.text", 2, FILLER)], "code")
    quote = _quotes(code)["Return the mean of the values"]
    assert quote
    assert rest.startswith(quote)
    assert len(quote.split()) == 25


def test_a_sentence_is_answered_by_its_neighbour():
    asked = [
        f"The {name} store keeps all of its rows in memory until noon." for name in ("red", "blue", "green", "grey")
    ]
    before, after = "Every {} store must be opened first.", "At noon it writes them out."
    texts = [" ".join((before.format(n), text, after)) for n, text in enumerate(asked)]
    quotes = _quotes(_prose("a.md", *texts), _prose("b.md", after))
    known = {text: n for n, text in enumerate(asked) if text in quotes}
    assert known
    assert all(quotes[text] == before.format(n) for text, n in known.items()), "a neighbour that stands there alone"


# ---- beside given questions -----------------------------------------------------------------------------------------


def _given(count: int, *pages: str) -> list[Unit]:
    label: Any = {"relevant": dict.fromkeys(pages, 1.0), "quote": None}
    return [Unit(f"q{n}", {"text": f"Given question {n}?"}, label, f"given question {n}?") for n in range(count)]


def test_few_given_questions_choose_beside_made_ones_and_nothing_is_sealed():
    units, copy = made.beside(_given(3, "p1.md", "p2.md"), corpus(40))
    kinds = Counter(unit.kind for unit in units.units)
    assert kinds == {"given": 3, "made": made.BESIDE}
    assert (units.seal, units.hidden) == (False, True)
    asked = [unit for unit in units.units if unit.kind == "made"]
    assert not any(holds(page, phrase(unit.content)) for page in copy for unit in asked)
    assert any(
        "3 questions are too few to seal any" in note and "Each question counts once" in note for note in units.notes
    )


def test_pages_that_given_questions_ask_for_stay_as_they_are():
    """Also where another page's heading stands in their text."""
    pages = corpus(40)
    heading = pages[7].sections[0].heading
    mentions = Document("p0.md", "p0", [Section("Own heading of it", 1, f"See {heading}. {FILLER}")], "markdown")
    units, copy = made.beside(_given(3, "p0.md"), [mentions, *pages[1:]])
    assert copy[0] == mentions
    texts = {str(unit.features["text"]) for unit in units.units}
    assert heading not in texts
    assert not any("p0.md" in _label(unit)["relevant"] for unit in units.units if unit.kind == "made")


def test_made_questions_equal_to_given_ones_are_dropped_and_counted():
    pages = corpus(40)
    same = Unit("q", {"text": f"{pages[3].sections[0].heading}?"}, {"relevant": {"p9.md": 1.0}, "quote": None}, "x")
    units, copy = made.beside([same], pages)
    assert [
        unit.key for unit in units.units if phrase(str(unit.features["text"])) == phrase(str(same.features["text"]))
    ] == ["q"]
    assert any(note.startswith("1 made questions were dropped") for note in units.notes)
    assert copy[3].sections[0].heading == pages[3].sections[0].heading


def test_where_given_questions_ask_for_every_page_they_choose_alone():
    pages = corpus(5)
    units, copy = made.beside(_given(2, *(page.id for page in pages)), pages)
    assert [unit.key for unit in units.units] == ["q0", "q1"]
    assert (units.hidden, copy) == (False, pages)
    assert any("they alone choose" in note for note in units.notes)


# ---- the blueprint --------------------------------------------------------------------------------------------------


def test_the_blueprint_writes_the_measuring_copy(tmp_path: Path):
    blueprint = load("rag_system")
    write(corpus(30), tmp_path / "parsed")
    units = blueprint.units(blueprint.Inputs(corpus="x"), tmp_path / "parsed", tmp_path / "measuring")
    copy = read(tmp_path / "measuring")
    assert [page.id for page in copy] == [page.id for page in corpus(30)]
    assert not any(holds(page, phrase(unit.content)) for page in copy for unit in units.units)
    assert read(tmp_path / "parsed") == corpus(30)


def test_documents_keep_their_metadata_and_printed_pages(tmp_path: Path):
    kept = Document("a.pdf", "A", [Section("", 0, "One two.", ((0, 1), (4, 2)))], "pdf", {"author": "B", "year": 2.0})
    plain = Document("b.md", "B", [Section("B", 1, "Text.")], "markdown")
    write([kept, plain], tmp_path)
    assert read(tmp_path) == [kept, plain]


def test_samples_and_fingerprints(tmp_path: Path):
    blueprint = load("rag_system")
    write(corpus(40), tmp_path / "data")
    for share in (0.25, 0.5):
        blueprint.sample(tmp_path / "data", share, tmp_path / f"{share}")
    small, large = ({page.id for page in read(tmp_path / f"{share}")} for share in (0.25, 0.5))
    assert (len(small), len(large)) == (10, 20)
    assert small < large
    units, _ = made.units(corpus(40))
    print_ = blueprint.fingerprint(tmp_path / "data", units)
    assert (print_["documents"], print_["units"], print_["labels"]) == (40, 120, "made")
    assert "Configure" not in str(print_)
    both: UnitSet = made.beside(_given(3, "p1.md"), corpus(40))[0]
    assert blueprint.fingerprint(tmp_path / "data", both)["labels"] == "given+made"
