"""A signature: who may sign what, and what it changes of a decision."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nonet.cli.parser import parse
from nonet.errors import InputError
from nonet.graphs.steps import sign, signature
from nonet.trials.decision import Decision

POINTS = {"a": {}, "b": {}}
DECISION = Decision("a", "a", {"x": 1}, "best", ("a",), (), ("a", "b"))


def desk(folder: Path, **row: Any) -> Any:
    path = folder / signature.SIGNATURE
    path.write_text(json.dumps(row), encoding="utf-8")
    return SimpleNamespace(has=lambda name: True, read=lambda name: json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("answer", [{"point": "c", "name": "Ada"}, {"point": "a", "name": " "}, {"name": "Ada"}])
def test_only_a_named_person_signs_a_point_of_the_set(answer: dict[str, str]):
    with pytest.raises(InputError):
        sign._signed(POINTS, answer)  # pyright: ignore[reportPrivateUsage]


def test_a_signature_says_who_what_and_when():
    row = sign._signed(POINTS, {"point": "b", "name": "Ada", "reason": "fair"})  # pyright: ignore[reportPrivateUsage]
    assert (row["point"], row["name"], row["reason"]) == ("b", "Ada", "fair")
    assert row["at"]


def test_unsigned_or_the_rules_own_choice_changes_nothing(tmp_path: Path):
    nothing = cast("Any", None)
    for point in (None, "a"):
        left = signature.applied(desk(tmp_path, point=point, name=None), DECISION, nothing, (), {})
        assert left == DECISION


def test_another_point_takes_the_winners_place(tmp_path: Path):
    nothing = cast("Any", None)
    found = signature.applied(desk(tmp_path, point="b", name="Ada"), DECISION, nothing, (), {"b": {"x": 2}})
    assert (found.winner, found.design, found.best) == ("b", {"x": 2}, "a")
    assert "Signed by Ada in place of a" in found.reason


def test_a_list_is_an_option_given_several_times():
    words = ["run", "responsible_ai_audit", "Audit", "--attribute", "sex", "--attribute", "race"]
    assert parse(words).input_attribute == ["sex", "race"]
