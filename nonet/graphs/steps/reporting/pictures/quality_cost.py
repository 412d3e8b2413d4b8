"""Quality against cost: every measured candidate, its interval, and the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Picture
from nonet.graphs.steps.reporting.numbers import number
from nonet.graphs.steps.reporting.pictures.canvas import Canvas, Scale, around
from nonet.trials.contract import Interval, Metric

WIDTH, HEIGHT = 760.0, 430.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 24.0, 46.0, 58.0
LOG_FROM = 20.0
"""Costs that span more than this ratio are drawn by their logarithm."""


@dataclass(frozen=True)
class _Point:
    key: str
    cost: float
    quality: Interval


def quality_cost(account: Account) -> Picture | None:
    """Draw the picture; ``None`` where fewer than two candidates have both numbers."""
    names = account.blueprint.chart if all(account.blueprint.chart) else (account.cost.name, account.objective.name)
    cost, quality = (account.metrics[name] for name in names)
    points = _points(account, cost, quality)
    if len(points) < 2:
        return None
    caption = (
        f"{quality.name} against {cost.name} of the {len(points)} candidates measured on the same "
        f"{account.compared} selection units. "
        f"{'Higher' if quality.direction == 'maximise' else 'Lower'} and further left "
        "is better; whiskers are 95 % intervals; the dashed line is the Pareto front. Numbers are those of the tables."
    )
    canvas = Canvas(WIDTH, HEIGHT, caption)
    x, y = _scales(points)
    _axes(canvas, x, y, cost, quality)
    _front(canvas, x, y, account, points, quality, own=names == (account.cost.name, account.objective.name))
    _marks(canvas, x, y, account, points, cost, quality)
    _legend(canvas, account)
    return Picture("quality-cost", canvas.svg(), caption)


def _points(account: Account, cost: Metric, quality: Metric) -> list[_Point]:
    found: list[_Point] = []
    for key in account.comparisons:
        metrics = account.candidates[key].metrics
        spent, reached = metrics.get(cost.name), metrics.get(quality.name)
        if spent is not None and reached is not None and math.isfinite(spent.value) and math.isfinite(reached.value):
            found.append(_Point(key, spent.value, reached))
    return found


def _scales(points: Sequence[_Point]) -> tuple[Scale, Scale]:
    costs = [point.cost for point in points]
    log = min(costs) > 0 and max(costs) / min(costs) > LOG_FROM
    ends = [end for p in points for end in (p.quality.low, p.quality.value, p.quality.high) if math.isfinite(end)]
    return around(costs, LEFT, WIDTH - RIGHT, log=log), around(ends, HEIGHT - BOTTOM, TOP)


def _axes(canvas: Canvas, x: Scale, y: Scale, cost: Metric, quality: Metric) -> None:
    for tick in y.ticks():
        canvas.line(LEFT, y(tick), WIDTH - RIGHT, y(tick))
        canvas.text(LEFT - 8, y(tick) + 4, f"{tick:g}", "end", "small")
    for tick in x.ticks():
        canvas.line(x(tick), TOP, x(tick), HEIGHT - BOTTOM)
        canvas.text(x(tick), HEIGHT - BOTTOM + 18, number(tick, cost.unit), "middle", "small")
    scale = ", logarithmic" if x.log else ""
    canvas.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, f"{cost.name} (less is better{scale})", "middle")
    arrow = "→ better" if quality.direction == "maximise" else "← better"
    canvas.text(20, (TOP + HEIGHT - BOTTOM) / 2, f"{quality.name} {arrow}", "middle", turned=True)


def _front(
    canvas: Canvas, x: Scale, y: Scale, account: Account, points: Sequence[_Point], quality: Metric, *, own: bool
) -> None:
    sign = 1 if quality.direction == "maximise" else -1
    if own:
        chosen = [point for point in points if point.key in account.decision.pareto]
    else:
        chosen = [p for p in points if not any(_beats(other, p, sign) for other in points)]
    steps: list[tuple[float, float]] = []
    for point in sorted(chosen, key=lambda p: (p.cost, -sign * p.quality.value)):
        here = (x(point.cost), y(point.quality.value))
        if steps:
            steps.append((here[0], steps[-1][1]))
        steps.append(here)
    if len(steps) > 1:
        canvas.path(steps, "muted", dash="5 4")


def _beats(one: _Point, other: _Point, sign: int) -> bool:
    no_worse = one.cost <= other.cost and sign * one.quality.value >= sign * other.quality.value
    return no_worse and (one.cost, one.quality.value) != (other.cost, other.quality.value)


def _marks(
    canvas: Canvas, x: Scale, y: Scale, account: Account, points: Sequence[_Point], cost: Metric, quality: Metric
) -> None:
    taken = [(x(p.cost), y(p.quality.value)) for p in points]
    for point in sorted(points, key=lambda p: p.key in (account.decision.winner, account.baseline_key)):
        across, up = x(point.cost), y(point.quality.value)
        colour, radius = _look(account, point.key)
        canvas.line(across, y(point.quality.low), across, y(point.quality.high), colour, 1.5)
        title = (
            f"{account.name(point.key)}: {quality.name} {number(point.quality.value, quality.unit)}, "
            f"{cost.name} {number(point.cost, cost.unit)}"
        )
        canvas.dot(across, up, colour, radius, title)
        place = _free(across, up, taken)
        taken.append(place)
        known = point.key in (account.decision.winner, account.baseline_key)
        canvas.text(place[0], place[1] + 4, str(account.numbers[point.key]), "middle", "bold" if known else "small")


def _look(account: Account, key: str) -> tuple[str, float]:
    if key == account.decision.winner:
        return "first", 7.5
    return ("second", 6.5) if key == account.baseline_key else ("third", 5)


def _free(across: float, up: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the place beside a point that is furthest from what is already there."""
    places = [(across + dx, up + dy) for dx, dy in ((14, -9), (-14, -9), (14, 11), (-14, 11), (22, 0), (-22, 0))]

    def room(place: tuple[float, float]) -> float:
        return min(13.0, *(math.hypot(place[0] - a, place[1] - b) for a, b in taken))

    return max(places, key=room)


def _legend(canvas: Canvas, account: Account) -> None:
    same = account.winner_is_baseline
    items = [
        ("first", "ships: the baseline" if same else "ships"),
        *([] if same else [("second", "baseline")]),
        ("third", "other"),
    ]
    place = LEFT
    for colour, text in items:
        canvas.dot(place + 6, 24, colour)
        canvas.text(place + 17, 28, text)
        place += 17 + 8 * len(text) + 22
    canvas.line(place, 24, place + 26, 24, "muted", 1.5, "5 4")
    canvas.text(place + 33, 28, "Pareto front")
