"""A cache of answers: exactly the same question, or one so near that its answer is taken for this one's.

A semantic hit asks nothing of the index, so what it answers is a neighbour's answer: ``replay`` measures on a log of
real questions how often that happens and how much of the right answer is lost by it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vectordb.conditions import Condition
from vectordb.database import Database, Found

Mode = Literal["none", "exact", "semantic"]
THRESHOLDS = (0.8, 0.9, 0.95, 0.98)
"""Cosines from which another question's answer is tried; loosest first."""
COSTS = 0.01
"""Recall that a semantic cache may cost."""
Question = str | NDArray[np.float32]


@dataclass(frozen=True)
class Replay:
    """What a cache did on a log.

    Attributes:
        threshold: 1 for the exact cache.
        hit_rate: share of the questions that were answered from the cache.
        recall: share of what the index would have found, over all questions.
        recall_of_hits: the same over the hits alone; 1 where there was none.
    """

    threshold: float
    hit_rate: float
    recall: float
    recall_of_hits: float


class Cached:
    """A database with a cache before it; the least recently used answer goes first.

    An opened database never changes, so no answer here grows old; who opens the next index begins with an empty cache.

    Args:
        database: what is asked where the cache has no answer.
        mode: ``exact`` or ``semantic``; the latter holds the exact one too.
        threshold: the cosine from which a question's answer serves another; where lengths matter (l2, l1, dot) the
            same as a relative distance.
        size: answers kept.
    """

    def __init__(self, database: Database, mode: Mode = "exact", threshold: float = 0.95, size: int = 10_000) -> None:
        self.database, self.mode, self.size = database, mode, size
        self._distance = 2.0 - 2.0 * threshold
        self._answers: OrderedDict[tuple[object, ...], Found] = OrderedDict()
        self._vectors: dict[tuple[object, ...], dict[tuple[object, ...], NDArray[np.float32]]] = {}
        self.hits = self.asked = 0
        self._lock = threading.Lock()

    def search(
        self,
        k: int,
        *,
        text: str | None = None,
        vector: NDArray[np.float32] | None = None,
        where: Sequence[Condition] = (),
    ) -> Found:
        """Search as the database does, or answer from the cache."""
        with self._lock:
            found, key, kind, vector = self._known(k, text, vector, where)
        if found is not None:
            return found
        found = self.database.search(k, text=text, vector=vector, where=where)
        if self.mode != "none":
            with self._lock:
                self._keep(kind, key, vector, found)
        return found

    def _known(
        self, k: int, text: str | None, vector: NDArray[np.float32] | None, where: Sequence[Condition]
    ) -> tuple[Found | None, tuple[object, ...], tuple[object, ...], NDArray[np.float32] | None]:
        """Return the kept answer, if there is one, the question's key and kind, and its vector where it was needed."""
        self.asked += 1
        kind: tuple[object, ...] = (k, tuple(where))
        key = (*kind, text if vector is None else vector.tobytes())
        found = self._answers.get(key)
        if found is None and self.mode == "semantic":
            vector = self.database.embed(text) if vector is None and text is not None else vector
            found = self._near(kind, vector) if vector is not None else None
        if found is not None:
            self.hits += 1
            if key in self._answers:
                self._answers.move_to_end(key)
        return found, key, kind, vector

    def _near(self, kind: tuple[object, ...], vector: NDArray[np.float32]) -> Found | None:
        kept = self._vectors.get(kind)
        if not kept:
            return None
        away = ((np.stack(list(kept.values())) - vector) ** 2).sum(axis=1)
        place = int(away.argmin())
        if away[place] > self._distance * max(float((vector**2).sum()), 1e-12):
            return None
        return self._answers[list(kept)[place]]

    def _keep(
        self, kind: tuple[object, ...], key: tuple[object, ...], vector: NDArray[np.float32] | None, found: Found
    ) -> None:
        self._answers[key] = found
        if self.mode == "semantic" and vector is not None:
            self._vectors.setdefault(kind, {})[key] = vector
        if len(self._answers) > self.size:
            oldest, _ = self._answers.popitem(last=False)
            self._vectors.get(oldest[:2], {}).pop(oldest, None)


def replay(database: Database, log: Sequence[Question], k: int = 10) -> list[Replay]:
    """Replay a log through an exact cache and through a semantic one at each threshold, strictest first.

    Args:
        database: what the cache stands before.
        log: questions in the order they came, repeats as they came.
        k: rows wanted of each.
    """
    asked = [{"text": each} if isinstance(each, str) else {"vector": database.prepared(each)} for each in log]
    truth = Cached(database, "exact", size=len(log))
    right = [set(truth.search(k, **question).rows.tolist()) for question in asked]
    found: list[Replay] = []
    for threshold in (1.0, *reversed(THRESHOLDS)):
        cached = Cached(database, "exact" if threshold == 1.0 else "semantic", threshold, len(log))
        kept: list[float] = []
        hit: list[bool] = []
        for question, wanted in zip(asked, right, strict=True):
            before = cached.hits
            rows = set(cached.search(k, **question).rows.tolist())
            kept.append(len(rows & wanted) / max(len(wanted), 1) if wanted else 1.0)
            hit.append(cached.hits > before)
        of_hits = [each for each, was in zip(kept, hit, strict=True) if was]
        found.append(
            Replay(threshold, float(np.mean(hit)), float(np.mean(kept)), float(np.mean(of_hits)) if of_hits else 1.0)
        )
    return found


def chosen(measured: Sequence[Replay], costs: float = COSTS) -> Replay:
    """Return the cache that hits most among those that cost no more recall than ``costs``; else the exact one."""
    within = [each for each in measured if each.recall >= 1.0 - costs]
    return max(within, key=lambda each: (each.hit_rate, each.threshold), default=measured[0])
