from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx_models
import pytest

from rag.errors import ModelError
from rag.reranking import cross_encoder
from rag.system import System

QUESTION = "Where is free coffee?"
TEXTS = ["The office opens at nine.", "Coffee, free for guests", "Tea and coffee"]


def test_pairs_are_scored_by_the_model_in_the_folder(tmp_path: Path):
    model = cross_encoder.load(str(onnx_models.cross_encoder(tmp_path / "m")), "")
    scores = model.scores(QUESTION, TEXTS)
    np.testing.assert_array_equal(scores - 1, [0, 2, 1])  # one for the separator that stands in both
    for text, score in zip(TEXTS, scores, strict=True):
        assert model.scores(QUESTION, [text])[0] == score


def test_it_reorders_the_first_chunks(built: Callable[..., System], tmp_path: Path):
    place = str(onnx_models.cross_encoder(tmp_path / "m"))
    words = {"rerank": "cross_encoder", "rerank_at": place, "rerank_weight": 1.0, "rerank_depth": 3}
    question = "restore the newest backup with the restore command"
    plain = built(retrieval="dense").search(question)
    found = built(retrieval="dense", **words).search(question)
    first, moved = [chunk for chunk, _ in plain.chunks], [chunk for chunk, _ in found.chunks]
    assert set(first[:3]) == set(moved[:3])
    assert first[3:] == moved[3:]
    assert [score for _, score in found.chunks[:3]] == sorted((s for _, s in found.chunks[:3]), reverse=True)
    assert found.chunks[0][1] == 2
    assert all(score <= 1 for _, score in found.chunks[3:])


def broken(place: Path) -> None:
    (onnx_models.tokenizer(place) / "model.onnx").write_bytes(b"")


def two_classes(place: Path) -> None:
    onnx_models.cross_encoder(place, classes=2)


def no_tokenizer(place: Path) -> None:
    (onnx_models.cross_encoder(place) / "tokenizer.json").unlink()


@pytest.mark.parametrize(
    ("make", "name", "complaint"),
    [
        (lambda _: None, "", "is no folder"),
        (broken, "", "cannot be used"),
        (two_classes, "", r"one score: logits is of shape \['b', 2\]"),
        (onnx_models.minilm, "", "no cross-encoder"),
        (no_tokenizer, "", "tokenizer.json"),
        (onnx_models.cross_encoder, "other.onnx", "has no ONNX file 'other.onnx'"),
        (onnx_models.cross_encoder, "BAAI/bge-reranker-base", "has no onnx/model.onnx"),
    ],
)
def test_an_unusable_folder_is_one_line(tmp_path: Path, make: Callable[[Path], object], name: str, complaint: str):
    make(tmp_path / "m")
    with pytest.raises(ModelError, match=complaint) as caught:
        cross_encoder.load(str(tmp_path / "m"), name)
    assert "\n" not in str(caught.value)
