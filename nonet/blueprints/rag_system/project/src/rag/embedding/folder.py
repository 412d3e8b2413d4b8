"""An embedding model in a local folder, run by fastembed on ONNX Runtime; nothing is downloaded.

``embedding_model`` may be a name that fastembed knows, an ONNX file in the folder, or empty. For a model that it does
not know, pooling and prompts are read from the folder as Sentence Transformers writes them (``1_Pooling/config.json``,
``config_sentence_transformers.json``): without them, the mean of the token embeddings and no prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rag import model_folder, onnx_runtime
from rag.errors import ModelError
from rag.threads import cores

POOLED = "sentence_embedding"
POOLINGS = {"cls": "CLS", "mean": "MEAN", "lasttoken": "LAST_TOKEN"}
PASSAGE_PROMPTS = ("document", "passage", "corpus")


class FolderEmbedder:
    """Texts run side by side on threads, each its own batch on one core, so that its vector has no neighbours."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        models = onnx_runtime.fastembed().TextEmbedding
        known = model_folder.known(models, folder, name, "embedding_model")
        self._file = known or model_folder.weights(folder, name)
        if known is None:
            name = _registered(models, folder, self._file)
        written = model_folder.config(folder, "config_sentence_transformers.json").get("prompts")
        prompts = cast("dict[str, Any]", written) if isinstance(written, dict) else {}
        self._query_prompt = str(prompts.get("query") or "")
        self._passage_prompt = next((str(prompts[each]) for each in PASSAGE_PROMPTS if prompts.get(each)), "")
        self._config = model_folder.config(folder, "config.json")
        self._model = model_folder.opened(models, folder, name)
        packages = " ".join(f"{package} {version(package)}" for package in ("fastembed", "onnxruntime", "tokenizers"))
        self.identity = f"{name} {model_folder.fingerprint(folder, self._file)} {packages}"

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield each text's unit vector and how many tokens the model read of it."""
        with ThreadPoolExecutor(cores()) as pool:
            for start in range(0, len(texts), 256):
                yield from pool.map(self._passage, texts[start : start + 256])

    def query(self, text: str) -> NDArray[np.float32]:
        """Return a question's unit vector."""
        return self._unit(self._model.query_embed, f"{self._query_prompt}{text}")

    def operations(self, tokens: int) -> float:
        """Count one text's multiply-adds from the layers' sizes in ``config.json``.

        Where they do not stand there, every byte of the weights counts as one a token: more than any model of one byte
        a weight or more computes.
        """
        width, layers = self._config.get("hidden_size"), self._config.get("num_hidden_layers")
        forward = self._config.get("intermediate_size")
        if isinstance(width, int) and isinstance(layers, int) and isinstance(forward, int):
            return float(layers * (tokens * (4 * width**2 + 2 * width * forward) + 2 * tokens**2 * width))
        return float(tokens) * (self._folder / self._file).stat().st_size

    def _passage(self, text: str) -> tuple[NDArray[np.float32], int]:
        prompted = f"{self._passage_prompt}{text}"
        return self._unit(self._model.passage_embed, prompted), int(self._model.token_count([prompted]))

    def _unit(self, embed: Callable[[list[str]], Iterable[Any]], text: str) -> NDArray[np.float32]:
        try:
            (found,) = embed([text])
            vector = np.asarray(found, dtype=np.float32)
        except Exception as error:  # what a model raises that its tokenizer does not fit is open-ended
            raise model_folder.unusable(self._folder, error) from error
        if vector.ndim != 1 or not np.isfinite(vector).all():
            raise ModelError(f"The model in {self._folder} makes no vector of numbers of a text.")
        return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _registered(embedding: Any, folder: Path, file: str) -> str:
    """Tell fastembed of a model that it does not know; return the name it has there."""
    name = f"folder-{model_folder.fingerprint(folder, file)}"
    if name in {model["model"] for model in embedding.list_supported_models()}:
        return name
    pooling, output, width = _pooling(folder, file)
    descriptions = onnx_runtime.fastembed("fastembed.common.model_description")
    embedding.add_custom_model(
        name,
        pooling=descriptions.PoolingType[pooling],
        normalization=True,
        sources=descriptions.ModelSource(url="file:///"),  # it must name one; a given folder is read instead
        dim=width,
        model_file=file,
        output_name=output,
    )
    return name


def _pooling(folder: Path, file: str) -> tuple[str, str, int]:
    """Return how token embeddings become one vector, from which output, and its width where the model says it.

    Raises:
        ModelError: the model's outputs or its pooling are none that a text's vector can be made of.
    """
    outputs = model_folder.outputs(folder, file)
    output = POOLED if POOLED in outputs else next(iter(outputs))
    shape = outputs[output]
    width = shape[-1] if shape and isinstance(shape[-1], int) else 0
    if len(shape) == 2:
        return "DISABLED", output, width
    if len(shape) != 3:
        raise ModelError(f"The model in {folder} has no output of vectors: {output} is of shape {shape}.")
    settings = model_folder.config(folder, "1_Pooling/config.json")
    modes = [mode for mode in ("cls_token", "mean_tokens", "lasttoken") if settings.get(f"pooling_mode_{mode}")]
    named = settings.get("pooling_mode") or (modes[0].split("_")[0] if len(modes) == 1 else "")
    if settings and named not in POOLINGS:
        raise ModelError(f"The model in {folder} pools in a way that is not supported; use cls, mean or lasttoken.")
    return POOLINGS[str(named)] if settings else "MEAN", output, width


@cache
def load(at: str, name: str) -> FolderEmbedder:
    """Return the model of a folder, loaded once a process.

    Raises:
        ModelError: the folder holds no usable model.
    """
    return FolderEmbedder(model_folder.located(at, "embedding_at names the folder of an ONNX model"), name)
