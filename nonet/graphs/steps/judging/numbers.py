"""The numbers made of a judge's ratings, recomputable from ``judge.json``, and their places in the decision.

They are a model's opinion. No candidate is chosen by them: they are added once the decision stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.judging.rating import Rating
from nonet.state import Json
from nonet.trials import targets
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Interval, Metric, Target
from nonet.trials.statistics import mean_interval, rate_bounds

FILE = "judge.json"
Values = dict[str, float | None]


def judged_metrics(blueprint: Blueprint[Any, Any]) -> list[Metric]:
    """Return the metrics that are a judge's."""
    return [metric for metric in blueprint.metrics if metric.source == "judge"]


def merged(desk: Desk, decided: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision's record with what a judge said, if one was asked: metrics, targets on them, and who said it.

    What the trials measured stays as it is; a target on a judged metric is judged by its interval, on selection alone.
    """
    if not desk.has(FILE):
        return dict(decided)
    record, names = desk.read(FILE), [metric.name for metric in judged_metrics(desk.blueprint)]
    winner, baseline = decided["decision"]["winner"], decided["baseline"]["candidate"]
    units = [_Unit(row) for row in record["units"] if not row["failed"]]
    found = {key: {name: _interval(units, key, name) for name in names} for key in (winner, baseline)}
    wanted = _bars(desk)
    rows = {key: {name: each and each.json() for name, each in values.items()} for key, values in found.items()}
    return {
        **decided,
        "metrics": {**decided["metrics"], **rows[winner]},
        "baseline": {**decided["baseline"], "metrics": {**decided["baseline"]["metrics"], **rows[baseline]}},
        "candidates": [
            {**row, "metrics": {**row["metrics"], **rows[row["key"]]}} if row["key"] in rows else row
            for row in decided["candidates"]
        ],
        "targets": [_target(wanted, row, found[winner]) for row in decided["targets"]],
        "standing_targets": [_target(wanted, row, found[winner]) for row in decided["standing_targets"]],
        "judge": _summary(record, units, winner, baseline, names),
    }


class _Unit:
    """A unit that counts: candidate → what each order of the passages was rated, and the verdict between the two."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.verdict, self.better = str(row["verdict"]), str(row["better"])
        self.orders: dict[str, list[Values]] = {
            key: [Rating.model_validate(each).values() for each in found if each is not None]
            for key, found in row["ratings"].items()
        }

    def value(self, key: str, name: str) -> float | None:
        """Return a candidate's value: the mean over the orders in which it has one."""
        found = [value for each in self.orders.get(key, []) if (value := each[name]) is not None]
        return sum(found) / len(found) if found else None

    def apart(self, name: str) -> list[float]:
        """Return how far two ratings of one answer lie apart, for each candidate rated in both orders."""
        pairs = [(found[0][name], found[1][name]) for found in self.orders.values() if len(found) == 2]
        return [abs(one - other) for one, other in pairs if one is not None and other is not None]


def _interval(units: Sequence[_Unit], key: str, name: str) -> Interval | None:
    values = [value for unit in units if (value := unit.value(key, name)) is not None]
    return mean_interval(values) if values else None


def _summary(
    record: Mapping[str, Any], units: Sequence[_Unit], winner: str, baseline: str, names: Sequence[str]
) -> dict[str, Json]:
    verdicts = [unit.verdict for unit in units]
    wins = sum(unit.better == winner for unit in units if unit.verdict == "consistent")
    consistent, flipped = verdicts.count("consistent"), verdicts.count("flipped")
    return {
        "opinion": "a model's opinion; it decided nothing",
        **{name: record[name] for name in ("writer", "judge", "other_family", "wanted", "why")},
        "questions": len(units),
        "metrics": list(names),
        "difference": {name: _difference(units, winner, baseline, name) for name in names if winner != baseline},
        "pairwise": {
            "wins": wins,
            "losses": consistent - wins,
            **{name: verdicts.count(name) for name in ("flipped", "abstained", "same", "failed")},
            "win_rate": _rate(wins, consistent),
        },
        "self_agreement": {
            "verdicts_in_both_orders": _rate(consistent, consistent + flipped),
            "rating_difference": {name: _apart(units, name) for name in names},
        },
    }


def _difference(units: Sequence[_Unit], winner: str, baseline: str, name: str) -> Json:
    pairs = [(unit.value(winner, name), unit.value(baseline, name)) for unit in units]
    values = [one - other for one, other in pairs if one is not None and other is not None]
    return mean_interval(values).json() if values else None


def _apart(units: Sequence[_Unit], name: str) -> Json:
    """Return the mean distance of repeated ratings; those of one unit hang together, so a unit counts once."""
    found = [sum(each) / len(each) for unit in units if (each := unit.apart(name))]
    return mean_interval(found).json() if found else None


def _rate(events: int, trials: int) -> Json:
    if not trials:
        return None
    low, high = rate_bounds(events, trials)
    return Interval(events / trials, low, high, trials).json()


def _bars(desk: Desk) -> dict[str, Target]:
    """Return every bar of the run by its name, the user's and the standing ones."""
    bars = [targets.parse(text, desk.blueprint.metrics) for text in desk.brief.targets]
    return {str(bar): bar for bar in (*bars, *(each.target for each in desk.blueprint.standing_targets))}


def _target(
    wanted: Mapping[str, Target], row: Mapping[str, Any], found: Mapping[str, Interval | None]
) -> dict[str, Any]:
    target = wanted[str(row["name"])]
    interval = found.get(target.metric)
    if interval is None:
        return dict(row)
    data = interval.json()
    ends = {"measured": data["value"], "low": data["low"], "high": data["high"]}
    return {**row, **ends, "met": targets.judge(target, interval), **({"needs": ""} if "needs" in row else {})}
