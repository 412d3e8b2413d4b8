"""Training curves as one SVG picture: a panel per measure, training and validation together; no library is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

from optimization.logs.errors import LogsError
from optimization.logs.overfitting import overfitting
from optimization.logs.series import VALIDATION, Series, evenly

_WIDTH, _HEIGHT = 480, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 40, 36
_COLOURS = ("#4269d0", "#ff725c", "#3ca951", "#a463f2", "#9c6b4e", "#6cc5b0", "#efb118", "#97bbf5")
_PANELS = 12
_POINTS = 400
_At: TypeAlias = Callable[[float, float], tuple[float, float]]


def plot(series: Sequence[Series], path: Path | str) -> Path:
    """Write the curves of some metrics to an SVG file and return its path.

    Args:
        series: the metrics; those that tell quality come first, of panels at most twelve are drawn.
        path: of the picture.

    Raises:
        LogsError: no metric has two finite points.
    """
    panels = _panels([each for each in series if len(each.finite) > 1])
    if not panels:
        raise LogsError("There is nothing to plot: no metric has two finite values.")
    parting = {(each.validation.source, each.validation.name): each.step for each in overfitting(series)}
    drawn = [_panel(title, each, place, parting) for place, (title, each) in enumerate(panels)]
    columns = min(2, len(panels))
    width, height = columns * _WIDTH, -(-len(panels) // columns) * _HEIGHT
    target = Path(path)
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
        + "".join(drawn)
        + "</svg>\n",
        encoding="utf-8",
    )
    return target


def _panels(series: Sequence[Series]) -> list[tuple[str, list[Series]]]:
    """Return what is drawn together: metrics of one measure, whatever data it was taken on."""
    found: dict[str, list[Series]] = {}
    for each in sorted(series, key=lambda one: not one.tells_quality):
        marks = VALIDATION | {"train", "training", "epoch", "step"}
        measure = "_".join(word for word in each.words if word not in marks) or each.name
        found.setdefault(measure, []).append(each)
    return list(found.items())[:_PANELS]


def _panel(title: str, series: Sequence[Series], place: int, parting: dict[tuple[str, str], float]) -> str:
    shown = series[: len(_COLOURS)]
    points = [point for each in shown for point in each.finite]
    low_x, high_x = min(step for step, _ in points), max(step for step, _ in points)
    low_y, high_y = min(value for _, value in points), max(value for _, value in points)
    span_x, span_y = (high_x - low_x) or 1.0, (high_y - low_y) or 1.0

    def at(step: float, value: float) -> tuple[float, float]:
        x = _LEFT + (step - low_x) / span_x * (_WIDTH - _LEFT - _RIGHT)
        return round(x, 1), round(_HEIGHT - _BOTTOM - (value - low_y) / span_y * (_HEIGHT - _TOP - _BOTTOM), 1)

    left, bottom = at(low_x, low_y)
    right, top = at(low_x + span_x, low_y + span_y)
    parts = [
        f'<text x="{_LEFT}" y="14" font-weight="bold">{escape(title)}</text>',
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#888"/>',
        f'<text x="{_LEFT - 6}" y="{bottom}" text-anchor="end">{low_y:.4g}</text>',
        f'<text x="{_LEFT - 6}" y="{top + 8}" text-anchor="end">{high_y:.4g}</text>',
        f'<text x="{left}" y="{bottom + 16}">{low_x:.6g}</text>',
        f'<text x="{right}" y="{bottom + 16}" text-anchor="end">step {high_x:.6g}</text>',
    ]
    for number, each in enumerate(shown):
        parts += _curve(each, number, at, parting.get((each.source, each.name)), (top, bottom))
    x, y = place % 2 * _WIDTH, place // 2 * _HEIGHT
    return f'<g transform="translate({x} {y})">{"".join(parts)}</g>'


def _curve(each: Series, number: int, at: _At, parting: float | None, ends: tuple[float, float]) -> list[str]:
    colour = _COLOURS[number]
    chosen = [each.finite[place] for place in evenly(len(each.finite), _POINTS)]
    line = " ".join(f"{x},{y}" for x, y in (at(*point) for point in chosen))
    said = escape(f"{each.source}: {each.name}" if each.source else each.name)
    x, y = _LEFT + 100 * (number % 4), 26 + 10 * (number // 4)
    parts = [
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"><title>{said}</title></polyline>',
        f'<text x="{x}" y="{y}" fill="{colour}">{escape(each.name[-18:])}</text>',
    ]
    if parting is not None:
        place = at(parting, each.finite[0][1])[0]
        parts.append(
            f'<path d="M{place} {ends[0]}V{ends[1]}" stroke="{colour}" stroke-dasharray="3 3">'
            f"<title>overfits from step {parting:.6g}</title></path>"
        )
    return parts
