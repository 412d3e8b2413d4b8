"""Designs, nominations, units and the bar that a person names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nonet.blueprints.responsible_ai_audit.blueprint import blueprint
from nonet.blueprints.responsible_ai_audit.design import Design
from nonet.blueprints.responsible_ai_audit.inputs import Inputs
from nonet.errors import InputError
from nonet.graphs.steps.brief import parse
from nonet.state import Brief, State
from nonet.trials import space
from nonet.trials.contract import Target

BRIEF = Brief(workflow="responsible_ai_audit", goal="Audit", inputs={})


def test_fields_that_mean_nothing_are_reset():
    odd = Design(mitigation="none", constraint="demographic_parity", slack=0.05, epsilon=4.0)
    assert odd.normalised() == Design()


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "given"},
        {"model": "given", "source": "m.skops", "mitigation": "reweighing"},
        {"model": "private_logistic", "mitigation": "threshold_optimizer"},
    ],
)
def test_designs_that_cannot_be_are_refused(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        Design.model_validate(fields)


def test_no_neighbour_names_a_model_that_was_not_given():
    assert all(each["model"] != "given" for each in space.neighbours(Design, Design().model_dump(mode="json")))


def test_names_tell_designs_apart(inputs: Inputs):
    proposal = blueprint.propose(BRIEF, inputs, (), {})
    designs = [proposal.baseline.design, *(each.design for each in proposal.nominations)]
    assert len({blueprint.describe(each) for each in designs}) == len({space.key(each) for each in designs})


def test_what_is_given_is_the_baseline_and_is_mitigated_too(inputs: Inputs):
    given = inputs.model_copy(update={"predictions": "score"})
    proposal = blueprint.propose(BRIEF, given, (), {})
    assert proposal.baseline.design["model"] == "given"
    around = [each.design["mitigation"] for each in proposal.nominations if each.design["model"] == "given"]
    assert around == ["threshold_optimizer", "group_calibration"]


def test_every_kind_of_mitigation_is_nominated_and_federated_learning_is_named(inputs: Inputs):
    proposal = blueprint.propose(BRIEF, inputs, (), {})
    kinds = {each.design["mitigation"] for each in proposal.nominations}
    assert kinds >= {
        "reweighing",
        "correlation_removal",
        "exponentiated_gradient",
        "grid_search",
        "threshold_optimizer",
        "group_calibration",
    }
    assert any(each.design["model"] == "private_logistic" for each in proposal.nominations)
    for trained in ("exponentiated_gradient", "grid_search"):
        under = {each.design["constraint"] for each in proposal.nominations if each.design["mitigation"] == trained}
        assert under == {"demographic_parity", "equalized_odds", "equal_opportunity"}
    assert "federated learning" in [each.what for each in proposal.exclusions]


def test_the_accepted_gap_is_a_bar_like_a_target(inputs: Inputs):
    state = State(goal="Audit", targets=["accuracy>=0.6"])
    brief = parse(blueprint, state, inputs.model_dump(), "5 trials")
    assert brief.targets == ["accuracy>=0.6", "criterion_gap<=0.15"]
    assert blueprint.bars(inputs) == [Target("criterion_gap", "<=", 0.15)]


def test_units_hold_the_groups_and_the_copy_holds_no_row(inputs: Inputs, parsed: Path, tmp_path: Path):
    found = blueprint.units(inputs, parsed, tmp_path / "measuring")
    assert len(found.units) == 400
    assert [path.name for path in (tmp_path / "measuring").iterdir()] == ["table.json"]
    first: Any = found.units[0]
    assert set(first.features) == {"x", "groups", "given"}
    assert first.label["compared"] == ["sex", "&"]
    assert any("known only after the outcome" in note and "--drop district" in note for note in found.warnings)


def test_rows_of_a_few_coarse_kinds_fall_on_both_sides(inputs: Inputs, parsed: Path, tmp_path: Path):
    rows = [json.loads(line) for line in (parsed / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    coarse = [{**row, "x": {"sex": row["x"]["sex"]}} for row in rows]
    (parsed / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in coarse), encoding="utf-8")
    found = blueprint.units(inputs, parsed, tmp_path / "measuring")
    assert len({unit.content for unit in found.units}) == len(rows)


def test_an_attribute_with_too_few_rows_is_one_line(inputs: Inputs, parsed: Path, tmp_path: Path):
    lines = (parsed / "rows.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (parsed / "rows.jsonl").write_text("".join(lines[:60]), encoding="utf-8")
    with pytest.raises(InputError, match="fewer than two groups"):
        blueprint.units(inputs, parsed, tmp_path / "measuring")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "granted"}, "no column 'granted'"),
        ({"attribute": ["race"]}, "no column 'race'"),
        ({"predictions": "score"}, "no column 'score'"),
        ({"data": "none.csv"}, "There is no file"),
        ({"repo": "nowhere"}, "There is no folder nowhere"),
        ({"model": "model.pkl"}, "no .skops or .onnx file"),
    ],
)
def test_what_is_not_there_is_one_line(change: dict[str, Any], said: str, inputs: Inputs, tmp_path: Path):
    (tmp_path / "model.pkl").write_bytes(b"")
    if "model" in change:
        change = {"model": str(tmp_path / "model.pkl")}
    with pytest.raises(InputError, match=said) as caught:
        blueprint.sources(inputs.model_copy(update=change), ())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"max_gap": 0},
        {"criterion": "kindness"},
        {"attribute": []},
        {"attribute": "sex, sex"},
        {"attribute": "approved"},
        {"drop": "sex"},
        {"predictions": "p", "model": "m.onnx"},
    ],
)
def test_inputs_that_contradict_themselves_are_refused(change: dict[str, Any], inputs: Inputs):
    with pytest.raises(ValidationError):
        Inputs.model_validate({**inputs.model_dump(), **change})


def test_a_form_names_several_attributes_in_one_line(inputs: Inputs):
    assert Inputs.model_validate({**inputs.model_dump(), "attribute": "sex, race"}).attribute == ["sex", "race"]
