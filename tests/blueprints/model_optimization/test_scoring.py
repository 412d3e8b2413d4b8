"""Fidelity: what counts as lost, by kind of output, and what resampling makes of it."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints.model_optimization import scoring

NUMBERS = st.lists(st.floats(-100, 100, width=32), min_size=2, max_size=6)


def written(values: list[float] | None, decision: Any = None) -> dict[str, Any]:
    text = None if values is None else base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()
    return {"values": text, "decision": decision}


def label(
    values: list[float] | None, kind: str, decision: Any = None, y: Any = None, scale: float = 1.0
) -> dict[str, Any]:
    return {**written(values, decision), "kind": kind, "scale": scale, "y": y}


@given(NUMBERS)
def test_the_original_loses_nothing(values: list[float]):
    for kind in ("vector", "decision", "number"):
        one = values[:1] if kind == "number" else values
        found = scoring.one(written(one, 1), label(one, kind, 1))
        assert found["fidelity"] == pytest.approx(1.0)
        assert found["loss"] == pytest.approx(0.0)
        assert found["largest_difference"] == 0


@given(NUMBERS, st.floats(0.1, 10))
def test_a_vector_that_is_only_longer_is_as_faithful(values: list[float], factor: float):
    if not any(abs(value) > 1e-3 for value in values):
        return
    found = scoring.one(written([factor * value for value in values]), label(values, "vector"))
    assert found["fidelity"] == pytest.approx(1.0, abs=1e-5)


def test_labels_make_fidelity_the_accuracy_that_is_lost():
    truth = ["a", "a", "b", "b"]
    original = ["a", "a", "b", "a"]
    candidate = ["a", "b", "b", "b"]
    outputs = [written(None, each) for each in candidate]
    labels = [label(None, "decision", mine, y) for mine, y in zip(original, truth, strict=True)]
    found = scoring.score(outputs, labels, range(4))
    assert found["accuracy"] == 0.75
    assert found["fidelity"] == pytest.approx(1.0)  # one lost, one won
    assert found["agreement"] == 0.5
    assert scoring.score(outputs, labels, [1, 1])["fidelity"] == 0.0


def test_without_labels_a_decision_is_held_against_the_originals():
    outputs = [written([1.0, 2.0], 1), written([3.0, 2.0], 0)]
    labels = [label([1.0, 2.0], "decision", 1), label([1.0, 2.0], "decision", 1)]
    found = scoring.score(outputs, labels, [0, 1])
    assert found["fidelity"] == found["agreement"] == 0.5
    assert math.isnan(found["accuracy"])


def test_a_number_is_measured_in_the_deviation_of_the_originals():
    rows = [written([value]) for value in (0.0, 2.0, 4.0)]
    scale = scoring.scale("number", rows, [None] * 3)
    assert scale == pytest.approx(4 / 3)
    found = scoring.one(written([1.0]), label([0.0], "number", scale=scale))
    assert found["fidelity"] == pytest.approx(1 - 3 / 4)


def test_an_output_of_another_width_cannot_be_scored():
    with pytest.raises(ValueError, match="3 numbers"):
        scoring.one(written([1.0, 2.0, 3.0]), label([1.0, 2.0], "vector"))


def test_the_largest_difference_is_the_largest_of_all_examples():
    outputs = [written([0.0, 1.0]), written([5.0, 1.0])]
    labels = [label([0.0, 1.0], "vector"), label([2.0, 1.0], "vector")]
    assert scoring.score(outputs, labels, [0, 1])["largest_difference"] == 3.0
