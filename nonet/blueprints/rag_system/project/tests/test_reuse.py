"""What was embedded before is not embedded again, and nobody can tell from the index."""

from pathlib import Path

import onnx_models
import pytest

from rag import reuse, stages
from rag.design import Design
from rag.documents import model

pytestmark = pytest.mark.slow

PAGES = {"a": "Stop the database first.", "b": "Coffee is free.", "c": "Passwords expire.", "d": "Refunds take days."}


def corpus(place: Path, pages: dict[str, str]) -> Path:
    place.mkdir(exist_ok=True)
    documents = (
        model.Document(name, "", (model.Section("", 0, text),), "text") for name, text in sorted(pages.items())
    )
    model.write(documents, place / model.FILE)
    return place


def build(design: Design, data: Path, out: Path, before: Path | None = None) -> dict[str, float]:
    """Build every stage below ``out``; return the counts of the last one."""
    counted: dict[str, float] = {}
    places: dict[str, Path] = {}
    for stage in stages.of(design):
        places[stage.name] = out / stage.name
        held = before / stage.name if before else None
        counted = stages.build(stage.name, design, data, places, places[stage.name], previous=held)
    return counted


def content(place: Path) -> dict[str, bytes]:
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def designs(tmp_path: Path) -> dict[str, Design]:
    place = str(onnx_models.minilm(tmp_path / "model"))
    return {
        "wordllama": Design(retrieval="dense", embedding="wordllama"),
        "minilm": Design(retrieval="dense", embedding="minilm"),
        "tokens": Design(retrieval="bm25", rerank="late_interaction"),
        "folder": Design(retrieval="dense", embedding="folder", embedding_at=place),
    }


@pytest.mark.parametrize("name", ["wordllama", "minilm", "tokens", "folder"])
def test_only_new_texts_are_embedded_and_the_bytes_are_those_of_a_fresh_build(
    tmp_path: Path, designs: dict[str, Design], name: str
):
    design = designs[name]
    first = build(design, corpus(tmp_path / "before", PAGES), tmp_path / "old")
    changed = {**PAGES, "b": "Coffee costs one euro.", "bb": "A new page."}
    del changed["a"]
    data = corpus(tmp_path / "after", changed)
    second = build(design, data, tmp_path / "reused", tmp_path / "old")
    third = build(design, data, tmp_path / "fresh")
    assert (first["embedded"], second["embedded"], third["embedded"]) == (4, 2, 4)
    assert content(tmp_path / "reused") == content(tmp_path / "fresh")
    assert 0 < second["operations"] < third["operations"]
    assert build(design, data, tmp_path / "same", tmp_path / "fresh")["embedded"] == 0
    assert content(tmp_path / "same") == content(tmp_path / "fresh")


def test_texts_cut_otherwise_but_the_same_are_reused(tmp_path: Path):
    data = corpus(tmp_path / "data", PAGES)
    build(Design(retrieval="dense", embedding="minilm", title_prefix=True), data, tmp_path / "old")
    assert (
        build(Design(retrieval="dense", embedding="minilm"), data, tmp_path / "new", tmp_path / "old")["embedded"] == 0
    )


def test_giving_up_late_interaction_embeds_nothing_again(tmp_path: Path):
    data = corpus(tmp_path / "data", PAGES)
    build(Design(retrieval="dense", embedding="minilm", rerank="late_interaction"), data, tmp_path / "old")
    plain = Design(retrieval="dense", embedding="minilm")
    assert build(plain, data, tmp_path / "new", tmp_path / "old")["embedded"] == 0
    build(plain, data, tmp_path / "fresh")
    assert content(tmp_path / "new") == content(tmp_path / "fresh")


def test_another_model_or_a_broken_stage_is_not_reused(tmp_path: Path, designs: dict[str, Design]):
    data = corpus(tmp_path / "data", PAGES)
    design = designs["folder"]
    build(design, data, tmp_path / "old")
    other = Design(
        retrieval="dense",
        embedding="folder",
        embedding_at=str(onnx_models.minilm(tmp_path / "other", pooling={"pooling_mode_cls_token": True})),
    )
    assert build(other, data, tmp_path / "b", tmp_path / "old")["embedded"] == 4
    moved = onnx_models.minilm(tmp_path / "moved")
    at = Design(retrieval="dense", embedding="folder", embedding_at=str(moved))
    assert build(at, data, tmp_path / "c", tmp_path / "old")["embedded"] == 0
    (tmp_path / "old" / "vectors-folder" / reuse.FILE).write_bytes(b"broken")
    assert build(design, data, tmp_path / "d", tmp_path / "old")["embedded"] == 4


def test_reduced_vectors_share_the_full_ones(tmp_path: Path):
    full, short = (Design(retrieval="dense", embedding="minilm", reduction=kind) for kind in ("none", "pca"))
    built = [
        [(stage.name, stage.parents, stage.values(full)) for stage in stages.of(design)] for design in (full, short)
    ]
    assert built[1][: len(built[0])] == built[0]
    assert [(stage.name, stage.read) for stage in stages.of(short)] == [
        ("chunks", True),
        ("vectors-minilm", False),
        ("reduced-minilm", True),
    ]
    data = corpus(tmp_path / "data", PAGES)
    late = Design(retrieval="dense", embedding="minilm", reduction="pca", rerank="late_interaction")
    build(short, data, tmp_path / "a")
    build(late, data, tmp_path / "b")
    assert content(tmp_path / "a" / "reduced-minilm") == content(tmp_path / "b" / "reduced-minilm")
