"""An embedding model behind a URL that speaks OpenAI's wire format: ``POST {url}/embeddings``.

The key is read from ``RAG_EMBEDDING_KEY``. Texts and questions go to that endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedding import minilm
from rag.embedding.files import count_tokens
from rag.errors import ModelError
from rag.remote import Endpoint

KEY = "RAG_EMBEDDING_KEY"
BATCH = 64


class EndpointEmbedder:
    """Vectors as an endpoint makes them, brought to unit length."""

    def __init__(self, url: str, model: str) -> None:
        self._endpoint = Endpoint(url, KEY)
        self._model = model
        self._width = 0
        self.identity = f"url {url} {model}"

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], int]]:
        """Yield each text's unit vector and its length in MiniLM's word pieces: an endpoint's own differ."""
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            for vector, text in zip(self._vectors(batch), batch, strict=True):
                yield vector, count_tokens(text)

    def query(self, text: str) -> NDArray[np.float32]:
        """Return a question's unit vector."""
        return self._vectors([text])[0]

    def operations(self, tokens: int) -> float:
        """Count as MiniLM's: no endpoint tells what it computes, and it is not free."""
        return minilm.operations(tokens)

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """Ask for the texts' vectors, shape (texts, width), in the order of ``texts``.

        Raises:
            ModelError: the endpoint gives no answer, or other than one vector of one width for each text.
        """
        body = {"input": texts, **({"model": self._model} if self._model else {})}
        reply = self._endpoint.post("embeddings", body)
        try:
            items: list[Any] = list(reply["data"])
            places = [int(item.get("index", place)) for place, item in enumerate(items)]
            rows = np.asarray([item["embedding"] for item in items], dtype=np.float32)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{self._endpoint.shown} did not reply with embeddings.") from error
        if sorted(places) != list(range(len(texts))):
            raise ModelError(f"{self._endpoint.shown} replied with {len(items)} embeddings for {len(texts)} texts.")
        if rows.ndim != 2 or not rows.shape[1] or not np.isfinite(rows).all():
            raise ModelError(f"{self._endpoint.shown} replied with embeddings that are no vectors of numbers.")
        if self._width not in (0, rows.shape[1]):
            raise ModelError(
                f"{self._endpoint.shown} replied with {rows.shape[1]} dimensions, with {self._width} before."
            )
        self._width = int(rows.shape[1])
        found = np.empty_like(rows)
        found[places] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return found


@cache
def load(url: str, model: str) -> EndpointEmbedder:
    """Return the endpoint's model.

    Raises:
        SettingsError: ``url`` is none.
    """
    return EndpointEmbedder(url, model)
