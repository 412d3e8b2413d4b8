"""Every compared candidate's difference from the best, with its paired interval: how sure the order is."""

from __future__ import annotations

import math

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Picture, one_line
from nonet.graphs.steps.reporting.pictures.canvas import Canvas, Scale, around
from nonet.trials.contract import Interval

WIDTH, ROW = 760.0, 24.0
LEFT, RIGHT, TOP, BOTTOM = 350.0, 24.0, 16.0, 52.0
MOST = 24


def comparisons(account: Account, allowed: float) -> Picture | None:
    """Draw candidates against the best; ``allowed`` is the tolerance, ``None`` is for fewer than two candidates."""
    found = [(key, c.difference) for key, c in account.comparisons.items() if c.difference is not None][:MOST]
    if len(found) < 2:
        return None
    metric = account.objective
    side = -allowed if metric.direction == "maximise" else allowed
    caption = (
        f"{metric.name}, each candidate − the best ({account.numbers[account.decision.best]}), with "
        "paired 95 % intervals "
        f"on {account.compared} selection units. The band is the tolerance; the rule weighs the "
        "expected shortfall, not "
        "whether an interval reaches 0."
    )
    canvas = Canvas(WIDTH, TOP + ROW * len(found) + BOTTOM, caption)
    bottom = TOP + ROW * len(found)
    ends = [end for _, d in found for end in (d.low, d.value, d.high) if math.isfinite(end)]
    x = around([*ends, 0.0, side], LEFT, WIDTH - RIGHT)
    canvas.box(min(x(side), x(0)), TOP, abs(x(side) - x(0)), bottom - TOP, "first", 0.14)
    for tick in x.ticks(5):
        canvas.line(x(tick), TOP, x(tick), bottom)
        canvas.text(x(tick), bottom + 17, f"{tick:g}".replace("-", "−"), "middle", "small")
    canvas.line(x(0), TOP, x(0), bottom, "muted", 1.5)
    for place, (key, difference) in enumerate(found):
        _row(canvas, x, TOP + ROW * (place + 0.5), account, key, difference)
    canvas.text((LEFT + WIDTH - RIGHT) / 2, bottom + 38, f"{metric.name}: candidate − best", "middle")
    return Picture("comparisons", canvas.svg(), caption)


def _row(canvas: Canvas, x: Scale, y: float, account: Account, key: str, difference: Interval) -> None:
    ships, base = key == account.decision.winner, key == account.baseline_key
    colour = "first" if ships else "second" if base else "third"
    mark = " (ships)" if ships else " (baseline)" if base else ""
    name = f"{account.numbers[key]} · {one_line(account.describe(account.candidates[key]), 42 - len(mark))}{mark}"
    canvas.text(LEFT - 14, y + 4, name, "end", "bold" if ships else "")
    if math.isfinite(difference.low) and math.isfinite(difference.high):
        canvas.line(x(difference.low), y, x(difference.high), y, colour, 2)
    canvas.dot(x(difference.value), y, colour, 5.5 if ships or base else 4.5, account.name(key))
