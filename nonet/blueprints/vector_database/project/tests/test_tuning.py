"""Models brought from safetensors and tuned on pairs, by PyTorch; skipped where its group is not installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vectordb.embedding import encoder, pairs, portable, tuning
from vectordb.embedding.pairs import Pair
from vectordb.errors import DataError

torch = pytest.importorskip("torch", reason="uv sync --group models")
transformers = pytest.importorskip("transformers")
pytest.importorskip("sentence_transformers")
pytestmark = pytest.mark.slow

WORDS = [f"word{number}" for number in range(60)]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TEXTS = ["word1 word2 word3", "word4", "word5 word6 word7 word8 word9 word10 word11"]
WIDTH = 32


def bert(place: Path, safe: bool = True) -> Path:
    """Save a small BERT with random weights, as a plain Hugging Face encoder."""
    place.mkdir()
    (place / "vocab.txt").write_text("\n".join([*SPECIAL, *WORDS]), encoding="utf-8")
    transformers.BertTokenizerFast(str(place / "vocab.txt")).save_pretrained(place)
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS), hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=40,
    )  # fmt: skip
    made = transformers.BertModel(config)
    if safe:
        made.save_pretrained(place)
    else:
        config.save_pretrained(place)
        torch.save(made.state_dict(), place / "pytorch_model.bin")
    return place


def mean(place: Path, texts: list[str], **told: Any) -> np.ndarray:
    """The mean of the last hidden states, by transformers alone."""
    inner = transformers.AutoModel.from_pretrained(place, **told).eval()
    tokens = transformers.AutoTokenizer.from_pretrained(place)
    with torch.no_grad():
        found = [inner(**tokens(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0).numpy() for text in texts]
    return np.asarray(found)


def learnable(count: int) -> list[Pair]:
    """Pairs that no untrained model knows: the answer to word N is word N + 1."""
    return [Pair(WORDS[n % 30], f"{WORDS[30 + n % 30]} {WORDS[30 + (7 * n) % 30]}") for n in range(count)]


def test_a_plain_encoder_gives_what_transformers_gives(tmp_path: Path):
    place, out = bert(tmp_path / "scibert"), tmp_path / "out"
    out.mkdir()
    portable.bring(place, False, out)
    assert encoder.Encoder(out).embed(TEXTS) == pytest.approx(mean(place, TEXTS), abs=1e-5)


def test_pickled_weights_are_loaded_at_the_users_word_alone(tmp_path: Path):
    place, out = bert(tmp_path / "old", safe=False), tmp_path / "out"
    out.mkdir()
    with pytest.raises(DataError, match="--pickle"):
        portable.bring(place, False, out)
    portable.bring(place, True, out)
    assert encoder.Encoder(out).embed(TEXTS) == pytest.approx(mean(place, TEXTS), abs=1e-5)


def test_the_text_side_of_clip_gives_its_projection(tmp_path: Path):
    place, out = tmp_path / "clip", tmp_path / "out"
    place.mkdir()
    out.mkdir()
    vocabulary = {word: number for number, word in enumerate(["<|startoftext|>", "<|endoftext|>", "a</w>", "b</w>"])}
    (place / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (place / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    transformers.CLIPTokenizerFast(str(place / "vocab.json"), str(place / "merges.txt")).save_pretrained(place)
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**small, "vocab_size": 4, "max_position_embeddings": 12, "bos_token_id": 0, "eos_token_id": 1}
    vision = {**small, "image_size": 8, "patch_size": 4}
    whole = transformers.CLIPModel(
        transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)
    ).eval()
    whole.save_pretrained(place)
    portable.bring(place, False, out)
    with torch.no_grad():
        ids = torch.tensor([[0, 2, 3, 1]])
        wanted = whole.text_projection(whole.text_model(input_ids=ids).pooler_output)[0].numpy()
    assert encoder.Encoder(out).embed(["a b"])[0] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("kind", ["ranking", "matryoshka"])
def test_tuning_learns_the_pairs_and_is_the_same_each_time(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tuning, "RATE", 2e-3)  # a model of this size begins from noise
    place = bert(tmp_path / "base")
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        trained = tuning.tune(place, False, learnable(60), kind, 8, tmp_path / name)
        found.append(encoder.Encoder(tmp_path / name))
        assert trained.last < 0.7 * trained.first
        assert not trained.stopped
    assert found[0].version == found[1].version
    (tmp_path / "plain").mkdir()
    portable.bring(place, False, tmp_path / "plain")
    before, after = ranked(encoder.Encoder(tmp_path / "plain"), WIDTH), ranked(found[0], WIDTH)
    assert after > before + 0.3
    if kind == "matryoshka":
        assert ranked(found[0], WIDTH // 4) > before + 0.3


def ranked(model: encoder.Encoder, leading: int) -> float:
    """Share of questions whose own answer is nearest, by the leading dimensions."""
    asked = learnable(30)
    texts = model.embed([pair.positive for pair in asked])[:, :leading]
    questions = np.asarray([model.ask(pair.query) for pair in asked])[:, :leading]
    unit = texts / np.linalg.norm(texts, axis=1, keepdims=True)
    return float(np.mean((questions @ unit.T).argmax(axis=1) == np.arange(30)))


def test_the_time_ends_training_and_is_said(tmp_path: Path):
    place = bert(tmp_path / "base")
    (tmp_path / "out").mkdir()
    trained = tuning.tune(place, False, learnable(60), "ranking", 20, tmp_path / "out", most=0.2)
    assert trained.stopped
    assert "stopped by the time" in encoder.Encoder(tmp_path / "out").version


def test_too_few_pairs_are_refused(tmp_path: Path):
    with pytest.raises(DataError, match="8 or more"):
        tuning.tune(tmp_path, False, learnable(pairs.FEWEST - 1), "ranking", 1, tmp_path)


def test_no_batch_holds_a_text_twice():
    waiting = [Pair("same", f"text {number}") for number in range(5)] + learnable(40)
    for batch in tuning._batches(waiting, 1):
        texts = [text for pair in batch for text in {pair.query, pair.positive}]
        assert len(set(texts)) == len(texts)
