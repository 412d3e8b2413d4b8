import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx_models
import pytest

from rag import reduction, reuse, stages, vectors
from rag.design import Design
from rag.documents import model
from rag.embedding import folder, minilm, wordllama
from rag.errors import ModelError, SettingsError
from rag.reduction import Projection

TEXTS = ["How do I reset my password?", "Steps to recover a forgotten passphrase", "The recipe needs two eggs"]


def rows(embedder: Any) -> np.ndarray:
    return np.stack([vector for vector, _ in embedder.passages(TEXTS)])


# ---- a model in a folder -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["model.onnx", "onnx/model.onnx", "some-name.onnx"])
def test_a_folders_model_is_the_model_that_lies_there(tmp_path: Path, file: str):
    model = folder.load(str(onnx_models.minilm(tmp_path / "m", file)), "")
    np.testing.assert_allclose(rows(model), rows(minilm.load()), atol=1e-5)
    np.testing.assert_array_equal(model.query(TEXTS[1]), rows(model)[1])
    lengths = [tokens for _, tokens in model.passages(TEXTS)]
    assert lengths == [tokens for _, tokens in minilm.load().passages(TEXTS)]
    assert model.operations(20) == minilm.operations(20)


def test_pooling_and_prompts_are_the_folders(tmp_path: Path):
    prompts = {"prompts": {"query": "query: ", "document": "passage: "}}
    pooling = {"word_embedding_dimension": 384, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    model = folder.load(str(onnx_models.minilm(tmp_path / "m", pooling=pooling, prompts=prompts)), "")
    for prompt, vector in (("passage: ", rows(model)[0]), ("query: ", model.query(TEXTS[0]))):
        first = minilm.load().tokens(prompt + TEXTS[0])[0]
        np.testing.assert_allclose(vector, first / np.linalg.norm(first), atol=1e-5)


def test_a_model_that_pools_by_itself_is_not_pooled_again(tmp_path: Path):
    model = folder.load(str(onnx_models.sentence_model(tmp_path / "m")), "")
    found = rows(model)
    assert found.shape == (3, 8)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    weights = (tmp_path / "m" / "model.onnx").stat().st_size
    assert model.operations(7) == 7 * weights  # no sizes of layers are known


def test_one_of_several_files_is_named(tmp_path: Path):
    place = onnx_models.minilm(tmp_path / "m", "a.onnx")
    onnx_models.minilm(place, "b.onnx")
    with pytest.raises(ModelError, match=r"several ONNX files \(a.onnx, b.onnx\)"):
        folder.load(str(place), "")
    assert rows(folder.load(str(place), "b.onnx")).shape == (3, 384)


def test_a_folders_model_reaches_for_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert rows(folder.load(str(onnx_models.sentence_model(tmp_path / "m")), "")).shape == (3, 8)


def test_a_models_runtime_keeps_and_sends_nothing(tmp_path: Path):
    home, place = tmp_path / "home", onnx_models.sentence_model(tmp_path / "m")
    home.mkdir()
    program = f"""
from rag.embedding import folder, minilm
print(len(minilm.load().query("x")), len(folder.load({str(place)!r}, "").query("x")))
"""
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith("ORT_")}, **own}
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["384", "8"], done.stderr
    assert list(home.rglob("*")) == []


def nothing(place: Path) -> None:
    place.mkdir()


def no_tokenizer(place: Path) -> None:
    (onnx_models.sentence_model(place) / "tokenizer.json").unlink()


def no_limit(place: Path) -> None:
    (onnx_models.sentence_model(place) / "tokenizer_config.json").write_text("{}")


def broken_weights(place: Path) -> None:
    (onnx_models.tokenizer(place) / "model.onnx").write_bytes(b"not onnx")


def broken_config(place: Path) -> None:
    (onnx_models.sentence_model(place) / "config.json").write_text("{")


def odd_pooling(place: Path) -> None:
    onnx_models.minilm(place, pooling={"pooling_mode_max_tokens": True})


@pytest.mark.parametrize(
    ("make", "name", "complaint"),
    [
        (lambda _: None, "", "is no folder"),
        (nothing, "", "has no ONNX file"),
        (no_tokenizer, "", "tokenizer.json"),
        (no_limit, "", "maximum context length"),
        (broken_weights, "", "cannot be used"),
        (broken_config, "", "no readable JSON"),
        (odd_pooling, "", "pools in a way"),
        (onnx_models.sentence_model, "somebody/model", "has no ONNX file 'somebody/model'"),
        (onnx_models.sentence_model, "../model.onnx", "has no ONNX file"),
        (onnx_models.sentence_model, "BAAI/bge-small-en-v1.5", "has no model_optimized.onnx"),
    ],
)
def test_an_unusable_folder_is_one_line(tmp_path: Path, make: Callable[[Path], Any], name: str, complaint: str):
    make(tmp_path / "m")
    with pytest.raises(ModelError, match=complaint) as caught:
        folder.load(str(tmp_path / "m"), name)
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "m") in str(caught.value)


# ---- shorter vectors -----------------------------------------------------------------------------------------------


def written(place: Path, full: np.ndarray) -> Path:
    place.mkdir()
    np.save(place / vectors.FILE, full.astype(np.float16))
    return place


def unit(full: np.ndarray) -> np.ndarray:
    return full / np.linalg.norm(full, axis=-1, keepdims=True)


def test_truncation_keeps_the_first_dimensions_at_unit_length(tmp_path: Path):
    full = unit(np.random.default_rng(1).normal(size=(50, 12)))
    reduction.build(written(tmp_path / "full", full), "truncate", 5, tmp_path)
    found = np.load(tmp_path / vectors.FILE)
    assert found.shape == (50, 5)
    np.testing.assert_allclose(found, unit(full[:, :5]), atol=2e-3)
    np.testing.assert_allclose(Projection(tmp_path, 5)(full[0].astype(np.float32)), unit(full[0, :5]), atol=1e-6)


@pytest.mark.parametrize(("seed", "count"), [(1, 200), (2, 30), (3, 9000)])
def test_components_are_those_of_the_singular_value_decomposition(seed: int, count: int):
    generator = np.random.default_rng(seed)
    full = (generator.normal(size=(count, 6)) * [9, 5, 3, 2, 1, 0.5] + generator.normal(size=6)).astype(np.float16)
    mean, components = reduction.principal(full, 4)
    centred = full.astype(np.float64) - full.astype(np.float64).mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:4].T
    np.testing.assert_allclose(mean, full.astype(np.float64).mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(np.abs((components * directions).sum(axis=0)), 1, atol=1e-4)
    assert (components[np.abs(components).argmax(axis=0), np.arange(4)] > 0).all()


def test_questions_are_projected_as_chunks_are(tmp_path: Path):
    full = unit(np.random.default_rng(4).normal(size=(300, 16)) * np.linspace(3, 0.1, 16) + 0.5)
    reduction.build(written(tmp_path / "full", full), "pca", 6, tmp_path)
    held, project = vectors.Vectors(tmp_path), Projection(tmp_path, 6)
    for chunk in (0, 17, 299):
        query = project(full[chunk].astype(np.float16).astype(np.float32))
        scores = held.scores(query)
        assert scores.argmax() == chunk
        assert scores[chunk] == pytest.approx(1, abs=2e-3)


def test_fewer_chunks_than_dimensions_leave_the_rest_empty(tmp_path: Path):
    full = unit(np.random.default_rng(6).normal(size=(3, 16)))
    reduction.build(written(tmp_path / "full", full), "pca", 8, tmp_path)
    found = np.load(tmp_path / vectors.FILE)
    assert found.shape == (3, 8)
    assert np.isfinite(found).all()
    assert not found[:, 2:].any()  # three points vary along two directions
    alone = tmp_path / "alone"
    alone.mkdir()
    reduction.build(written(tmp_path / "one", full[:1]), "pca", 8, alone)
    assert not np.load(alone / vectors.FILE).any()


@pytest.mark.parametrize("method", ["truncate", "pca"])
def test_more_dimensions_than_there_are_is_an_error(tmp_path: Path, method: str):
    full = written(tmp_path / "full", np.eye(4))
    with pytest.raises(SettingsError, match="dimensions is 4, the embedding has 4"):
        reduction.build(full, method, 4, tmp_path)


# ---- what was embedded before --------------------------------------------------------------------------------------

PAGES = {"a": "Stop the database first.", "b": "Coffee is free.", "c": "Passwords expire.", "d": "Refunds take days."}


def corpus(place: Path, pages: dict[str, str]) -> Path:
    place.mkdir(exist_ok=True)
    documents = (
        model.Document(name, "", (model.Section("", 0, text),), "text") for name, text in sorted(pages.items())
    )
    model.write(documents, place / stages.DOCUMENTS)
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


def test_wordllama_gives_blank_texts_no_direction():
    assert not wordllama.load().query("").any()
