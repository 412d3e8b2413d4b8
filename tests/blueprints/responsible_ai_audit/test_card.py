"""The model card's tables, against figures by hand; what strangers write into a table stays text."""

from __future__ import annotations

import re
from typing import Any

import pytest

from nonet.blueprints.responsible_ai_audit import card_evaluation, card_groups
from nonet.blueprints.responsible_ai_audit.card_text import figure, table


def opened(rows: list[tuple[int, int, float, str]], compared: tuple[str, ...] = ("sex", "&")) -> dict[str, Any]:
    labels = [
        {"y": y, "groups": {"sex": group}, "compared": list(compared), "criterion": "equalized_odds"}
        for y, _, _, group in rows
    ]
    outputs = [{"label": d, "score": s} for _, d, s, _ in rows]
    return {"labels": labels, "outputs": {"winner": outputs, "baseline": outputs}, "differences": {}}


ROWS = [(1, 1, 0.9, "f"), (1, 0, 0.4, "f"), (0, 1, 0.6, "m"), (0, 0, 0.1, "m"), (0, 0, 0.3, "m")]


def test_rates_of_a_group_stand_with_its_size_and_exact_ends():
    found = opened(ROWS)
    first = card_groups.rows(found["outputs"]["winner"], found["labels"], "sex")[0]
    assert first[:3] == ["m", "3", "0"]
    assert first[3] == "0.333 [0.008, 0.906]"
    assert first[4] == "–"
    assert first[8].startswith("-0.333 [")


def test_a_group_that_is_too_small_is_marked():
    found = opened(ROWS, compared=())
    assert {row[0] for row in card_groups.rows(found["outputs"]["winner"], found["labels"], "sex")} == {"f*", "m*"}


def test_deciding_blindly_is_what_the_base_rate_makes_of_it():
    lines = [line.split(" | ") for line in card_evaluation.references(opened(ROWS)).splitlines() if " | " in line]
    known = {line[0].strip("| "): [cell.strip("| ") for cell in line[1:]] for line in lines}
    assert known["this model"] == ["0.600", "0.500", "0.500", "0.500"]
    at_random = known["at random, at the base rate"]
    assert at_random[0] == "0.520"
    assert all(cell.startswith("0.400 [") for cell in at_random[1:])
    assert known["always the commoner label"] == ["0.600", "–", "0.000", "0.000"]
    turned = [(1 - y, d, s, group) for y, d, s, group in ROWS]
    assert "| 1.000 | 0.750 |" in card_evaluation.references(opened(turned))


@pytest.mark.parametrize("hostile", ["a|b", "<script>", "`x`", "[x](http://y)", "a\nb"])
def test_what_a_table_holds_cannot_end_a_cell_or_begin_markup(hostile: str):
    line = table(["group"], [[hostile]]).splitlines()[-1]
    assert line.startswith("| ")
    assert line.replace("\\|", "").count("|") == 2
    assert "<" not in line
    assert not re.search(r"(?<!\\)\[", line)


def test_what_was_not_measured_is_a_dash():
    assert figure(None) == "–"
    assert figure({"value": 0.5, "low": None, "high": None}) == "0.500"
