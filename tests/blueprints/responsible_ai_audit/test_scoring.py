"""Gaps and rates: against sums by hand, under resampling, and where they are undefined."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints.responsible_ai_audit import scoring
from nonet.blueprints.responsible_ai_audit.metrics import METRICS

ROW = st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("ab"), st.floats(0, 1))


def coded(rows: list[tuple[int, int, str, float]], criterion: str = "equalized_odds") -> tuple[list[Any], list[Any]]:
    outputs = [{"label": d, "score": s} for _, d, _, s in rows]
    labels = [{"y": y, "groups": {"g": g}, "compared": ["g", "&"], "criterion": criterion} for y, _, g, _ in rows]
    return outputs, labels


@given(st.lists(ROW, min_size=2, max_size=40))
def test_gaps_are_differences_of_rates_counted_by_hand(rows: list[tuple[int, int, str, float]]):
    outputs, labels = coded(rows)
    found = scoring.score(outputs, labels, range(len(rows)))

    def share(group: str, of: str, where: int | None) -> float | None:
        picked = [(y, d) for y, d, g, _ in rows if g == group and (where is None or (y if of == "d" else d) == where)]
        return sum(d if of == "d" else y for y, d in picked) / len(picked) if picked else None

    def gap(of: str, where: int | None) -> float:
        left, right = share("a", of, where), share("b", of, where)
        return math.nan if left is None or right is None else abs(left - right)

    odds = [value for value in (gap("d", 1), gap("d", 0)) if not math.isnan(value)]
    for name, wanted in (
        ("demographic_parity_gap", gap("d", None)),
        ("equal_opportunity_gap", gap("d", 1)),
        ("equalized_odds_gap", max(odds) if odds else math.nan),
        ("predictive_parity_gap", gap("y", 1)),
    ):
        assert found[name] == pytest.approx(wanted, nan_ok=True), name
    assert found["criterion_gap"] == pytest.approx(found["equalized_odds_gap"], nan_ok=True)
    assert found["intersection_gap"] == pytest.approx(found["criterion_gap"], nan_ok=True)


@given(st.lists(ROW, min_size=2, max_size=20), st.data())
def test_a_multiset_scores_as_its_rows_written_out(rows: list[tuple[int, int, str, float]], data: st.DataObject):
    index = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=30))
    resampled = scoring.score(*coded(rows), index)
    written = scoring.score(*coded([rows[place] for place in index]), range(len(index)))
    assert resampled == pytest.approx(written, nan_ok=True)


@given(st.lists(ROW, min_size=2, max_size=30))
def test_means_are_means_of_single_rows(rows: list[tuple[int, int, str, float]]):
    outputs, labels = coded(rows)
    whole = scoring.score(outputs, labels, range(len(rows)))
    singles = [scoring.score(outputs, labels, [place]) for place in range(len(rows))]
    for metric in METRICS:
        if metric.source == "score" and metric.mean:
            assert whole[metric.name] == pytest.approx(sum(each[metric.name] for each in singles) / len(rows))


def test_small_groups_are_not_compared():
    outputs, labels = coded([(1, 1, "a", 0.9), (1, 1, "a", 0.8), (1, 0, "b", 0.1), (0, 0, "a", 0.2)])
    labels[2]["compared"] = []
    assert math.isnan(scoring.score(outputs, labels, range(4))["demographic_parity_gap"])


def test_scores_that_are_no_probabilities_have_no_calibration():
    outputs, labels = coded([(1, 1, "a", 7.0), (0, 0, "b", 2.0)])
    found = scoring.score(outputs, labels, range(2))
    assert math.isnan(found["calibration_gap"])
    assert found["roc_auc"] == 1.0


def test_changed_decisions_are_scored_anew():
    rows = [(1, 1, "a", 0.9), (0, 0, "b", 0.1)]
    first = scoring.score(*coded(rows), [0, 1])
    assert scoring.score(*coded([(1, 0, "a", 0.9), (0, 0, "b", 0.1)]), [0, 1])["accuracy"] == first["accuracy"] - 0.5
