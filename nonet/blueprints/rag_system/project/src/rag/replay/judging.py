"""Each cache alone, and those that are switched on together, on the same questions in the same order."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.answer import Answer
from rag.cache.cached import CachedSystem
from rag.percentiles import percentile
from rag.replay.requests import Asked
from rag.settings import CacheSettings
from rag.system import System

NONE = CacheSettings(retrieval=False, similar=False, responses=False)
ALONE: Mapping[str, CacheSettings] = {
    "none": NONE,
    "retrieval": CacheSettings(retrieval=True, similar=False, responses=False),
    "similar": CacheSettings(retrieval=False, similar=True, responses=False),
    "responses": CacheSettings(retrieval=False, similar=False, responses=True),
}


@dataclass(frozen=True)
class Judged:
    """What one choice of caches did.

    Attributes:
        hits: requests that a cache answered, or found a ranking for.
        wrong: hits whose answer cites other documents than one found anew.
        labelled: hits where the documents that answer both questions, the one asked and the one whose answer was given,
            are known; ``wrong_labelled``: those of them where they differ.
        p50, p95: milliseconds of a request, hits and misses together.
    """

    requests: int
    hits: int
    wrong: int
    labelled: int
    wrong_labelled: int
    p50: float
    p95: float

    def json(self) -> dict[str, float]:
        """Return counts, rates and times; a rate of nothing is left out."""
        found = {name: float(value) for name, value in asdict(self).items()}
        found["hit_rate"] = self.hits / self.requests
        if self.hits:
            found["wrong_hit_rate"] = self.wrong / self.hits
        if self.labelled:
            found["wrong_labelled_rate"] = self.wrong_labelled / self.labelled
        return found


def judged(system: System, asked: Sequence[Asked], switched_on: CacheSettings) -> dict[str, Judged]:
    """Replay the questions without caches, with each alone, and with those switched on; each begins empty.

    Answers are extracts of the documents: no chat model is asked.
    """
    fresh = {item.text: system.ask(item.text) for item in asked}
    return {name: _replayed(system, asked, caches, fresh) for name, caches in {**ALONE, "as set": switched_on}.items()}


def _replayed(system: System, asked: Sequence[Asked], caches: CacheSettings, fresh: Mapping[str, Answer]) -> Judged:
    labels = {item.text: item.relevant for item in asked if item.relevant}
    hits = wrong = labelled = wrong_labelled = 0
    times: list[float] = []
    with tempfile.TemporaryDirectory(prefix="rag-replay-") as folder:
        cached = CachedSystem(system, caches, Path(folder) / "cache.sqlite")
        try:
            for item in asked:
                before = _hits(cached)
                began = time.perf_counter()
                answer = cached.ask(item.text)
                times.append(1000 * (time.perf_counter() - began))
                if _hits(cached) == before:
                    continue
                hits += 1
                wrong += _documents(answer) != _documents(fresh[item.text])
                other = labels.get(answer.like or item.text)
                if item.relevant and other:
                    labelled += 1
                    wrong_labelled += other != item.relevant
        finally:
            cached.close()
    return Judged(len(asked), hits, wrong, labelled, wrong_labelled, percentile(times, 50), percentile(times, 95))


def _hits(cached: CachedSystem) -> int:
    return sum(count for (_, result), count in cached.tally.items() if result == "hit")


def _documents(answer: Answer) -> set[str]:
    return {str(source["doc"]) for source in answer.sources}
