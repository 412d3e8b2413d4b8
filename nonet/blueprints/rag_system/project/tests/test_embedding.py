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

from rag.embedding import folder, minilm, wordllama
from rag.errors import ModelError

TEXTS = ["How do I reset my password?", "Steps to recover a forgotten passphrase", "The recipe needs two eggs"]


def rows(embedder: Any) -> np.ndarray:
    return np.stack([vector for vector, _ in embedder.passages(TEXTS)])


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


def test_wordllama_gives_blank_texts_no_direction():
    assert not wordllama.load().query("").any()
