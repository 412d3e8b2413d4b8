"""Tables: what is read, what is refused in one line, and how values become groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import COLUMNS, people

from fairness import bias, leakage, rates, table, telling
from fairness.errors import FairnessError
from fairness.groups import grouping, merged, trained
from fairness.table import Columns


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (Columns("granted", ["sex"]), "no column 'granted'"),
        (Columns("approved", ["race"]), "no column 'race'"),
        (Columns("district", ["sex"]), "--positive"),
        (Columns("approved", ["sex"], positive="maybe"), "never is 'maybe'"),
        (Columns("approved", ["sex"], predictions="district"), "neither numbers nor yes/no"),
    ],
)
def test_a_column_that_will_not_do_is_one_line(columns: Columns, said: str):
    with pytest.raises(FairnessError, match=said) as caught:
        table.parse(people(60), columns)
    assert "\n" not in str(caught.value)


def test_an_attribute_of_one_value_and_a_label_of_one_value_are_refused():
    frame = people(60)
    with pytest.raises(FairnessError, match="one value only"):
        table.parse(frame.assign(sex="f"), COLUMNS)
    with pytest.raises(FairnessError, match="one value only"):
        table.parse(frame.assign(approved=1), COLUMNS)


def test_rows_without_label_or_group_are_named():
    frame = people(60).astype({"approved": object, "sex": object})
    frame.loc[3, "approved"] = None
    frame.loc[5, "sex"] = None
    found = table.parse(frame, COLUMNS)
    assert found.skipped == [("row 4", "no approved"), ("row 6", "no sex")]
    assert len(found.rows) == 58


def test_columns_that_name_rows_or_say_nothing_are_learned_from_by_no_model():
    frame = people(60).assign(id=range(60), name=[f"n{k}" for k in range(60)], country="x", amount=range(0, 6000, 100))
    frame.loc[0, "amount"] = 100
    found = table.parse(frame, COLUMNS)
    assert {"id", "name", "country", "approved"} == set(found.dropped)
    assert "amount" in found.features


def test_numbers_become_bands_that_hold_their_lower_edge():
    ages = grouping("age", pd.Series(range(20, 80)))
    assert ages.of(20) == "below 34.75"
    assert ages.of(ages.edges[0]).startswith("34.75 to")
    assert ages.of(79) == "64.25 and above"
    assert ages.of(None) is None
    assert grouping("flag", pd.Series([0.0, 1.0])).of(1.0) == "1"


def test_small_groups_train_together():
    names = ["a"] * 100 + ["b"] * 100 + ["c"] * 6 + ["d"] * 6
    labels = [0, 1] * 106
    assert merged(names, labels, 5)["c"] == merged(names, labels, 5)["d"] == "(small groups)"
    assert merged(names, labels, 20)["c"] in ("a", "b")


def test_where_intersections_are_too_small_fewer_attributes_are_trained_for():
    people = [{"town": town, "sex": sex} for town in "abcdef" for sex in "fm" for _ in range(8)]
    labels = [0, 1] * (len(people) // 2)
    assert len(set(trained(people, labels, 4).values())) == 12
    coarser = trained(people, labels, 8)
    assert coarser["sex=f & town=a"] == coarser["sex=m & town=a"] != coarser["sex=f & town=b"]
    by_sex = trained(people, labels, 20)
    assert by_sex["sex=f & town=a"] == by_sex["sex=f & town=f"] != by_sex["sex=m & town=a"]
    assert len(set(trained(people, labels, 60).values())) == 1


def test_rates_by_hand():
    found = rates.by_group([1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1, 0], [0.9, 0.4, 0.6, 0.1, 0.8, 0.2], list("aaaabb"))
    assert found["a"]["true_positive_rate"]["value"] == 0.5
    assert found["a"]["false_positive_rate"]["value"] == 0.5
    assert found["b"]["true_positive_rate"]["value"] == 1.0
    assert rates.gap(found, "equalized_odds") == 0.5
    assert rates.gap({"a": found["a"]}, "equalized_odds") is None
    assert rates.rate(0, 0) is None


def test_a_proxy_and_a_hint_are_found_and_quasi_identifiers_counted():
    found = bias.audit(table.parse(people(900), COLUMNS).rows, ["income", "district", "sex"], ["sex"])
    proxies = found["proxies"]["sex"]
    assert proxies["columns"]["district"]["low"] > 0.7
    assert proxies["columns"]["income"]["low"] < 0.5 < proxies["auc"]["low"]
    hints = found["label_hints"]["sex"]
    assert hints["f"]["unexplained"] < 0 < hints["m"]["unexplained"]
    assert found["privacy"]["combinations"][0]["groups"] >= 2


def test_columns_that_were_filled_in_after_the_outcome_are_suspected_and_others_are_not():
    frame = people(900)
    random = np.random.default_rng(3)
    back = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 300, 900), unit="D")
    later = back + pd.to_timedelta(random.integers(40, 90, 900) * (frame["approved"] == 1) - 20, unit="D")
    frame = frame.assign(
        applied=back.astype(str),
        paid_out=[str(day) if yes else None for day, yes in zip(later, frame["approved"], strict=True)],
        closed=later.astype(str),
        status=["open" if yes else "shut" for yes in frame["approved"]],
    )
    found = table.parse(frame, COLUMNS)
    said = leakage.suspects(found.rows, found.features)
    assert {"paid_out", "status", "closed"} <= set(said)
    assert not {"income", "district", "sex", "applied"} & set(said)


def test_a_column_of_noise_tells_nothing_and_a_peak_in_the_middle_is_seen():
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 3000)
    assert telling.told([str(value) for value in random.integers(0, 900, 3000)], y) < 0.55
    peaked = np.where(y == 1, random.normal(0, 0.3, 3000), random.normal(0, 3, 3000))
    assert telling.told(peaked.tolist(), y) > 0.8


def test_an_auc_and_its_interval_by_hand():
    assert telling.auc(np.array([1, 0, 1, 0]), np.array([0.9, 0.1, 0.5, 0.5])) == 0.875
    low, high = telling.bounds(0.8, 50, 50)
    assert (low, high) == pytest.approx((0.7124, 0.8876), abs=1e-3)
