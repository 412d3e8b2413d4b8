"""Scores of decisions, over any multiset of rows.

An output is ``{"label": 0 | 1, "score": float}``; a label is ``{"y": 0 | 1, "groups": {attribute: group}, "compared":
[attributes whose group is large enough, "&" among them for the intersection], "criterion": name}``.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nonet.blueprints.responsible_ai_audit.metrics import METRICS
from nonet.state import Json

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
INTERSECTION = "&"
NAMES = tuple(metric.name for metric in METRICS if metric.source == "score")
_KEPT = 40_000
_RATES = {
    "demographic_parity": ("selection_rate",),
    "equal_opportunity": ("true_positive_rate",),
    "equalized_odds": ("true_positive_rate", "false_positive_rate"),
    "predictive_parity": ("precision",),
    "calibration": ("over_score",),
}


@dataclass(frozen=True)
class Coded:
    """Outputs and labels as arrays of shape (rows,).

    Attributes:
        groups: attribute (or ``INTERSECTION``) → group numbers, −1 where the group is too small to be compared.
        digest: names the content.
    """

    y: Ints
    decided: Ints
    score: Floats
    groups: Mapping[str, Ints]
    criterion: str
    digest: bytes


def score(outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
    """Compute every scored metric over the positions in ``index``, repeats counted; NaN where one is undefined."""
    if len(index) == 1:
        return _single(cast("Mapping[str, Any]", outputs[index[0]]), cast("Mapping[str, Any]", labels[index[0]]))
    coded = _coded(outputs, labels)
    places = np.asarray(index, dtype=np.int64)
    key = hashlib.blake2b(places.tobytes(), key=coded.digest, digest_size=16).digest()
    if key not in _scored:
        _scored[key] = _all(coded, places)
        while len(_scored) > _KEPT:
            _scored.popitem(last=False)
    return dict(_scored[key])


_scored: OrderedDict[bytes, dict[str, float]] = OrderedDict()
"""Resamples are shared by all metrics, each of which asks for them by itself."""
_last: list[tuple[Sequence[Json], Sequence[Json], Coded]] = []


def _single(output: Mapping[str, Any], label: Mapping[str, Any]) -> dict[str, float]:
    values = dict.fromkeys(NAMES, math.nan)
    values["accuracy"] = float(output["label"] == label["y"])
    values["selection_rate"] = float(output["label"])
    return values


def _coded(outputs: Sequence[Json], labels: Sequence[Json]) -> Coded:
    """Code the rows once for all resamples of one call; the lists are kept, so that no other takes their place."""
    if _last and _last[0][0] is outputs and _last[0][1] is labels:
        return _last[0][2]
    coded = code(outputs, labels)
    _last[:] = [(outputs, labels, coded)]
    return coded


def code(outputs: Sequence[Json], labels: Sequence[Json]) -> Coded:
    """Turn outputs and labels into arrays."""
    given = cast("Sequence[Mapping[str, Any]]", outputs)
    truth = cast("Sequence[Mapping[str, Any]]", labels)
    y = np.asarray([row["y"] for row in truth], dtype=np.int64)
    decided = np.asarray([row["label"] for row in given], dtype=np.int64)
    if not set(np.unique(decided).tolist()) <= {0, 1}:
        raise ValueError("a decision is neither 0 nor 1")
    scores = np.asarray([row["score"] for row in given], dtype=np.float64)
    names = [*truth[0]["groups"], INTERSECTION]
    groups = {name: _numbered(truth, name) for name in names}
    digest = hashlib.blake2b(digest_size=32)
    for array in (y, decided, scores, *groups.values()):
        digest.update(array.tobytes())
    criterion = str(truth[0]["criterion"])
    digest.update(criterion.encode())
    return Coded(y, decided, scores, groups, criterion, digest.digest())


def _numbered(labels: Sequence[Mapping[str, Any]], name: str) -> Ints:
    numbers: dict[str, int] = {}
    found: list[int] = []
    for row in labels:
        if name not in row["compared"]:
            found.append(-1)
            continue
        group = " & ".join(row["groups"].values()) if name == INTERSECTION else row["groups"][name]
        found.append(numbers.setdefault(group, len(numbers)))
    return np.asarray(found, dtype=np.int64)


def _all(coded: Coded, places: Ints) -> dict[str, float]:
    y, d, s = coded.y[places], coded.decided[places], coded.score[places]
    groups = {name: numbers[places] for name, numbers in coded.groups.items()}
    rates = {name: group_rates(y, d, s, numbers) for name, numbers in groups.items()}
    single = {name: each for name, each in rates.items() if name != INTERSECTION}
    gaps = {criterion: _widest([gap(each, criterion) for each in single.values()]) for criterion in _RATES}
    hits, selected, ones, n = int((y & d).sum()), int(d.sum()), int(y.sum()), len(y)
    base = ones / n
    specificity = 1 - (selected - hits) / (n - ones) if n > ones else math.nan
    recall = hits / ones if ones else math.nan
    return {
        "accuracy": float((y == d).mean()),
        "criterion_gap": gaps[coded.criterion],
        **{f"{criterion}_gap": value for criterion, value in gaps.items()},
        "intersection_gap": gap(rates[INTERSECTION], coded.criterion),
        "balanced_accuracy": (recall + specificity) / 2,
        "precision": hits / selected if selected else math.nan,
        "recall": recall,
        "f1": 2 * hits / (selected + ones) if selected + ones else math.nan,
        "roc_auc": auc(y, s),
        "selection_rate": selected / n,
        "accuracy_most_frequent": max(base, 1 - base),
        "f1_random": base,
    }


def whole(coded: Coded) -> dict[str, float]:
    """Return every scored metric over all rows, each once."""
    return _all(coded, np.arange(len(coded.y)))


def group_rates(y: Ints, d: Ints, s: Floats, groups: Ints) -> dict[str, Floats]:
    """Return rate → one value per group, NaN where it is undefined; rows of group −1 are left out."""
    kept = groups >= 0
    y, d, s, groups = y[kept], d[kept], s[kept], groups[kept]
    if not len(groups):
        return {name: np.empty(0) for rates in _RATES.values() for name in rates}

    def count(values: NDArray[Any]) -> Floats:
        return np.bincount(groups, weights=values.astype(np.float64)).astype(np.float64)

    n, ones, selected, hits = count(np.ones_like(y)), count(y), count(d), count(y & d)
    probable = bool(s.min() >= 0 and s.max() <= 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "selection_rate": selected / n,
            "true_positive_rate": hits / ones,
            "false_positive_rate": (selected - hits) / (n - ones),
            "precision": hits / selected,
            "over_score": (ones - count(s)) / n if probable else np.full(len(n), np.nan),
        }


def gap(rates: Mapping[str, Floats], criterion: str) -> float:
    """Return the largest difference between two groups under a criterion; NaN where fewer than two have the rate."""
    return _widest([_range(rates[name]) for name in _RATES[criterion]])


def _range(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.max() - known.min()) if len(known) > 1 else math.nan


def _widest(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return max(known) if known else math.nan


def auc(y: Ints, s: Floats) -> float:
    """Return the area under the ROC curve by mid-ranks (Mann–Whitney); NaN with one label only."""
    ones = int(y.sum())
    if not 0 < ones < len(y):
        return math.nan
    _, inverse, counts = np.unique(s, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranks = middle[inverse]
    return float((ranks[y == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(y) - ones)))
