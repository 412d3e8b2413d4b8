"""Scoring the shipped index on questions whose answering documents are known."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.errors import QuestionsError
from rag.questions import Question
from rag.system import System

PASSES = 3


def ndcg(docs: Sequence[str], relevant: Mapping[str, float], depth: int = 10) -> float:
    """Return nDCG at ``depth`` with linear gains (Järvelin & Kekäläinen 2002)."""
    gains = [relevant.get(doc, 0.0) for doc in docs[:depth]]
    ideal = sorted(relevant.values(), reverse=True)[:depth]
    best = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(ideal))
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains)) / best if best > 0 else 0.0


def recall(docs: Sequence[str], relevant: Mapping[str, float], depth: int = 10) -> float:
    """Return the share of relevant documents among the first ``depth``."""
    wanted = {doc for doc, grade in relevant.items() if grade > 0}
    return len(wanted & set(docs[:depth])) / len(wanted) if wanted else 0.0


def reciprocal_rank(docs: Sequence[str], relevant: Mapping[str, float]) -> float:
    """Return 1 / rank of the first relevant document, 0 where none was found."""
    return next((1 / rank for rank, doc in enumerate(docs, 1) if relevant.get(doc, 0) > 0), 0.0)


def measure(system: System, questions: Sequence[Question]) -> dict[str, float]:
    """Return the means over the questions that name relevant documents, and latencies in milliseconds.

    A question's latency is the median of three passes, caches off.

    Raises:
        QuestionsError: no question names a relevant document.
    """
    judged = [question for question in questions if any(grade > 0 for grade in question.relevant.values())]
    if not judged:
        raise QuestionsError("No question names a relevant document; nothing can be scored.")
    latencies: list[list[float]] = [[] for _ in judged]
    rows: list[dict[str, float]] = []
    quoted: list[float] = []
    system.search(judged[0].text)
    for number in range(PASSES):
        for place, question in enumerate(judged):
            began = time.perf_counter()
            ranking = system.search(question.text)
            packed = system.pack(ranking)
            latencies[place].append(1000 * (time.perf_counter() - began))
            if number:
                continue
            docs = [doc for doc, _ in ranking.docs]
            rows.append(
                {
                    "ndcg@10": ndcg(docs, question.relevant),
                    "recall@10": recall(docs, question.relevant),
                    "mrr": reciprocal_rank(docs, question.relevant),
                    "context_tokens": float(packed.tokens),
                }
            )
            if question.quote:
                quoted.append(float(_flat(question.quote) in _flat(packed.text)))
    scores = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
    if quoted:
        scores["answer_in_context"] = sum(quoted) / len(quoted)
    middles = sorted(sorted(times)[PASSES // 2] for times in latencies)
    for share in (50, 95):
        scores[f"p{share}_latency_ms"] = middles[max(0, math.ceil(share / 100 * len(middles)) - 1)]
    return {**scores, "questions": float(len(judged))}


def recorded(path: Path) -> dict[str, float]:
    """Return the values of ``measurements.json``: ``{"metrics": {name: number or {"value": number}}}``.

    Nothing where there is no such file.
    """
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        return {name: _number(item) for name, item in value["metrics"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def _number(item: Any) -> float:
    return float(item) if isinstance(item, int | float) else float(item["value"])


def _flat(text: str) -> str:
    return " ".join(text.lower().split())
