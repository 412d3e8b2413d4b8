"""The training curves that were read from the user's logs, as one SVG picture; no library is needed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nonet.blueprints.model_optimization.existing import LOGS
from nonet.state import Evidence

FILE = "training_curves.svg"
_PANELS = 12
_WIDTH, _HEIGHT, _COLUMNS = 420, 200, 2
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 14, 44, 30


@dataclass(frozen=True)
class Curve:
    """A metric of one log: its points, and the steps that are marked with what they say."""

    metric: str
    source: str
    points: Sequence[tuple[float, float]]
    marks: Sequence[tuple[float, str]]


def drawn(run: Path) -> dict[str, str]:
    """Return the picture of a run's training logs by its file name; nothing where no log was read."""
    path = run / "evidence.jsonl"
    if not path.is_file():
        return {}
    rows = [Evidence.model_validate(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]
    found = list(curves(rows))[:_PANELS]
    return {FILE: picture(found)} if found else {}


def curves(evidence: Sequence[Evidence]) -> Iterator[Curve]:
    """Yield the series that the log reader found, with where they diverge or validation parts from training."""
    logs = [item for item in evidence if item.step == LOGS]
    parting = {item.reference: item.facts for item in logs if item.facts.get("overfits")}
    seen: set[tuple[str, str]] = set()
    for item in logs:
        metric = str(item.facts.get("metric", ""))
        if item.facts.get("kind") != "series" or (item.reference, metric) in seen:
            continue
        seen.add((item.reference, metric))
        marks: list[tuple[float, str]] = []
        diverges = item.facts.get("diverges_from_step")
        if isinstance(diverges, int | float):
            marks.append((float(diverges), f"diverges from step {diverges}"))
        facts = parting.get(item.reference, {})
        step, names = facts.get("overfits_from_step"), facts.get("overfitting")
        if isinstance(step, int | float) and isinstance(names, list) and metric in names:
            marks.append((float(step), f"overfits from step {step}"))
        points = [point for line in item.excerpt.splitlines()[1:] if (point := _point(line)) is not None]
        if len(points) > 1:
            yield Curve(metric, item.reference, points, marks)


def picture(found: Sequence[Curve]) -> str:
    """Return the curves as SVG, a panel each."""
    columns = min(_COLUMNS, len(found))
    width, height = columns * _WIDTH, -(-len(found) // columns) * _HEIGHT
    panels = "".join(
        f'<g transform="translate({place % columns * _WIDTH} {place // columns * _HEIGHT})">{_panel(each)}</g>'
        for place, each in enumerate(found)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>{panels}</svg>\n'
    )


def _panel(curve: Curve) -> str:
    steps, values = [step for step, _ in curve.points], [value for _, value in curve.points]
    low, high = min(values), max(values)
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT

    def across(step: float) -> float:
        return round(_LEFT + (step - steps[0]) / ((steps[-1] - steps[0]) or 1.0) * (right - _LEFT), 1)

    def up(value: float) -> float:
        return round(bottom - (value - low) / ((high - low) or 1.0) * (bottom - _TOP), 1)

    line = " ".join(f"{across(step)},{up(value)}" for step, value in curve.points)
    marks = "".join(
        f'<path d="M{across(step)} {_TOP}V{bottom}" stroke="#d33" stroke-dasharray="4 3"/>'
        f'<text x="{across(step) + 4}" y="{_TOP + 10}" fill="#d33">{escape(said)}</text>'
        for step, said in curve.marks
    )
    return (
        f'<text x="{_LEFT}" y="16" font-weight="bold">{escape(curve.metric)}</text>'
        f'<text x="{_LEFT}" y="31" fill="#666">{escape(curve.source[-56:])}</text>'
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="#888"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{high:.4g}</text>'
        f'<text x="{_LEFT - 6}" y="{bottom}" text-anchor="end">{low:.4g}</text>'
        f'<text x="{_LEFT}" y="{bottom + 15}">{steps[0]:g}</text>'
        f'<text x="{right}" y="{bottom + 15}" text-anchor="end">step {steps[-1]:g}</text>'
        f'<polyline points="{line}" fill="none" stroke="#4269d0" stroke-width="1.5"/>{marks}'
    )


def _point(line: str) -> tuple[float, float] | None:
    parts = line.split()
    try:
        step, value = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        return None
    return (step, value) if math.isfinite(step) and math.isfinite(value) else None
