"""Embedding services: OpenAI, Cohere and Gemini, each in its own documented format, by its key.

The key is read from ``EMBEDDING_KEY`` or the service's own variable, the address from ``EMBEDDING_URL`` where it is
another. What leaves this machine are the texts and the questions.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectordb.errors import DataError, DesignError

BATCH = 96
"""Texts of a request: the fewest that any of them takes at once."""
MOST_CHARACTERS = 24_000
"""Of a text; what is beyond is cut off (some 8,000 tokens of English, what OpenAI's models read)."""
REQUEST_CHARACTERS = 200_000
SECONDS = 60.0
ATTEMPTS = 4
LONGEST_WAIT = 30.0
_PASSING = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Service:
    """Where a service is, and the variable of its key."""

    address: str
    path: str
    key: str


SERVICES: Mapping[str, Service] = {
    "openai": Service("https://api.openai.com", "/v1/embeddings", "OPENAI_API_KEY"),
    "cohere": Service("https://api.cohere.com", "/v2/embed", "COHERE_API_KEY"),
    "gemini": Service(
        "https://generativelanguage.googleapis.com", "/v1beta/models/{model}:batchEmbedContents", "GOOGLE_API_KEY"
    ),
}


class Hosted:
    """A service's model.

    Args:
        name: ``SERVICE:MODEL``.

    Raises:
        DesignError: it names no service.
    """

    def __init__(self, name: str) -> None:
        self._name, _, self._model = name.partition(":")
        if self._name not in SERVICES or not self._model:
            raise DesignError(f"{name!r} names no embedding service; write one of {', '.join(SERVICES)}, then :MODEL.")
        self.version = f"{name} (the service says no more of its version)"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of shape (texts, width).

        Raises:
            DataError: the service does not answer as it should.
        """
        found = [row for batch in _batches(texts) for row in self._asked(batch, query=False)]
        return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)

    def ask(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (width,).

        Raises:
            DataError: the service does not answer as it should.
        """
        return np.asarray(self._asked([text[:MOST_CHARACTERS] or " "], query=True)[0], dtype=np.float32)

    def _asked(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        service = SERVICES[self._name]
        key = os.environ.get("EMBEDDING_KEY") or os.environ.get(service.key)
        if not key:
            raise DataError(f"{self._name} needs its key; set {service.key}.")
        base = (os.environ.get("EMBEDDING_URL") or service.address).rstrip("/")
        headers = {"Content-Type": "application/json", "User-Agent": "vectordb"}
        headers |= {"x-goog-api-key": key} if self._name == "gemini" else {"Authorization": f"Bearer {key}"}
        body = json.dumps(_body(self._name, self._model, texts, query)).encode()
        url = base + service.path.format(model=self._model)
        answer = _posted(self._name, urllib.request.Request(url, body, headers, method="POST"))
        try:
            found = _vectors(self._name, answer)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise DataError(f"{self._name} answered without vectors ({type(error).__name__}).") from error
        if len(found) != len(texts) or len({len(row) for row in found}) != 1 or not found[0]:
            raise DataError(f"{self._name} answered {len(found)} vectors to {len(texts)} texts; try again.")
        if not np.isfinite(np.asarray(found, dtype=np.float32)).all():
            raise DataError(f"{self._name} answered vectors that hold no numbers.")
        return found


def _body(service: str, model: str, texts: Sequence[str], query: bool) -> dict[str, Any]:
    if service == "openai":
        return {"model": model, "input": list(texts), "encoding_format": "float"}
    if service == "cohere":
        kind = "search_query" if query else "search_document"
        return {"model": model, "texts": list(texts), "input_type": kind, "embedding_types": ["float"]}
    task = "RETRIEVAL_QUERY" if query else "RETRIEVAL_DOCUMENT"
    rows = [{"model": f"models/{model}", "content": {"parts": [{"text": each}]}, "taskType": task} for each in texts]
    return {"requests": rows}


def _vectors(service: str, answer: Any) -> list[list[float]]:
    if service == "openai":
        return [row["embedding"] for row in sorted(answer["data"], key=lambda row: row["index"])]
    if service == "cohere":
        return list(answer["embeddings"]["float"])
    return [row["values"] for row in answer["embeddings"]]


def _batches(texts: Sequence[str]) -> list[list[str]]:
    """Cut texts to what a request takes; an empty one, which services refuse, is a space."""
    found: list[list[str]] = []
    room = 0
    for text in texts:
        short = text[:MOST_CHARACTERS] or " "
        if not found or len(found[-1]) == BATCH or len(short) > room:
            found.append([])
            room = REQUEST_CHARACTERS
        found[-1].append(short)
        room -= len(short)
    return found


def _posted(name: str, request: urllib.request.Request) -> Any:
    """Send a request; a fault that passes is waited out, as long as the service asks for."""
    said = ""
    for attempt in range(ATTEMPTS):
        wait = 2.0**attempt
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = f"HTTP {error.code}: {_told(error)}"
            if error.code not in _PASSING:
                raise DataError(f"{name}: {said}.") from error
            after = error.headers.get("Retry-After", "")
            wait = float(after) if after.replace(".", "", 1).isdigit() else wait
        except (OSError, http.client.HTTPException) as error:
            said = f"{type(error).__name__}"
        except ValueError as error:
            raise DataError(f"{name} answered with no JSON.") from error
        if attempt + 1 < ATTEMPTS:
            if wait > LONGEST_WAIT:
                break
            time.sleep(wait)
    raise DataError(f"{name} does not answer: {said}; try again later.")


def _told(error: urllib.error.HTTPError) -> str:
    return " ".join(error.read(2000).decode("utf-8", "replace").split())[:200].rstrip(".")
