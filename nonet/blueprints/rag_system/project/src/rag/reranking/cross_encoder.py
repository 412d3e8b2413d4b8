"""A cross-encoder in a local folder (Nogueira & Cho 2019), run by fastembed on ONNX Runtime; nothing is downloaded.

``rerank_model`` may be a name that fastembed knows, an ONNX file in the folder, or empty.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import model_folder, onnx_runtime
from rag.errors import ModelError
from rag.threads import cores


class CrossEncoder:
    """Pairs run side by side on threads, each its own batch on one core: a pair's score has no neighbours."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        models = onnx_runtime.fastembed("fastembed.rerank.cross_encoder").TextCrossEncoder
        known = model_folder.known(models, folder, name, "rerank_model")
        file = known or model_folder.weights(folder, name)
        if known is None:
            name = _registered(models, folder, file)
        _gives_one_score(folder, file)
        self._model = model_folder.opened(models, folder, name)

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the model's score of the question with each text, shape (texts,).

        Raises:
            ModelError: the model fails, or gives no number.
        """
        with ThreadPoolExecutor(cores()) as pool:
            found = np.asarray(list(pool.map(partial(self._score, question), texts)), dtype=np.float32)
        if not np.isfinite(found).all():
            raise ModelError(f"The model in {self._folder} gives no number for a question and a text.")
        return found

    def _score(self, question: str, text: str) -> float:
        try:
            (score,) = self._model.rerank(question, [text])
            return float(score)
        except Exception as error:  # what a model raises that its tokenizer does not fit is open-ended
            raise model_folder.unusable(self._folder, error) from error


def _gives_one_score(folder: Path, file: str) -> None:
    """Refuse a classifier of several classes: which of them means "relevant" stands nowhere."""
    name, shape = next(iter(model_folder.outputs(folder, file).items()))
    if len(shape) != 2 or (isinstance(shape[1], int) and shape[1] != 1):
        raise ModelError(f"The model in {folder} is no cross-encoder of one score: {name} is of shape {shape}.")


def _registered(encoder: Any, folder: Path, file: str) -> str:
    """Tell fastembed of a model that it does not know; return the name it has there."""
    digest = hashlib.blake2b(f"{folder.resolve()}\0{file}".encode(), digest_size=8)
    name = f"folder-{digest.hexdigest()}"
    if name not in {model["model"] for model in encoder.list_supported_models()}:
        source = onnx_runtime.fastembed("fastembed.common.model_description").ModelSource(url="file:///")
        encoder.add_custom_model(name, sources=source, model_file=file)  # it must name one; the folder is read instead
    return name


@cache
def load(at: str, name: str) -> CrossEncoder:
    """Return the cross-encoder of a folder, loaded once a process.

    Raises:
        ModelError: the folder holds no usable cross-encoder.
    """
    return CrossEncoder(model_folder.located(at, "rerank_at names the folder of an ONNX cross-encoder"), name)
