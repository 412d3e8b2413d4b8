"""What a peer is given and hands back, and the embedding model that all of them share.

A folder holds ``choosing.jsonl`` and ``serving.jsonl`` (documents ``{id, text}`` to choose on and to answer from: the
same unless questions were made and hidden), ``selection.jsonl`` (``{id, text, relevant: [ids]}``) and ``held.jsonl``
(``{id, text}``, without labels). A peer writes ``NAME.json``: ``{rankings: {label: {question: [documents]}}, …}``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

LONGEST = 512
"""Positions of all-MiniLM-L6-v2; what is beyond is cut off."""


def read(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def pages(documents: Sequence[str]) -> list[str]:
    """Turn a ranking of chunks, named by their documents, into one of documents: each at its best chunk."""
    return list(dict.fromkeys(documents))


class MiniLM:
    """all-MiniLM-L6-v2, int8 on ONNX Runtime: the mean of the token embeddings at unit length.

    Texts run side by side on the machine's cores, one thread each.

    Args:
        model: the ONNX file.
        tokenizer: its ``tokenizer.json``.
    """

    def __init__(self, model: str, tokenizer: str) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the texts' vectors, 384 numbers each."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self._vector, self._tokenizer.encode_batch_fast(list(texts))))

    def _vector(self, encoding: Any) -> list[float]:
        import numpy as np

        ids = np.asarray([encoding.ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = np.asarray(self._session.run(None, inputs)[0], dtype=np.float32)[0].mean(axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-12)).tolist()
