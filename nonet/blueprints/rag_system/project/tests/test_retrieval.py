"""Fusion, feedback, pages' scores, and filters, by their algebra."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import fusion, pages, stages
from rag.chunks import prefixed
from rag.dense import Dense
from rag.design import Design
from rag.documents import model
from rag.embedding import wordllama
from rag.query import Query
from rag.retrieval import Retriever
from rag.system import System

pytestmark = pytest.mark.slow

QUESTION = "How do I restore a backup of the database?"


def test_weights_of_three_lists_are_of_their_normalised_scores():
    lists = [np.asarray(scores, np.float32) for scores in ([0, 5, 10], [0.2, 0.2, 0.4], [-1, 0, 1])]
    found = fusion.weighted(lists, [0.5, 0.3, 0.2])
    np.testing.assert_allclose(found, [0, 0.5 * 0.5 + 0.2 * 0.5, 1], rtol=1e-6)


def test_ranks_of_three_lists_add_up():
    lexical, first, second = (np.asarray(s, np.float32) for s in ([2, 0, 1], [-0.1, 0.9, 0.5], [0.1, 0.2, 0.3]))
    fused = fusion.reciprocal_rank(lexical, [first, second], 10, np.arange(3))
    np.testing.assert_allclose(fused, [1 / 11 + 1 / 13 + 1 / 13, 1 / 11 + 1 / 12, 1 / 12 + 1 / 12 + 1 / 11], rtol=1e-6)


def scores_of(system: System) -> dict[int, float]:
    return dict(system.search(QUESTION).chunks)


def normalised(scores: dict[int, float]) -> dict[int, float]:
    low, high = min(scores.values()), max(scores.values())
    return {chunk: (score - low) / (high - low) for chunk, score in scores.items()}


def test_a_second_embedding_takes_its_part_of_the_dense_weight(built: Callable[..., System]):
    bm25 = scores_of(built(retrieval="bm25"))
    small = scores_of(built(retrieval="dense", embedding="wordllama"))
    large = scores_of(built(retrieval="dense", embedding="minilm"))
    both = built(
        retrieval="hybrid_weighted",
        embedding="minilm",
        second_embedding="wordllama",
        dense_weight=0.6,
        second_weight=0.25,
    )
    words = normalised({chunk: bm25.get(chunk, 0.0) for chunk in large})
    first, second = normalised(large), normalised(small)
    for chunk, score in scores_of(both).items():
        wanted = 0.4 * words[chunk] + 0.6 * (0.75 * first[chunk] + 0.25 * second[chunk])
        assert score == pytest.approx(wanted, abs=1e-4)


def test_feedback_moves_the_question_to_the_mean_of_what_was_found(tmp_path: Path):
    held = np.eye(4, dtype=np.float16)
    np.save(tmp_path / "vectors.npy", held)
    dense = Dense(wordllama.load(), tmp_path)
    query = np.asarray([1, 0, 0, 0], np.float32)
    moved = dense.moved(query, np.asarray([1, 2]), 0.5)
    wanted = np.asarray([1, 0.25, 0.25, 0]) / np.sqrt(1 + 2 * 0.25**2)
    np.testing.assert_allclose(moved, wanted, rtol=1e-6)
    assert not dense.vector(Query("  ")).any()


def test_feedback_scores_by_the_moved_vector(built: Callable[..., System]):
    plain = built(retrieval="dense", embedding="wordllama").search(QUESTION).chunks
    system = built(retrieval="dense", embedding="wordllama", feedback=3, feedback_weight=0.7)
    texts = [system.chunk(chunk) for chunk, _ in plain]
    held = wordllama.load().embed([prefixed(text) for text in texts])[0]
    query = wordllama.load().query(QUESTION) + 0.7 * held[:3].mean(axis=0)
    wanted = held @ (query / np.linalg.norm(query))
    found = dict(system.search(QUESTION).chunks)
    for place, (chunk, _) in enumerate(plain):
        assert found[chunk] == pytest.approx(float(wanted[place]), abs=2e-3)


def test_feedback_in_a_hybrid_that_finds_no_word_uses_what_vectors_found(built: Callable[..., System]):
    assert built(feedback=5).search("qwertyuiop").docs
    assert built(feedback=5).search("").chunks


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [2, 3, 20])
def test_mean_of_the_best_chunks_is_as_defined(seed: int, count: int):
    generator = np.random.default_rng(seed)
    sizes = generator.integers(1, 6, 40)
    owner = np.repeat(np.arange(40), sizes).astype(np.int32)
    first = np.searchsorted(owner, np.arange(40))
    scores = generator.integers(0, 4, len(owner)).astype(np.float32)  # many are equal
    scores[generator.random(len(owner)) < 0.3] = -np.inf
    found = pages.mean_top(scores, first, owner, count, -1.0)
    for page in range(40):
        own = [float(score) for score in scores[owner == page] if score > -np.inf]
        best = (sorted(own, reverse=True) + [-1.0] * count)[:count]
        assert found[page] == (pytest.approx(sum(best) / count) if own else -np.inf)
    np.testing.assert_array_equal(pages.best(scores, first), [scores[owner == page].max() for page in range(40)])


def test_a_page_of_one_good_chunk_stands_behind_one_of_several(built: Callable[..., System], corpus: Path):
    (corpus / "one.md").write_text("Zyzzyva grows here.\n")
    (corpus / "many.md").write_text("Zyzzyva grows in the shade of an oak tree there. " * 4)
    base: dict[str, Any] = {"title_prefix": False, "retrieval": "bm25", "chunk_size": 10, "chunk_overlap": 0}
    best = [doc for doc, _ in built(**base).search("zyzzyva grows here").docs]
    mean = [doc for doc, _ in built(**base, page_score="mean_top", page_chunks=3).search("zyzzyva grows here").docs]
    assert set(best) == set(mean) == {"one.md", "many.md"}
    assert (best[0], mean[0]) == ("one.md", "many.md")


# ---- filters -------------------------------------------------------------------------------------------------------


def indexed(place: Path, design: Design, texts: dict[str, str]) -> Retriever:
    """Index documents of one section each, below ``place``."""
    place.mkdir()
    documents = (
        model.Document(name, "", (model.Section("", 0, text),), "text") for name, text in sorted(texts.items())
    )
    model.write(documents, place / model.FILE)
    built: dict[str, Path] = {}
    for stage in stages.of(design):
        built[stage.name] = place / stage.name
        stages.build(stage.name, design, place, built, built[stage.name])
    return Retriever(design, built)


WORDS = ["coffee", "tea", "backup", "database", "restore", "password", "refund", "parcel", "office", "garden", "river"]


def texts(count: int) -> dict[str, str]:
    generator = np.random.default_rng(8)
    return {f"{number:03}": " ".join(generator.choice(WORDS, 30)) for number in range(count)}


@pytest.mark.parametrize(
    "design",
    [
        Design(chunking="windows", chunk_size=10, retrieval="dense", embedding="wordllama"),
        Design(
            chunking="windows",
            chunk_size=10,
            retrieval="dense",
            embedding="wordllama",
            feedback=4,
            page_score="mean_top",
        ),
        Design(chunking="windows", chunk_size=10, retrieval="dense", embedding="minilm", rerank="late_interaction"),
    ],
)
def test_what_is_not_allowed_might_as_well_not_be_there(tmp_path: Path, design: Design):
    every = texts(20)
    some = {name: text for name, text in every.items() if int(name) % 3 == 0}
    whole, part = indexed(tmp_path / "whole", design, every), indexed(tmp_path / "part", design, some)
    allowed = np.asarray([name in some for name in whole.chunks.docs])
    for question in ("restore the backup", "coffee in the garden"):
        found, wanted = whole.search(question, allowed), part.search(question)
        assert [doc for doc, _ in found.docs] == [doc for doc, _ in wanted.docs]
        np.testing.assert_allclose([s for _, s in found.docs], [s for _, s in wanted.docs], atol=1e-5)
        assert [(whole.chunks[c].doc, whole.chunks[c].number) for c, _ in found.chunks] == [
            (part.chunks[c].doc, part.chunks[c].number) for c, _ in wanted.chunks
        ]


@pytest.mark.parametrize("retrieval", ["bm25", "hybrid_rrf", "hybrid_weighted"])
def test_ranks_and_normalisation_are_among_the_allowed(tmp_path: Path, retrieval: Any):
    design = Design(chunking="page", retrieval=retrieval, embedding="wordllama")
    retriever = indexed(tmp_path / "index", design, texts(20))
    allowed = np.arange(20) % 2 == 0
    found = retriever.search("restore the backup", allowed)
    assert {int(doc) % 2 for doc, _ in found.docs} == {0}
    if retrieval == "hybrid_rrf":
        assert found.docs[0][1] > 1 / 62  # first or second in some list of the allowed
    if retrieval == "hybrid_weighted":
        assert min(score for _, score in found.docs) < 0.3
    assert retriever.search("restore the backup", np.zeros(20, dtype=bool)).docs == []
    assert retriever.search("restore", np.ones(20, dtype=bool)) == retriever.search("restore")


def test_rankings_reach_to_100(tmp_path: Path):
    design = Design(chunking="windows", chunk_size=10, retrieval="dense", embedding="wordllama")
    found = indexed(tmp_path / "index", design, texts(120)).search("coffee")
    assert (len(found.docs), len(found.chunks)) == (100, 100)
    assert [score for _, score in found.docs] == sorted((score for _, score in found.docs), reverse=True)
