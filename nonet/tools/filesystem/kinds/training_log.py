"""A training log: its metrics as series, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from nonet.state import Scalar
from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.curves import overfit
from nonet.tools.filesystem.kinds.described import Described, shown
from nonet.tools.filesystem.kinds.series import Series, plain

KIND = "training log"
SERIES_LIMIT = 64
"""Metrics of one log that are described."""


def training_log(
    series: Sequence[Series],
    form: str,
    values: Mapping[str, Scalar] | None = None,
    notes: Sequence[str] = (),
    kind: str = KIND,
) -> Described:
    """Describe a log.

    Args:
        series: its metrics, of any order.
        form: how it was written: "CSV", "TensorBoard".
        values: what else it says of the run: hyperparameters.
        notes: what is missing or broken.
        kind: what it is called.
    """
    kept = sorted((_ordered(each) for each in series), key=lambda each: (not each.tells_quality, each.name))
    left_out = len(kept) - SERIES_LIMIT
    kept = kept[:SERIES_LIMIT]
    if left_out > 0:
        notes = [*notes, f"{left_out} more metrics are not described."]
    facts = _facts(kept, form)
    lines = [f"{form}: {len(kept)} metrics over steps {facts['first_step']} to {facts['last_step']}."] if kept else []
    lines += [_line(each) for each in kept]
    lines += _warnings(kept)
    if values:
        facts["values"] = dict(values)
        lines += ["Parameters:", *shown(values)]
    return Described(kind, lines, facts, kept, notes)


def _ordered(series: Series) -> Series:
    """Return a series in the order of its steps; points of one step keep theirs."""
    steps = series.steps
    if all(earlier <= later for earlier, later in pairwise(steps)):
        return series
    points = sorted(zip(steps, series.values, strict=True), key=lambda point: point[0])
    return replace(series, steps=[step for step, _ in points], values=[value for _, value in points])


def _facts(series: Sequence[Series], form: str) -> Facts:
    parting = overfit(series)
    diverging = [each.name for each in series if each.diverges_at is not None]
    facts: Facts = {"format": form, "metrics": [each.name for each in series], "diverging": diverging}
    if series:
        facts["first_step"] = plain(min(each.steps[0] for each in series))
        facts["last_step"] = plain(max(each.steps[-1] for each in series))
    facts["overfits"] = bool(parting)
    if parting:
        facts["overfits_from_step"] = plain(min(each.step for each in parting))
        facts["overfitting"] = [each.validation for each in parting]
    return facts


def _line(series: Series) -> str:
    facts = series.facts()
    said = f"  {series.name}: {facts['points']} points"
    if series.finite:
        said += (
            f", first {facts['first']:.6g}, last {facts['last']:.6g}, minimum {facts['minimum']:.6g} at step "
            f"{facts['minimum_step']}, maximum {facts['maximum']:.6g} at step {facts['maximum_step']}, {facts['trend']}"
        )
    return said + (f", {facts['not_finite']} not finite" if facts["not_finite"] else "")


def _warnings(series: Sequence[Series]) -> list[str]:
    lines = [f"{each.name} diverges from step {plain(at)}." for each in series if (at := each.diverges_at) is not None]
    lines += [
        f"Overfits from step {plain(each.step)}: {each.training} improves after it while {each.validation} worsens."
        for each in overfit(series)
    ]
    return lines
