"""Time and memory that grow as the text does: four times the text takes about four times as long, not sixteen."""

import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.chunks import build
from rag.design import Design
from rag.documents import beir, markdown, model, notebook
from rag.documents.model import Document, Section

pytestmark = pytest.mark.slow

MOST = 9
"""Times as long that four times the text may take: linear is 4, quadratic 16, and machines are noisy."""
PARAGRAPH = "The connection pool holds ten clients. Each of them waits (at most) for a second.\nThen it gives up!\n\n"
LINE = "one line of many words without any stop or break " * 2


def seconds(work: Callable[[], object]) -> float:
    """Return the least processor time of three, which other work on the machine does not add to."""
    taken: list[float] = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def grows_as_the_text(work: Callable[[int], object], size: int) -> bool:
    work(size // 10)  # what is loaded once
    return seconds(lambda: work(4 * size)) <= MOST * seconds(lambda: work(size))


def plain(text: str) -> Document:
    return Document("a", "A", (Section("", 0, text),), "text")


@pytest.mark.parametrize("kind", ["fixed", "windows", "sentences", "recursive", "headings", "parent_child", "semantic"])
@pytest.mark.parametrize("text", [PARAGRAPH, LINE, "x" * 100], ids=["prose", "line", "unbroken"])
def test_cutting(tmp_path: Path, kind: str, text: str):
    design = Design(chunking=kind, chunk_size=60, chunk_overlap=10, parent_size=240)  # pyright: ignore[reportArgumentType]
    size = 60_000 if kind == "semantic" else 120_000
    assert grows_as_the_text(lambda size: build([plain(text * (size // len(text)))], design, tmp_path), size)


@pytest.mark.parametrize("unit", ["tokens", "characters"])
def test_measuring(tmp_path: Path, unit: str):
    design = Design(chunking="windows", chunk_unit=unit, chunk_size=60)  # pyright: ignore[reportArgumentType]
    text = PARAGRAPH
    assert grows_as_the_text(lambda size: build([plain(text * (size // len(text)))], design, tmp_path), 80_000)


def sections(count: int) -> str:
    return "".join(f"{'#' * (1 + number % 4)} Part {number}\n\n{PARAGRAPH}" for number in range(count))


def test_markdown_with_many_headings(tmp_path: Path):
    design = Design(chunking="headings", chunk_size=60)
    assert grows_as_the_text(lambda count: build([markdown.parse("a.md", sections(count))], design, tmp_path), 400)


def test_notebooks_of_many_cells_without_a_heading():
    def cells(count: int) -> str:
        return json.dumps({"cells": [{"cell_type": "code", "source": PARAGRAPH * 3} for _ in range(count)]})

    assert grows_as_the_text(lambda count: notebook.parse("a.ipynb", cells(count)), 2_000)


def test_a_long_text_is_cut_in_a_few_times_its_size(tmp_path: Path):
    document = plain(PARAGRAPH * 4_000)  # 400 KB
    path = tmp_path / "documents.jsonl"
    model.write([document], path)
    length = len(document.sections[0].text)
    for kind, unit in (("recursive", "words"), ("sentences", "characters"), ("parent_child", "words")):
        design = Design(chunking=kind, chunk_unit=unit, chunk_size=200, parent_size=800)  # pyright: ignore[reportArgumentType]
        tracemalloc.start()
        build(model.read(path), design, tmp_path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 8 * length, (kind, unit)


def test_a_collection_is_read_without_holding_its_texts(tmp_path: Path):
    path = tmp_path / "corpus.jsonl"
    with path.open("w") as lines:
        for number in range(2_000, 0, -1):
            lines.write(json.dumps({"_id": f"d{number:05}", "text": PARAGRAPH * 20}) + "\n")
    tracemalloc.start()
    names = [record.id for record in beir.read(path) if isinstance(record, Document)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert names == sorted(names)
    assert len(names) == 2_000
    assert most < path.stat().st_size / 4
