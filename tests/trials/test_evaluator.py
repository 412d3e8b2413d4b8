from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from sample_scorer import SampleScorer, units

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials.evaluator import Evaluator


def test_table_has_one_value_per_unit_of_every_mean() -> None:
    evaluator = Evaluator(SampleScorer(), units(6))  # labels 1 0 1 0 1 0
    table = evaluator.table([0.9, 0.9, 0.25], [4, 1, 2])
    assert table == {"quality": pytest.approx([0.9, 0.1, 0.25]), "error": pytest.approx([0.1, 0.9, 0.75])}


def test_outputs_are_scored_with_the_labels_of_their_own_units() -> None:
    evaluator = Evaluator(SampleScorer(), units(6))
    assert evaluator.value("quality", [1.0, 0.0], [2, 3]) == 1.0
    assert evaluator.value("quality", [1.0, 0.0], [3, 2]) == 0.0
    assert evaluator.values([1.0, 0.0], [2, 3]) == {"error": 0.0, "f1": 1.0, "quality": 1.0}


def test_the_mean_of_the_table_is_the_value() -> None:
    outputs: list[Json] = list(np.random.default_rng(0).random(20))
    evaluator = Evaluator(SampleScorer(), units(20))
    table = evaluator.table(outputs, range(20))
    assert np.mean(table["quality"]) == pytest.approx(evaluator.value("quality", outputs, range(20)))


def test_resampled_scores_multisets_and_keeps_undefined_ones() -> None:
    evaluator = Evaluator(SampleScorer(), units(4))
    draws = [np.array([0, 0, 1, 1]), np.array([1, 1, 1, 1]), np.array([0, 0, 0, 1])]
    found = evaluator.resampled("f1", [1.0, 0.0, 1.0, 0.0], range(4), draws)
    assert found[0] == found[2] == 1.0
    assert math.isnan(found[1])  # no positive, none claimed
    wrong = evaluator.resampled("f1", [1.0, 1.0, 1.0, 1.0], range(4), draws)
    assert wrong.tolist() == pytest.approx([4 / 6, 0.0, 6 / 7])


@pytest.mark.parametrize("outputs", [[], [0.5], [0.5] * 3])
def test_a_wrong_number_of_outputs_is_a_trial_error(outputs: list[Json]) -> None:
    with pytest.raises(TrialError, match=f"gave {len(outputs)} outputs for 2 units"):
        Evaluator(SampleScorer(), units(6)).table(outputs, [0, 1])


class Scripted(SampleScorer):
    def __init__(self, answer: dict[str, float] | Exception) -> None:
        super().__init__()
        self.answer = answer

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"quality": 1.0, "error": 0.0}, "left out f1"),
        ({"quality": math.nan, "error": 0.0, "f1": 1.0}, "no finite number"),
        ({"quality": 1.0, "error": math.inf, "f1": 1.0}, "no finite number"),
        (KeyError("ranking"), "cannot be scored: KeyError"),
        (TypeError("not a list"), "cannot be scored: TypeError"),
    ],
)
def test_a_bad_score_is_a_trial_error(answer: dict[str, float] | Exception, says: str) -> None:
    evaluator = Evaluator(Scripted(answer), units(4))
    with pytest.raises(TrialError, match=says):
        evaluator.table([1.0, 0.0], [0, 1])
    with pytest.raises(TrialError, match=says):
        evaluator.values([1.0, 0.0], [0, 1])
