"""Every design fits, survives saving, decides batches as single rows do, and does what it is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fairness import mitigation, parts, rates, table
from fairness.design import Design, parse
from fairness.errors import FairnessError
from fairness.models import PrivateLogistic
from fairness.parts import Parts

DESIGNS = [
    {"model": "logistic"},
    {"model": "boosting"},
    {"model": "private_logistic", "epsilon": 4.0},
    {"sees_attributes": False},
    *({"mitigation": name} for name in ("reweighing", "correlation_removal", "group_calibration", "grid_search")),
    {"mitigation": "threshold_optimizer", "constraint": "demographic_parity"},
    {"mitigation": "exponentiated_gradient", "constraint": "demographic_parity"},
]


def gap(of: Parts, rows: list, criterion: str) -> float:
    found = parts.decide(of, rows)
    measured = rates.by_group(
        [row["y"] for row in rows],
        [each["label"] for each in found],
        [each["score"] for each in found],
        [row["groups"]["sex"] for row in rows],
    )
    value = rates.gap(measured, criterion)
    assert value is not None
    return value


@pytest.mark.parametrize("design", DESIGNS, ids=lambda each: "-".join(map(str, each.values())))
def test_a_saved_design_decides_the_same_row_by_row(
    design: dict, fitted: Callable[..., Parts], parsed: table.Table, tmp_path: Path
):
    rows = parsed.rows[1500:1540]
    whole = parts.decide(fitted(**design), rows)
    fitted(**design).save(tmp_path)
    loaded = Parts.load(tmp_path)
    singly = [parts.decide(loaded, [row])[0] for row in rows]
    assert [each["label"] for each in singly] == [each["label"] for each in whole]
    assert [each["score"] for each in singly] == [each["score"] for each in whole]
    assert {each["label"] for each in whole} == {0, 1}


@pytest.mark.parametrize("name", ["threshold_optimizer", "exponentiated_gradient"])
def test_a_constrained_design_narrows_the_gap_it_was_fitted_for(
    name: str, fitted: Callable[..., Parts], parsed: table.Table
):
    rows = parsed.rows[1500:]
    before = gap(fitted(model="logistic"), rows, "demographic_parity")
    after = gap(fitted(mitigation=name, constraint="demographic_parity"), rows, "demographic_parity")
    assert after < before / 2


def test_unseen_attributes_are_no_columns_of_the_model(fitted: Callable[..., Parts]):
    assert "sex" not in fitted(sees_attributes=False).columns
    assert "sex" in fitted(model="logistic").columns


def test_removed_columns_have_no_linear_trace_of_the_group(fitted: Callable[..., Parts], parsed: table.Table):
    rows = parsed.rows[:1500]
    X = fitted(mitigation="correlation_removal").matrix(rows)
    woman = np.asarray([row["groups"]["sex"] == "f" for row in rows], dtype=float)
    traces = [abs(np.corrcoef(column, woman)[0, 1]) for column in X.T if column.std() > 1e-9]
    assert max(traces, default=0.0) < 1e-6


def test_weights_make_group_and_label_independent(parsed: table.Table):
    y = np.asarray([row["y"] for row in parsed.rows])
    sex = np.asarray([row["groups"]["sex"] for row in parsed.rows])
    weights = mitigation.reweighing(sex.tolist(), y)
    shares = [weights[(sex == each) & (y == 1)].sum() / weights[sex == each].sum() for each in ("f", "m")]
    assert shares[0] == pytest.approx(shares[1], abs=1e-12)
    assert weights.sum() == pytest.approx(len(y))


def test_privacy_costs_more_the_smaller_epsilon(parsed: table.Table):
    random = np.random.default_rng(1)
    X = random.normal(size=(2000, 4))
    y = (X[:, 0] + 0.2 * random.normal(size=2000) > 0).astype(int)

    def distance(epsilon: float) -> float:
        plain = PrivateLogistic(1e12).fit(X, y).coef_
        return float(
            np.mean([np.linalg.norm(PrivateLogistic(epsilon).fit(X[k:], y[k:]).coef_ - plain) for k in range(8)])
        )

    assert distance(0.1) > 5 * distance(10.0)


def test_an_unknown_field_or_value_of_a_design_is_refused():
    with pytest.raises(FairnessError, match="unknown field 'colour'"):
        parse({"colour": "red"})
    with pytest.raises(FairnessError, match="'magic' is none of"):
        parse({"mitigation": "magic"})
    assert parse({}) == Design()
