"""Scoring the shipped index on questions whose answering documents are known."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.context import Context
from rag.errors import QuestionsError
from rag.percentiles import percentile
from rag.questions import Question
from rag.settings import Settings
from rag.system import System, open_shipped

PASSES = 3
PACKED = 5
DEPTHS = (5, 10, 20)
SHARES = (50, 95, 99)
ENOUGH = {95: 59, 99: 299}
"""Distinct questions that a percentile wants: with fewer, the largest time seen may well lie below the percentile."""


def ndcg(docs: Sequence[str], relevant: Mapping[str, float], depth: int = 10) -> float:
    """Return nDCG at ``depth`` with linear gains (Järvelin & Kekäläinen 2002)."""
    gains = [max(0.0, relevant.get(doc, 0.0)) for doc in docs[:depth]]
    ideal = sorted((grade for grade in relevant.values() if grade > 0), reverse=True)[:depth]
    best = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(ideal))
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains)) / best if best > 0 else 0.0


def recall(docs: Sequence[str], relevant: Mapping[str, float], depth: int = 10) -> float:
    """Return the share of relevant documents among the first ``depth``."""
    wanted = _wanted(relevant)
    return len(wanted & set(docs[:depth])) / len(wanted) if wanted else 0.0


def reciprocal_rank(docs: Sequence[str], relevant: Mapping[str, float]) -> float:
    """Return 1 / rank of the first relevant document, 0 where none was found."""
    return next((1 / rank for rank, doc in enumerate(docs, 1) if relevant.get(doc, 0) > 0), 0.0)


def packed_precision(system: System, context: Context, question: Question) -> float:
    """Return the useful ones among the first five chunks packed, over five.

    A chunk is useful when its document is relevant, or when it holds the quoted answer.
    """
    wanted, quote = _wanted(question.relevant), _flat(question.quote or "")
    first = zip(context.chunks[:PACKED], context.places[:PACKED], strict=True)
    useful = [doc in wanted or bool(quote and quote in _flat(system.chunk(place).text)) for (doc, _, _), place in first]
    return sum(useful) / PACKED


def measure(settings: Settings, questions: Sequence[Question]) -> dict[str, float]:
    """Open the index; return means over the questions that name relevant documents, and times in milliseconds.

    Times are those of searching and packing, caches off. ``first_question_ms`` is from opening the index to the first
    question's context, models loaded; ``cold_…`` are the times of questions that this program has not seen; the others
    are each question's median of three further passes.

    Raises:
        IndexMissingError: the index is not built for this design.
        QuestionsError: no question names a relevant document.
    """
    judged = [question for question in questions if _wanted(question.relevant)]
    if not judged:
        raise QuestionsError("No question names a relevant document; nothing can be scored.")
    began = time.perf_counter()
    system = open_shipped(settings)
    opened = 1000 * (time.perf_counter() - began)
    rows: list[dict[str, float]] = []
    cold: list[float] = []
    for question in judged:
        row, spent = _scored(system, question)
        rows.append(row)
        cold.append(spent)
    warm: list[list[float]] = [[] for _ in judged]
    for _ in range(PASSES):
        for question, times in zip(judged, warm, strict=True):
            times.append(_timed(system, question)[1])
    middles = [sorted(times)[PASSES // 2] for times in warm]
    scores: dict[str, float] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row[name] for row in rows if name in row]
        scores[name] = sum(values) / len(values)
    scores |= {f"p{share}_latency_ms": percentile(middles, share) for share in SHARES}
    scores |= {f"cold_p{share}_latency_ms": percentile(cold[1:] or cold, share) for share in SHARES}
    return {**scores, "opening_ms": opened, "first_question_ms": opened + cold[0], "questions": float(len(judged))}


def doubts(scores: Mapping[str, float]) -> list[str]:
    """Say which of the figures rest on too few questions."""
    count = int(scores["questions"])
    return [
        f"p{share} wants {enough} questions; of {count} it is little more than the slowest."
        for share, enough in ENOUGH.items()
        if count < enough
    ]


def _timed(system: System, question: Question) -> tuple[tuple[list[str], Context], float]:
    began = time.perf_counter()
    ranking = system.search(question.text)
    packed = system.pack(ranking, question.text)
    spent = 1000 * (time.perf_counter() - began)
    return ([doc for doc, _ in ranking.docs], packed), spent


def _scored(system: System, question: Question) -> tuple[dict[str, float], float]:
    (docs, packed), spent = _timed(system, question)
    wanted = _wanted(question.relevant)
    row = {
        "ndcg@10": ndcg(docs, question.relevant),
        **{f"recall@{depth}": recall(docs, question.relevant, depth) for depth in DEPTHS},
        "mrr": reciprocal_rank(docs, question.relevant),
        "p@5_packed": packed_precision(system, packed, question),
        "p@5_documents": len(wanted & set(docs[:PACKED])) / PACKED,
        "p@5_documents_attainable": min(PACKED, len(wanted)) / PACKED,
        "context_tokens": float(packed.tokens),
    }
    if question.quote:
        row["answer_in_context"] = float(_flat(question.quote) in _flat(packed.text))
    return row, spent


def recorded(path: Path) -> dict[str, float]:
    """Return the values of ``measurements.json``: ``{"metrics": {name: number or {"value": number}}}``.

    Nothing where there is no such file.
    """
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        return {name: _number(item) for name, item in value["metrics"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


def _wanted(relevant: Mapping[str, float]) -> set[str]:
    return {doc for doc, grade in relevant.items() if grade > 0}


def _number(item: Any) -> float:
    return float(item) if isinstance(item, int | float) else float(item["value"])


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()
