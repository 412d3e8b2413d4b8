"""A reranker behind a URL that speaks the wire format of Jina and Cohere: ``POST {url}/rerank``.

The key is read from ``RAG_RERANK_KEY``. Questions and the first chunks found go to that endpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.remote import Endpoint

KEY = "RAG_RERANK_KEY"


class EndpointReranker:
    """Relevance as an endpoint scores it."""

    def __init__(self, url: str, model: str) -> None:
        self._endpoint = Endpoint(url, KEY)
        self._model = model

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the relevance of each text, shape (texts,), in the order of ``texts``.

        Raises:
            ModelError: the endpoint gives no answer, or other than one score for each text.
        """
        body: dict[str, Any] = {"query": question, "documents": list(texts), "top_n": len(texts)}
        reply = self._endpoint.post("rerank", {"model": self._model, **body} if self._model else body)
        try:
            items: list[Any] = list(reply["results"])
            places = [int(item["index"]) for item in items]
            found = np.asarray([item["relevance_score"] for item in items], dtype=np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{self._endpoint.shown} did not reply with a reranking.") from error
        if sorted(places) != list(range(len(texts))):
            raise ModelError(f"{self._endpoint.shown} scored {len(items)} of {len(texts)} texts, each once is needed.")
        if found.ndim != 1 or not np.isfinite(found).all():
            raise ModelError(f"{self._endpoint.shown} replied with scores that are no numbers.")
        scores = np.empty_like(found)
        scores[places] = found
        return scores
