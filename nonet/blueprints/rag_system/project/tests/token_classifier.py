"""A small real token classifier: it keeps the words it is told to keep."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx_models import tokenizer

from rag.embedding.files import wordpiece


def classifier(folder: Path, kept: Iterable[str], classes: int = 2, inputs: Iterable[str] = ()) -> Path:
    """Export a model whose logits for "keep" are 4 for the word pieces of ``kept``, -4 for all others."""
    table = np.zeros((wordpiece().get_vocab_size(), classes), dtype=np.float32)
    table[:, -1] = -4
    for word in kept:
        table[wordpiece().encode(word, add_special_tokens=False).ids, -1] = 4
    names = ["input_ids", "attention_mask", *inputs]
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["logits"])],
        "classifier",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "s"]) for name in names],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", "s", classes])],
        [onnx.numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tokenizer(folder) / "model.onnx"))
    return folder
