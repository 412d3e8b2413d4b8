"""The check for continuous integration, monitoring and explanations; and what ships, where it has been fitted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import PROJECT, people

from fairness import cli, explanation, monitoring, parts, table
from fairness.checking import check
from fairness.errors import FairnessError
from fairness.parts import Parts
from fairness.shipped import Shipped


def decided(labels: list[int]) -> list[dict]:
    return [{"label": label, "score": float(label)} for label in labels]


def test_the_check_breaks_on_a_shown_gap_and_holds_without_one(parsed: table.Table):
    rows = parsed.rows
    unfair = decided([int(row["groups"]["sex"] == "m") for row in rows])
    assert check(rows, unfair, "demographic_parity", 0.1, draws=200)["verdict"] == "broken"
    even = decided([int(place % 2 == 0) for place in range(len(rows))])
    assert check(rows, even, "demographic_parity", 0.3, draws=200)["verdict"] == "held"
    assert check(rows, even, "demographic_parity", 0.001, draws=200)["verdict"] != "held"


def test_the_check_needs_outcomes_and_groups_that_are_large_enough(parsed: table.Table):
    with pytest.raises(FairnessError, match="no outcome"):
        check([{**row, "y": None} for row in parsed.rows], decided([1] * 2400), "equalized_odds", 0.1)
    with pytest.raises(FairnessError, match="bring more rows"):
        check(parsed.rows[:20], decided([1] * 20), "equalized_odds", 0.1)


def test_a_shift_is_seen_and_its_absence_too(parsed: table.Table):
    reference = monitoring.profile(parsed.rows[:1200], parsed.features)
    assert max(monitoring.moved(reference, parsed.rows[1200:]).values()) < monitoring.MOVED
    moved = [{**row, "x": {**row["x"], "income": row["x"]["income"] + 2}} for row in parsed.rows[1200:]]
    found = monitoring.report(reference, moved, decided([1] * len(moved)))
    assert found["large_shifts"] == ["income"]


def test_a_handful_of_people_makes_no_gap(parsed: table.Table):
    rows = [
        {**row, "groups": {"sex": "x" if place < 5 else row["groups"]["sex"]}} for place, row in enumerate(parsed.rows)
    ]
    labels = decided([int(place < 5 or place % 2 == 0) for place in range(len(rows))])
    found = monitoring.report(monitoring.profile(rows, parsed.features), rows, labels)["attributes"]["sex"]
    assert found["too_small"] == ["x"]
    assert found["gap"] < 0.1
    assert found["selection_rate"]["x"]["value"] == 1.0


def test_explanations_find_what_decides(parsed: table.Table, fitted: Callable[..., Parts]):
    model, reference = fitted(model="logistic"), monitoring.profile(parsed.rows, parsed.features)
    drawn = explanation.people(reference, parsed.groupings, 20, 3)
    found = explanation.shapley(model, drawn[:6], drawn[6:])
    assert next(iter(found["columns"])) == "income"
    assert found["residual"] < 1e-9
    local = explanation.surrogate(model, {**drawn[0], "x": {**drawn[0]["x"], "income": 6.0}}, drawn[6:])
    assert next(iter(local["columns"])) == "income"
    assert local["fidelity"] > 0.5


@pytest.mark.skipif(not (PROJECT / "settings.json").is_file(), reason="not fitted yet")
def test_what_ships_decides_people_drawn_from_its_profile():
    project = Shipped(PROJECT)
    if project.parts.given == "column":
        pytest.skip("decisions come from a column of the table")
    rows = explanation.people(project.reference, project.groupings, 10, 1)
    assert {each["label"] for each in parts.decide(project.parts, rows)} <= {0, 1}


@pytest.mark.skipif(not (PROJECT / "MODEL_CARD.md").is_file(), reason="no card yet: it is written after the holdout")
def test_the_card_is_in_hugging_faces_format():
    from huggingface_hub import ModelCard

    card = ModelCard.load(PROJECT / "MODEL_CARD.md")
    assert card.data.to_dict()["model-index"]
    assert "## Signature" in card.text


def test_a_wrong_table_is_one_line_on_standard_error(tmp_path, capsys: pytest.CaptureFixture[str]):
    people(5).to_csv(tmp_path / "people.csv", index=False)
    assert cli.main(["decide", str(tmp_path / "none.csv")]) == cli.WRONG
    assert capsys.readouterr().err.count("\n") == 1
