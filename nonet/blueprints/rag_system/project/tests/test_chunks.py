"""The chunks of an index: what is indexed, what is read, what is known of each document."""

from pathlib import Path

import pytest

from rag.chunks import Chunk, Chunks, build, prefixed
from rag.design import Design
from rag.documents import folder, model
from rag.errors import CorpusError


def built(source: Path, out: Path, design: Design) -> Chunks:
    out.mkdir()
    build((item for item in folder.read(source) if isinstance(item, model.Document)), design, out)
    return Chunks(out)


@pytest.mark.parametrize("kind", ["page", "windows", "sentences", "headings", "semantic"])
def test_a_chunk_is_its_own_passage(tmp_path: Path, corpus: Path, kind: str):
    chunks = built(corpus, tmp_path / "chunks", Design(chunking=kind, chunk_size=10))  # pyright: ignore[reportArgumentType]
    assert [chunks.passage(place) for place in range(len(chunks))] == [chunks[place] for place in range(len(chunks))]


def test_the_passage_of_a_child_is_the_parent_around_it_under_the_childs_number(tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.md").write_text("# A\n\n" + " ".join(f"w{number}" for number in range(60)))
    (source / "b.md").write_text("# B\n\nfew words\n")
    chunks = built(source, tmp_path / "out", Design(chunking="parent_child", chunk_size=10, parent_size=25))
    for place in range(len(chunks)):
        child, parent = chunks[place], chunks.passage(place)
        assert (parent.doc, parent.number) == (child.doc, child.number)
        assert child.text in parent.text
        assert parent.span[0] <= child.span[0] < child.span[1] <= parent.span[1]
    assert len({chunks.passage(place).span for place in range(len(chunks)) if chunks[place].doc == "a.md"}) == 3
    assert chunks.passage(len(chunks) - 1).text == "B\nfew words"


def test_metadata_stands_beside_each_document_with_its_kind(tmp_path: Path, corpus: Path):
    (corpus / "guide" / "dated.md").write_text("---\ndate: 1970-01-02\naudience: admins\n---\n# Dated\n\ntext\n")
    (corpus / "empty.md").write_text("")
    chunks = built(corpus, tmp_path / "chunks", Design())
    known = dict(zip(chunks.docs, chunks.metadata, strict=True))
    assert known["guide/dated.md"] == {
        "date": "1970-01-02",
        "audience": "admins",
        "modified": 86_400.0,
        "path": "guide/dated.md",
        "folder": "guide",
        "suffix": ".md",
        "kind": "markdown",
    }
    assert known["api.py"]["kind"] == "code"


def test_semantic_chunks_name_what_their_embedding_took(tmp_path: Path, corpus: Path):
    documents = [item for item in folder.read(corpus) if isinstance(item, model.Document)]
    counted = build(documents, Design(chunking="semantic", chunk_size=20), tmp_path)
    assert counted["tokens_embedded"] > 0
    assert counted["operations"] > counted["tokens_embedded"]
    assert "operations" not in build(documents, Design(chunking="windows"), tmp_path)


@pytest.mark.parametrize(
    ("title", "headings", "text", "indexed"),
    [
        ("Guide", ("Guide", "Setup"), "Setup\nDo it.", "Guide\nSetup\nDo it."),
        ("Guide", ("Guide", "Setup"), "Do it.", "Guide > Setup\nDo it."),
        ("Guide", ("Guide",), "Guide\nDo it.", "Guide\nDo it."),
        ("A", ("A", "Abstract"), "Abstract\nWords.", "A\nAbstract\nWords."),
        ("Setup", ("Part",), "Setup of it", "Setup > Part\nSetup of it"),
    ],
)
def test_title_and_headings_stand_once_before_the_text(title: str, headings: tuple[str, ...], text: str, indexed: str):
    assert prefixed(Chunk("d", 0, title, headings, (0, 1), text)) == indexed


def test_a_corpus_without_text_is_refused(tmp_path: Path):
    with pytest.raises(CorpusError, match="nothing can be indexed"):
        build([], Design(), tmp_path)
