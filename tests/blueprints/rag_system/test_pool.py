"""The pool holds what its questions need, is small, and grows with the questions and not with the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nonet.blueprints import load
from nonet.blueprints.rag_system import documents, pool
from nonet.blueprints.rag_system.documents import Document, Section
from nonet.state import Json
from nonet.trials.space import canonical

BLUEPRINT = load("rag_system")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    pages = [Document(f"{n:04}.md", f"Page {n}", [Section("", 0, f"word{n} " * 20)], "markdown") for n in range(1000)]
    documents.write(pages, folder)
    return folder


def ranked(*first: int) -> Json:
    """An output whose first pages are these, then others in order."""
    rest = [n for n in range(1000) if n not in first]
    docs: list[Json] = [f"{n:04}.md" for n in (*first, *rest)]
    return {"docs": docs[:100]}


def labels(*answers: int) -> list[Json]:
    return [{"relevant": {f"{n:04}.md": 1.0}, "quote": None} for n in answers]


def made(corpus: Path, out: Path, outputs: Any, answers: Any, most: float) -> tuple[float | None, set[str]]:
    out.mkdir()
    found = BLUEPRINT.pool(corpus, outputs, labels(*answers), [len(answers)], most, out)
    return (found[1], {page.id for page in documents.read(out)}) if found else (None, set())


def test_it_holds_the_answers_and_what_the_scouts_ranked_first(corpus: Path, tmp_path: Path):
    outputs = [[ranked(500), ranked(600)], [ranked(700, 701), ranked(500)]]
    share, pages = made(corpus, tmp_path / "pool", outputs, (999, 998), 0.25)
    assert {"0999.md", "0998.md", "0500.md", "0600.md", "0700.md", "0701.md", "0028.md"} <= pages
    assert share == pytest.approx(len(pages) / 1000, abs=0.01)
    assert len(pages) <= 34 + 50, "thirty deep, and a twentieth by hash"


def test_it_is_no_deeper_than_its_size_allows(corpus: Path, tmp_path: Path):
    outputs = [[ranked(*range(n, n + 30)) for n in range(0, 900, 30)], [ranked()] * 30]
    _, deep = made(corpus, tmp_path / "deep", outputs, range(0, 900, 30), 1.0)
    share, small = made(corpus, tmp_path / "small", outputs, range(0, 900, 30), 0.25)
    assert share is not None
    assert share <= 0.25
    assert small < deep
    none, _ = made(corpus, tmp_path / "none", outputs, range(0, 900, 30), 0.1)
    assert none is None


def test_it_serves_the_most_questions_that_keep_it_small(corpus: Path, tmp_path: Path):
    outputs = [[ranked(*range(n, n + 30)) for n in range(0, 900, 30)], [ranked()] * 30]
    alone, pages = made(corpus, tmp_path / "few", [scout[:5] for scout in outputs], range(0, 150, 30), 0.1)
    (tmp_path / "pool").mkdir()
    found = BLUEPRINT.pool(corpus, outputs, labels(*range(0, 900, 30)), [30, 5], 0.1, tmp_path / "pool")
    assert found == (5, alone)
    assert {page.id for page in documents.read(tmp_path / "pool")} == pages


def test_the_scouts_are_designs_that_need_no_model_of_language():
    for scout in pool.SCOUTS:
        design = canonical(BLUEPRINT.Design, scout)
        assert design["embedding"] in ("none", "wordllama")
        assert design["chunking"] == "page"


def test_refinements_change_packing_alone_and_are_all_different(tmp_path: Path):
    second = BLUEPRINT.second
    base = canonical(BLUEPRINT.Design, {"chunking": "windows", "retrieval": "dense"})
    inputs = BLUEPRINT.Inputs(corpus="docs", compression_folder=str(tmp_path))
    found = [canonical(BLUEPRINT.Design, each) for each in BLUEPRINT.refinements(base, inputs)]
    assert len({str(each) for each in found}) == len(found)
    for each in found:
        assert {name for name in each if each[name] != base[name]} <= set(second.fields)
    assert {each["compression"] for each in found} == {"none", "extractive", "llmlingua"}
    without = BLUEPRINT.refinements(base, BLUEPRINT.Inputs(corpus="docs"))
    assert {each["compression"] for each in without} == {"none", "extractive"}
