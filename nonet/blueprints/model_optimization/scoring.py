"""Scores: a candidate's outputs against the original's and, where there are any, the labels.

An output is ``{"values": base64 of float32 or null, "decision": label or null}``; a label holds the original's,
``kind``, ``scale`` (what a difference of numbers is measured in) and ``y``.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nonet.state import Json

Floats = NDArray[np.float64]
_COLUMNS = ("fidelity", "loss", "agreement", "cosine", "largest_difference", "accuracy", "mean_absolute_error")
_last: list[tuple[Sequence[Json], Sequence[Json], dict[str, Floats]]] = []
"""The columns of the last lists that were scored: resampling asks for the same ones hundreds of times."""


def score(outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
    """Compute every scored metric over a multiset of positions; NaN where nothing tells."""
    if len(index) == 1:
        return one(_mapping(outputs[index[0]]), _mapping(labels[index[0]]))
    columns = _columns(outputs, labels)
    places = np.asarray(index, dtype=np.int64)
    found = {name: float(columns[name][places].mean()) for name in _COLUMNS}
    return {**found, "largest_difference": float(columns["largest_difference"][places].max())}


def _columns(outputs: Sequence[Json], labels: Sequence[Json]) -> dict[str, Floats]:
    if _last and _last[0][0] is outputs and all(a is b for a, b in zip(_last[0][1], labels, strict=True)):
        return _last[0][2]
    rows = [one(_mapping(a), _mapping(b)) for a, b in zip(outputs, labels, strict=True)]
    columns = {name: np.array([row[name] for row in rows]) for name in _COLUMNS}
    _last[:] = [(outputs, labels, columns)]
    return columns


def one(output: Mapping[str, Any], label: Mapping[str, Any]) -> dict[str, float]:
    """Score one example."""
    kind, y = str(label["kind"]), label["y"]
    mine, reference = decoded(output["values"]), decoded(label["values"])
    same = float(output["decision"] == label["decision"])
    scores = dict.fromkeys(_COLUMNS, math.nan)
    if reference is not None:
        if mine is None or mine.shape != reference.shape:
            raise ValueError(
                f"an output holds {0 if mine is None else mine.size} numbers, the original's {reference.size}"
            )
        scores["cosine"] = cosine(mine, reference)
        scores["largest_difference"] = float(np.abs(mine - reference).max())
    if kind == "decision":
        scores["agreement"] = same
        scores["fidelity"] = same
        if y is not None:
            scores["accuracy"] = float(output["decision"] == y)
            scores["fidelity"] = 1.0 + scores["accuracy"] - float(label["decision"] == y)
    elif kind == "number" and mine is not None and reference is not None:
        scores["fidelity"] = 1.0 - min(1.0, abs(float(mine[0] - reference[0])) / label["scale"])
        if y is not None:
            scores["mean_absolute_error"] = abs(float(mine[0]) - y)
            lost = scores["mean_absolute_error"] - abs(float(reference[0]) - y)
            scores["fidelity"] = 1.0 - lost / label["scale"]
    else:
        scores["fidelity"] = scores["cosine"]
    return {**scores, "loss": 1.0 - scores["fidelity"]}


def cosine(a: Floats, b: Floats) -> float:
    """Return the cosine of two vectors; 1 where both are zero, 0 where one is."""
    norms = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if 0.0 in norms:
        return float(norms[0] == norms[1])
    # Rounded beyond float32's own digits, so that equal vectors lose nothing.
    return round(float(a @ b) / (norms[0] * norms[1]), 9)


def decoded(text: Any) -> Floats | None:
    """Read what the worker wrote: base64 of little-endian float32."""
    if text is None:
        return None
    return np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float64)


def scale(kind: str, rows: Sequence[Mapping[str, Any]], labels: Sequence[Any]) -> float:
    """Return what differences of numbers are measured in: the mean deviation of the labels, or of the original's."""
    if kind != "number":
        return 1.0
    given = (
        labels
        if labels[0] is not None
        else [values[0] for row in rows if (values := decoded(row["values"])) is not None]
    )
    numbers = np.asarray(given, dtype=np.float64)
    deviation = float(np.abs(numbers - numbers.mean()).mean())
    return deviation or max(1.0, abs(float(numbers.mean())))


def _mapping(value: Json) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value)
