"""The demonstration's documents: real, bounded, the same each time, and enough to ask about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nonet.blueprints import load
from nonet.blueprints.rag_system import demo, made
from nonet.blueprints.rag_system.documents import Document, Section


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    goal, inputs, budget = load("rag_system").demo(folder)
    assert (goal, budget) == (demo.GOAL, "90s")
    return Path(str(inputs["corpus"]))


def _pages(corpus: Path) -> list[Document]:
    pages: list[Document] = []
    for path in sorted(corpus.rglob("*.md")):
        parts = re.split(r"^#+ (.*)$", path.read_text(), flags=re.M)
        sections = [Section(parts[place], 2, parts[place + 1]) for place in range(1, len(parts), 2)]
        pages.append(
            Document(path.relative_to(corpus).as_posix(), parts[1] if len(parts) > 1 else "", sections, "markdown")
        )
    return pages


def test_it_is_bounded_and_spread_over_libraries(corpus: Path):
    files = [path for path in corpus.rglob("*") if path.is_file()]
    passages = sum(-(-len(path.read_text().split()) // 120) for path in files)
    assert 300 <= passages <= 1500
    assert len({path.parent.name for path in files}) >= 20
    assert "nonet" not in {path.parent.name for path in files}
    blueprint = load("rag_system")
    listed = blueprint.sources(blueprint.Inputs(corpus=str(corpus)), [corpus.parent.parent])
    assert (len(listed.files), listed.skipped) == (len(files), [])


def test_it_gives_at_least_a_hundred_questions(corpus: Path):
    units, _ = made.units(_pages(corpus))
    assert len(units.units) >= 100
    assert sum(unit.key.startswith("heading") for unit in units.units) >= 100


def test_it_is_the_same_each_time(corpus: Path, tmp_path: Path):
    demo.write(tmp_path)
    again = {
        path.relative_to(tmp_path / "documentation"): path.read_bytes()
        for path in tmp_path.rglob("*.*")
        if path.is_file()
    }
    first = {path.relative_to(corpus): path.read_bytes() for path in corpus.rglob("*.*") if path.is_file()}
    assert again == first
