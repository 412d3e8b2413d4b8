"""A system with its caches: rankings, answers by context, answers to like questions."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import system
from rag.answer import Answer, pieces
from rag.cache.similar import Similar
from rag.cache.store import Store
from rag.chat import Chat
from rag.context import Context
from rag.filters import Condition
from rag.retrieval import Ranking
from rag.settings import CacheSettings, Settings

CACHES = ("retrieval", "similar", "responses")


class CachedSystem:
    """Answers questions as ``System`` does, but looks first at what was found and answered before.

    Attributes:
        tally: how often each cache was asked, by (cache, ``hit`` or ``miss``).
    """

    def __init__(self, inner: system.System, caches: CacheSettings, path: Path, model: Chat | None = None) -> None:
        self.inner = inner
        self.model = model
        self.tally: Counter[tuple[str, str]] = Counter()
        self._caches = caches
        self._counting = threading.Lock()
        self._store = Store(path, _version(inner, model))
        self._similar = Similar(self._store, inner.design) if caches.similar else None

    def search(self, question: str, where: Sequence[Condition] = ()) -> Ranking:
        """Rank documents and chunks, or return the ranking of before; one that a failing model caused is not kept.

        Raises:
            FilterError: a condition asks for a field that no document has.
        """
        if not self._caches.retrieval:
            return self.inner.search(question, where)
        key = (_plain(question), _scope(where))
        kept = self._counted("retrieval", self._store.get("retrieval", *key))
        if kept is not None:
            return Ranking([(doc, score) for doc, score in kept[0]], [(place, score) for place, score in kept[1]])
        found = self.inner.search(question, where)
        if not found.failed:
            self._store.put("retrieval", [found.docs, found.chunks], *key)
        return found

    def ask(self, question: str, where: Sequence[Condition] = ()) -> Answer:
        """Answer, or return the answer of before; one that a failing model caused is not kept.

        Raises:
            FilterError: as ``search``.
        """
        found = self._looked_up(question, where)
        if isinstance(found, Answer):
            return found
        return self._keep(found, system.answered(question, found.context, self.model))

    def stream(self, question: str, where: Sequence[Condition] = ()) -> Iterator[list[dict[str, Any]] | str | Answer]:
        """Answer piece by piece: sources, then text, then the whole answer, which counts; see ``system.streamed``.

        Raises:
            FilterError: as ``search``.
        """
        found = self._looked_up(question, where)
        if isinstance(found, Answer):
            yield [dict(source) for source in found.sources]
            yield from pieces(found)
            yield found
            return
        for part in system.streamed(question, found.context, self.model):
            yield self._keep(found, part) if isinstance(part, Answer) else part

    def close(self) -> None:
        """Close the caches' file."""
        self._store.close()

    def _looked_up(self, question: str, where: Sequence[Condition]) -> Answer | _Missed:
        """Return the answer kept for a like question, else for this one and its context, else what an answer needs."""
        vector = None
        if self._similar is not None:
            vector = self._similar.vector(question)
            value = self._counted("similar", self._similar.get(vector, _scope(where)))
            if value is not None:
                return _again(value, question)
        context = self.inner.pack(self.search(question, where), question)
        missed = _Missed(context, (_plain(question), _digest(context)), vector, _scope(where))
        if self._caches.responses:
            value = self._counted("responses", self._store.get("responses", *missed.key))
            if value is not None:
                return _again(value, question)
        return missed

    def _keep(self, missed: _Missed, answer: Answer) -> Answer:
        if not answer.failed:
            if self._caches.responses:
                self._store.put("responses", asdict(answer), *missed.key)
            if self._similar is not None and missed.vector is not None:
                self._similar.put(missed.vector, missed.scope, asdict(answer))
        return answer

    def _counted(self, cache: str, found: Any) -> Any:
        with self._counting:
            self.tally[cache, "miss" if found is None else "hit"] += 1
        return found


@dataclass(frozen=True)
class _Missed:
    """What the caches did not answer: its context, and under what the answer will be kept."""

    context: Context
    key: tuple[str, str]
    vector: NDArray[np.float32] | None
    scope: str


def shipped(opened: system.System, settings: Settings, model: Chat | None) -> CachedSystem:
    """Return the project's system with the caches that its settings name, kept below ``.cache/``."""
    return CachedSystem(opened, settings.cache, settings.root / ".cache" / "cache.sqlite", model)


def _again(value: dict[str, Any], question: str) -> Answer:
    kept = Answer(**value)
    if _plain(kept.question) == _plain(question):
        return replace(kept, question=question, cached=True)
    note = f"{kept.note} It was given to a like question: {kept.question}"
    return replace(kept, question=question, cached=True, like=kept.question, note=note)


def _plain(question: str) -> str:
    return " ".join(question.split())


def _scope(where: Sequence[Condition]) -> str:
    """Name a set of conditions, in whatever order they were given."""
    return json.dumps(sorted({str(condition) for condition in where}))


def _digest(context: Context) -> str:
    return hashlib.blake2b(context.text.encode(), digest_size=16).hexdigest()


def _version(inner: system.System, model: Chat | None) -> str:
    named = f"{model.url} {model.model}" if model else "extractive"
    return json.dumps([inner.version, inner.design.json(), named], sort_keys=True)
