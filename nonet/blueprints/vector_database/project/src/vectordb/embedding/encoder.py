"""An encoder that was put into one form: an ONNX graph, its tokenizer, and how a vector is made of its output.

What is in this form needs neither PyTorch nor the folder that it came from. Each text is its own batch: no padding is
computed, and a text's vector does not depend on its neighbours.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.errors import DataError

GRAPH, TOKENIZER, FORM = "model.onnx", "tokenizer.json", "encoder.json"
TRAINED = "trained.json"
"""What training did, times included: no part of what a model is."""


@dataclass(frozen=True)
class Form:
    """How texts become vectors.

    Attributes:
        output: the graph's output that is read.
        pooling: of its tokens; "" where the output is a text's vector already.
        unit: whether vectors are brought to unit length.
        longest: tokens at most; what is beyond is cut off.
        query_prefix: what stands before a question.
        passage_prefix: what stands before a text.
        origin: the model it was made of, and what was done to it.
    """

    output: str
    pooling: str
    unit: bool
    longest: int
    query_prefix: str
    passage_prefix: str
    origin: str

    def save(self, folder: Path) -> None:
        """Write it."""
        (folder / FORM).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def contents(folder: Path) -> str:
    """Return a hash of an encoder's files and their names (BLAKE2b, 16 hex digits): its version."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != TRAINED:
            with path.open("rb") as file:
                digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


class Encoder:
    """An opened encoder.

    Raises:
        DataError: its files cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # its wheels send usage events unless this is set before the import
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self.form = Form(**json.loads((folder / FORM).read_text(encoding="utf-8")))
            self._tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
            self._session: Any = runtime.InferenceSession(str(folder / GRAPH), options, ["CPUExecutionProvider"])
        except Exception as error:  # what a broken file raises is open-ended
            reason = " ".join(str(error).split())[:200].rstrip(".")
            raise DataError(f"The model of {folder} cannot be used: {reason}.") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.form.longest)
        self._inputs = [each.name for each in self._session.get_inputs()]
        versions = f"onnxruntime {runtime.__version__}"
        self.version = f"{self.form.origin}, files {contents(folder)}, {versions}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of shape (texts, width). Texts run side by side on threads, each on one core."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found = list(pool.map(self._one, (self.form.passage_prefix + text for text in texts)))
        return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)

    def ask(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (width,)."""
        return self._one(self.form.query_prefix + text)

    def _one(self, text: str) -> NDArray[np.float32]:
        ids: list[int] = self._tokenizer.encode(text).ids
        if not ids:
            ids = [0]
        tokens = np.asarray([ids], dtype=np.int64)
        known = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
            "position_ids": np.arange(len(ids), dtype=np.int64)[None],
        }
        if unknown := [name for name in self._inputs if name not in known]:
            raise DataError(f"The model wants {unknown[0]!r}, which no text gives; only encoders of texts are run.")
        (found,) = self._session.run([self.form.output], {name: known[name] for name in self._inputs})
        vector = pooled(np.asarray(found, dtype=np.float32)[0], self.form.pooling)
        return vector / max(float(np.linalg.norm(vector)), 1e-12) if self.form.unit else vector


def pooled(hidden: NDArray[np.float32], pooling: str) -> NDArray[np.float32]:
    """Make one vector of hidden states of shape (tokens, width), none of them padding."""
    if pooling == "mean":
        return np.asarray(hidden.mean(axis=0), dtype=np.float32)
    if pooling == "max":
        return np.asarray(hidden.max(axis=0), dtype=np.float32)
    if pooling:
        return hidden[0 if pooling == "cls" else -1]
    return hidden


@lru_cache(maxsize=2)
def load(folder: Path) -> Encoder:
    """Return an encoder, loaded once a process."""
    return Encoder(folder)
