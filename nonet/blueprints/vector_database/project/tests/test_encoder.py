"""Encoders of folders: what a folder says of itself, and the vectors that come of its ONNX graph."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vectordb import settings, upkeep
from vectordb.design import Design, parse
from vectordb.embedding import described, encoder, model, portable
from vectordb.errors import DataError, DesignError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "river", "mountain", "query", "passage", ":", "engine"]
WIDTH = 6
TABLE = np.random.default_rng(3).normal(size=(len(WORDS), WIDTH)).astype(np.float32)


def tokenizer(path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    made = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    made.save(str(path))


def graph(path: Path, output: str = "last_hidden_state") -> None:
    """Write a model whose hidden states are rows of a table; it takes a mask, and uses it."""
    from onnx import TensorProto, helper, numpy_helper, save

    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])
    mask = helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["texts", "tokens"])
    hidden = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", "tokens", WIDTH])
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["seen"]),
        helper.make_node("Gather", ["table", "seen"], [output]),
    ]
    made = helper.make_graph(nodes, "encoder", [ids, mask], [hidden], [numpy_helper.from_array(TABLE, "table")])
    save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "small-encoder"
    (place / "1_Pooling").mkdir(parents=True)
    write(place / "config.json", {"model_type": "bert", "hidden_size": WIDTH, "max_position_embeddings": 16})
    write(place / "modules.json", [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in
          (("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize"))])  # fmt: skip
    write(place / "1_Pooling/config.json", {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False})
    tokenizer(place / "tokenizer.json")
    graph(place / "model.onnx")
    return place


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def brought(folder: Path, out: Path) -> encoder.Encoder:
    out.mkdir()
    portable.bring(folder, False, out)
    return encoder.Encoder(out)


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_a_vector_is_the_mean_of_the_tokens_at_unit_length(folder: Path, tmp_path: Path):
    found = brought(folder, tmp_path / "out").embed(["river mountain", "engine"])
    wanted = [unit(TABLE[[2, 4, 5, 3]].mean(axis=0)), unit(TABLE[[2, 9, 3]].mean(axis=0))]
    assert found == pytest.approx(np.asarray(wanted), abs=1e-6)


@pytest.mark.parametrize(("name", "rows"), [("cls", [2]), ("lasttoken", [3])])
def test_the_pooling_that_the_folder_names_is_used(folder: Path, tmp_path: Path, name: str, rows: list[int]):
    write(folder / "1_Pooling/config.json", {"pooling_mode": name})
    found = brought(folder, tmp_path / "out").embed(["river"])[0]
    assert found == pytest.approx(unit(TABLE[rows[0]]), abs=1e-6)


def test_a_plain_encoder_gets_the_mean_and_keeps_its_length(folder: Path, tmp_path: Path):
    (folder / "modules.json").unlink()
    found = brought(folder, tmp_path / "out").embed(["river"])[0]
    assert found == pytest.approx(TABLE[[2, 4, 3]].mean(axis=0), abs=1e-6)


def test_prompts_of_the_folder_stand_before_questions_and_texts(folder: Path, tmp_path: Path):
    prompts = {"prompts": {"query": "query : ", "document": "passage : "}}
    write(folder / "config_sentence_transformers.json", prompts)
    found = brought(folder, tmp_path / "out")
    assert found.ask("river") == pytest.approx(unit(TABLE[[2, 6, 8, 4, 3]].mean(axis=0)), abs=1e-6)
    assert found.embed(["river"])[0] == pytest.approx(unit(TABLE[[2, 7, 8, 4, 3]].mean(axis=0)), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("e5-base-v2", "query: ", "passage: "),
        ("multilingual-e5-small", "query: ", "passage: "),
        ("bge-small-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("scibert_scivocab_uncased", "", ""),
    ],
)
def test_families_that_were_trained_with_prefixes_get_them(folder: Path, name: str, query: str, passage: str):
    write(folder / "config.json", {"model_type": "bert", "_name_or_path": f"somebody/{name}"})
    found = described.describe(folder)
    assert (found.query_prefix, found.passage_prefix) == (query, passage)


def test_a_long_text_is_cut_where_the_model_ends(folder: Path, tmp_path: Path):
    write(folder / "sentence_bert_config.json", {"max_seq_length": 4})
    found = brought(folder, tmp_path / "out").embed(["river mountain engine engine engine"])[0]
    assert found == pytest.approx(unit(TABLE[[2, 4, 5, 3]].mean(axis=0)), abs=1e-6)


def test_the_version_follows_the_files_alone(folder: Path, tmp_path: Path):
    first = brought(folder, tmp_path / "a").version
    assert brought(folder, tmp_path / "b").version == first
    write(folder / "sentence_bert_config.json", {"max_seq_length": 4})
    assert brought(folder, tmp_path / "c").version != first


def test_what_is_no_encoder_is_refused_in_one_line(folder: Path, tmp_path: Path):
    with pytest.raises(DataError, match=r"no config\.json"):
        described.describe(tmp_path)
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(DataError, match="cannot be loaded") as refused:
        brought(folder, tmp_path / "out")
    assert "\n" not in str(refused.value)


def test_a_graph_without_tokens_is_refused(folder: Path, tmp_path: Path):
    from onnx import TensorProto, helper, save

    flat = helper.make_tensor_value_info("logits", TensorProto.INT64, ["texts"])
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts"])
    made = helper.make_graph([helper.make_node("Identity", ["input_ids"], ["logits"])], "flat", [ids], [flat])
    save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "model.onnx")
    with pytest.raises(DataError, match="no output of tokens"):
        brought(folder, tmp_path / "out")


def test_pickled_weights_need_the_word(folder: Path, tmp_path: Path):
    (folder / "model.onnx").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(DataError, match="pickled, which can run code"):
        portable.bring(folder, False, tmp_path)


def test_designs_of_folders_and_tuning_are_checked():
    assert parse({"embedding": "folder", "model_at": "/models/small"}).encoded
    assert parse({"embedding": "minilm", "tuning": "ranking"}).encoded
    assert not parse({"embedding": "minilm"}).encoded
    with pytest.raises(DesignError, match="model_at"):
        parse({"embedding": "folder"})
    with pytest.raises(DesignError, match="cannot be tuned"):
        parse({"embedding": "wordllama", "tuning": "ranking"})


def test_a_model_whose_files_are_gone_is_said_so():
    with pytest.raises(DataError, match="missing from the index"):
        model.load(Design(embedding="folder", model_at="/models/small"), None)


def test_an_index_keeps_its_model_and_embeds_only_new_texts(folder: Path, tmp_path: Path, of_texts: Callable[..., Any]):
    shipped = of_texts(embedding="folder", model_at=str(folder))
    before = upkeep.version(shipped)
    shutil.rmtree(folder)  # what ships needs the folder no more
    (tmp_path / "more.jsonl").write_text(json.dumps({"id": "new", "text": "river river engine"}), encoding="utf-8")
    change = upkeep.ingest(shipped, tmp_path / "more.jsonl")
    assert (change.added, change.embedded) == (1, 1)
    assert upkeep.version(shipped) == before
    database = settings.opened(shipped)
    assert database.ids[database.search(1, text="river river engine").rows[0]] == "new"
    assert upkeep.reembed(shipped) == (before, before, False)
