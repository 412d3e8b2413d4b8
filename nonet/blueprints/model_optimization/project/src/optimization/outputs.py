"""Which of a model's outputs is compared, what it means, and how one example's is written down."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization.examples import Arrays
from optimization.models import ModelError

KINDS = ("decision", "vector", "number")
LARGEST = 8192
"""Numbers of one example that are written down; of more, so many evenly spaced ones."""
_SCORES = ("logit", "prob", "score", "class", "label")
_MOST_CLASSES = 20_000


@dataclass(frozen=True)
class Main:
    """The output that is compared.

    Attributes:
        name: of the numbers; "" where the model gives labels alone.
        label: of the output that is the decision itself; "" where the decision is the largest number.
        kind: "decision" (one of several classes), "vector" (an embedding) or "number" (a quantity).
    """

    name: str
    label: str
    kind: str


def main_of(outputs: Arrays, asked: str = "auto", labels: NDArray[Any] | None = None) -> Main:
    """Choose the output to compare from what the model gave on some examples.

    Args:
        outputs: by name.
        asked: a kind, or "auto": scores of several classes, by their name or by the labels given, are a decision; one
            number is a quantity; all else is a vector.
        labels: one per example, where there are any.

    Raises:
        ModelError: no output holds numbers, or the kind does not fit the output.
    """
    reals = {name: each for name, each in outputs.items() if each.dtype.kind == "f" and each.ndim >= 1}
    whole = {name: each for name, each in outputs.items() if each.dtype.kind in "iuUSO" and each.ndim <= 2}
    label = next((name for name in whole if "label" in name.lower() or "class" in name.lower()), "")
    label = label or ("" if reals else next(iter(whole), ""))
    if not reals and not label:
        raise ModelError("the model gives neither numbers nor labels; give one whose output is an array")
    name = next(iter(reals), "")
    kind = _kind(outputs, name, label, labels) if asked == "auto" else asked
    if kind != "decision" and not name:
        raise ModelError(f"the model gives labels alone, which are no {kind}; leave --output-kind out")
    if kind == "number" and outputs[name].size != len(outputs[name]):
        raise ModelError(f"the output {name!r} holds several numbers an example; it is a vector or a decision")
    return Main(name, label if kind == "decision" else "", kind)


def _kind(outputs: Arrays, name: str, label: str, labels: NDArray[Any] | None) -> str:
    if label:
        return "decision"
    width = outputs[name].size // max(1, len(outputs[name]))
    if width == 1:
        return "number"
    if outputs[name].ndim == 2 and width <= _MOST_CLASSES:
        by_name = any(word in name.lower() for word in _SCORES)
        by_label = labels is not None and labels.dtype.kind in "iub" and labels.min() >= 0 and labels.max() < width
        if by_name or by_label:
            return "decision"
    return "vector"


def written(outputs: Mapping[str, NDArray[Any]], main: Main) -> dict[str, Any]:
    """Write one example's output: ``values`` (float32, base64) and ``decision``, ``None`` where there is none.

    Raises:
        ModelError: a number is NaN or infinite.
    """
    values = np.asarray(outputs[main.name], dtype=np.float32).reshape(-1) if main.name else None
    if values is not None and not np.isfinite(values).all():
        raise ModelError(
            f"the output {main.name!r} holds NaN or infinity; this precision cannot hold the model's numbers"
        )
    decision = None
    if main.label:
        decision = np.asarray(outputs[main.label]).reshape(-1)[0]
        decision = decision.item() if hasattr(decision, "item") else str(decision)
    elif main.kind == "decision" and values is not None:
        decision = int(values.argmax())
    return {"values": None if values is None else encoded(values), "decision": decision}


def encoded(values: NDArray[Any]) -> str:
    """Write numbers as base64 of little-endian float32; of more than ``LARGEST``, evenly spaced ones."""
    if values.size > LARGEST:
        values = values[np.linspace(0, values.size - 1, LARGEST).astype(np.int64)]
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
