"""Paired differences: on each unit the winner's value less the baseline's, sorted, with the mean and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Picture
from nonet.graphs.steps.reporting.numbers import ends, number
from nonet.graphs.steps.reporting.pictures.canvas import Canvas, Scale, around
from nonet.trials.contract import Interval

WIDTH, HEIGHT = 760.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 24.0, 30.0, 46.0
MOST_BARS = 1200


def differences(account: Account) -> Picture | None:
    """Draw the holdout's differences, or selection's where nothing was sealed; ``None`` where there are none."""
    if account.winner_is_baseline:
        return None
    if account.delivery.differences:
        return _picture(account, account.delivery.differences, account.delivery.claim.difference, "holdout")
    if account.differences:
        return _picture(account, account.differences, None, "selection")
    return None


def _picture(account: Account, values: Sequence[float], mean: Interval | None, part: str) -> Picture:
    metric = account.objective
    ordered = sorted(values, reverse=True)
    sign = 1 if metric.direction == "maximise" else -1
    better, worse = (sum(sign * way * value > 0 for value in values) for way in (1, -1))
    equal = len(values) - better - worse
    average = mean.value if mean else sum(values) / len(values)
    caption = (
        f"{metric.name}, winner − baseline, on each of the {len(values)} {part} units, sorted: the winner is better on "
        f"{better}, equal on {equal}, worse on {worse}. The line is the mean, {number(average, metric.unit, sign=True)}"
        + (f", the band its interval {ends(mean, metric, sign=True)}." if mean and math.isfinite(mean.low) else ".")
    )
    canvas = Canvas(WIDTH, HEIGHT, caption)
    y = around([*values, 0.0, average], HEIGHT - BOTTOM, TOP)
    _ground(canvas, y, metric.name)
    if mean and math.isfinite(mean.low):
        canvas.box(LEFT, y(mean.high), WIDTH - RIGHT - LEFT, y(mean.low) - y(mean.high), "ink", 0.14)
    _bars(canvas, y, ordered, sign)
    canvas.line(LEFT, y(0), WIDTH - RIGHT, y(0), "ink")
    canvas.line(LEFT, y(average), WIDTH - RIGHT, y(average), "ink", 1.5, "6 4")
    canvas.text(WIDTH - RIGHT - 4, y(average) - 7, f"mean {number(average, metric.unit, sign=True)}", "end", "bold")
    canvas.text(LEFT, HEIGHT - 14, f"better on {better}")
    canvas.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, f"equal on {equal}", "middle")
    canvas.text(WIDTH - RIGHT, HEIGHT - 14, f"worse on {worse}", "end")
    return Picture("differences", canvas.svg(), caption)


def _ground(canvas: Canvas, y: Scale, name: str) -> None:
    for tick in y.ticks():
        canvas.line(LEFT, y(tick), WIDTH - RIGHT, y(tick))
        canvas.text(LEFT - 8, y(tick) + 4, f"{tick:g}".replace("-", "−"), "end", "small")
    canvas.text(20, (TOP + HEIGHT - BOTTOM) / 2, f"{name}: winner − baseline", "middle", turned=True)


def _bars(canvas: Canvas, y: Scale, ordered: Sequence[float], sign: int) -> None:
    """Draw the sorted bars as two areas, so that ten thousand of them are no larger than a hundred."""
    if sign < 0:
        ordered = list(reversed(ordered))
    shown = (
        [ordered[int(place * len(ordered) / MOST_BARS)] for place in range(MOST_BARS)]
        if len(ordered) > MOST_BARS
        else ordered
    )
    step = (WIDTH - RIGHT - LEFT) / len(shown)
    for way, colour in ((1, "first"), (-1, "second")):
        outline = [
            (LEFT + (place + edge) * step, y(value))
            for place, value in enumerate(shown)
            if sign * way * value > 0
            for edge in (0, 1)
        ]
        if outline:
            canvas.path([(outline[0][0], y(0)), *outline, (outline[-1][0], y(0))], colour, filled=True)
