"""Scores of rankings and contexts, over any multiset of questions.

An output is ``{"docs": [ids, best first], "chunks": [{"doc", "text", …}, …], "context": str, "context_tokens": int}``,
where the first five packed chunks have a text; a label is ``{"relevant": {doc: grade}, "quote": str | None}``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from nonet.state import Json

CUTOFF = 10
DEPTH = 100
PACKED = 5
NAMES = (
    "ndcg@10",
    "recall@10",
    "recall@100",
    "mrr",
    "p@5_packed",
    "p@5_documents",
    "p@5_documents_attainable",
    "answer_in_context",
    "context_tokens",
    "untransformed",
)
_DISCOUNTS = tuple(1 / math.log2(rank + 2) for rank in range(CUTOFF))


def score(outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
    """Compute the means over the positions in ``index``, repeats counted.

    ``answer_in_context`` is a mean over the positions whose label has a quote, NaN (undefined) where none has.
    """
    rows = {place: _row(_mapping(outputs[place]), _mapping(labels[place])) for place in set(index)}
    counts = Counter(index)
    return {name: _mean([(rows[place][name], count) for place, count in counts.items()]) for name in NAMES}


def _mean(weighted: Sequence[tuple[float, int]]) -> float:
    defined = [(value, count) for value, count in weighted if not math.isnan(value)]
    total = sum(count for _, count in defined)
    return math.fsum(value * count for value, count in defined) / total if total else math.nan


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], cutoff: int = CUTOFF) -> float:
    """Return nDCG at ``cutoff``: gain = grade, discount log2(rank + 1), ideal = all grades in falling order.

    Järvelin & Kekäläinen (2002), "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4); a discount at
    rank 1 of 1, as in trec_eval's ``ndcg_cut``.
    """
    ideal = sorted((grade for grade in relevant.values() if grade > 0), reverse=True)
    best = _discounted(ideal[:cutoff])
    return _discounted([max(0.0, relevant.get(doc, 0.0)) for doc in ranked[:cutoff]]) / best if best else 0.0


def _discounted(gains: Sequence[float]) -> float:
    if len(gains) <= CUTOFF:
        return sum(gain * discount for gain, discount in zip(gains, _DISCOUNTS, strict=False))
    return sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))


def _row(output: Mapping[str, Any], label: Mapping[str, Any]) -> dict[str, float]:
    relevant: Mapping[str, float] = label["relevant"]
    docs: Sequence[str] = output["docs"]
    hits = [place for place, doc in enumerate(docs) if relevant.get(doc, 0) > 0]
    wanted = sum(1 for grade in relevant.values() if grade > 0)
    chunks: Sequence[Mapping[str, str]] = output["chunks"]
    quote: str | None = label.get("quote")
    return {
        "ndcg@10": ndcg(docs, relevant),
        "recall@10": sum(1 for place in hits if place < CUTOFF) / wanted if wanted else 0.0,
        "recall@100": sum(1 for place in hits if place < DEPTH) / wanted if wanted else 0.0,
        "mrr": 1 / (hits[0] + 1) if hits else 0.0,
        "p@5_packed": sum(1 for chunk in chunks[:PACKED] if _answers(chunk, relevant, quote)) / PACKED,
        "p@5_documents": sum(1 for place in hits if place < PACKED) / PACKED,
        "p@5_documents_attainable": min(wanted, PACKED) / PACKED,
        "answer_in_context": float(holds(output["context"], quote)) if quote else math.nan,
        "context_tokens": float(output["context_tokens"]),
        "untransformed": float(output.get("untransformed", 0.0)),
    }


def _answers(chunk: Mapping[str, str], relevant: Mapping[str, float], quote: str | None) -> bool:
    """Whether a chunk comes from a relevant document, or holds the quoted answer wherever it comes from."""
    return relevant.get(chunk["doc"], 0) > 0 or (quote is not None and holds(chunk["text"], quote))


@lru_cache(maxsize=4096)
def holds(text: str, quote: str) -> bool:
    """Whether ``text`` contains ``quote``, whatever their white space and case. Kept: resampling asks again."""
    return plain(quote) in plain(text)


def plain(text: str) -> str:
    """Return ``text`` in folded case with single spaces."""
    return " ".join(text.split()).casefold()


def _mapping(value: Json) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value)
