"""Scores: what was found against the exact neighbours and, where they are known, the relevant texts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from nonet.blueprints.vector_database.exact import K
from nonet.blueprints.vector_database.metrics import FILTERED, SELECTIVITIES, filtered
from nonet.state import Json


def score(outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
    """Compute every scored metric over a multiset of positions; NaN where nothing tells."""
    rows = [_one(_mapping(outputs[i]), _mapping(labels[i])) for i in index]
    found = {name: _mean([row[name] for row in rows if name in row]) for name in _NAMES}
    measured = [found[name] for name in map(filtered, SELECTIVITIES) if not math.isnan(found[name])]
    return {**found, FILTERED: min(measured, default=math.nan)}


_NAMES = ("quality@10", "recall@10", "recall@1", "ndcg@10", *map(filtered, SELECTIVITIES))


def _one(output: Mapping[str, Any], label: Mapping[str, Any]) -> dict[str, float]:
    exact = label["exact"][output["embedding"]]
    found: Sequence[str] = output["by_vectors"]
    scores = {"recall@10": recall(found, exact), "recall@1": float(bool(found) and found[0] in exact["first"])}
    for rows, truth, percent in zip(
        output["filtered"], label["filtered"].get(output["embedding"], []), label["percents"], strict=True
    ):
        scores[filtered(int(percent))] = recall(rows, truth)
    if label["relevant"]:
        scores["ndcg@10"] = ndcg(output["ids"], label["relevant"])
    scores["quality@10"] = scores.get("ndcg@10", scores["recall@10"])
    return scores


def recall(found: Sequence[str], exact: Mapping[str, Sequence[str]]) -> float:
    """Return the share of the exact neighbours among the first found; one as near as the last counts in its place."""
    if not exact["near"]:
        return 1.0
    right = {*exact["near"], *exact["tied"]}
    return min(1.0, len(right & set(found[:K])) / len(exact["near"]))


def ndcg(found: Sequence[str], relevant: Mapping[str, float]) -> float:
    """Return normalised discounted cumulative gain at ten, linear gains (Järvelin & Kekäläinen 2002)."""
    gained = sum(relevant.get(name, 0.0) / math.log2(place + 2) for place, name in enumerate(found[:K]))
    best = sum(grade / math.log2(place + 2) for place, grade in enumerate(sorted(relevant.values(), reverse=True)[:K]))
    return gained / best


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def _mapping(value: Json) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value)
