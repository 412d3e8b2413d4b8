"""Error analysis: where the winner fails, worst units first, with the baseline beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonet.graphs.steps.reporting.account import Account, ErrorRow
from nonet.graphs.steps.reporting.document import Block, Paragraph, Section, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import ABSENT, counted, number

_MOST_FIELDS = 3
_LENGTH = 160


def section(account: Account) -> Section:
    """List the worst units of the winner."""
    metric, rows = account.objective, account.errors
    if not rows:
        return Section(
            "Error analysis", [Paragraph(f"{metric.name} is no mean over units: no unit can be called its worst.")]
        )
    answered = any(row.outputs is not None for row in rows)
    columns = ["Unit", *(["Label"] if account.mixed else []), "What was given", "Winner", "Baseline"]
    numeric = (len(columns) - 2, len(columns) - 1)
    columns += ["What the winner returned"] if answered else []
    cells = [_row(row, metric.unit, answered=answered, mixed=account.mixed) for row in rows]
    blocks: list[Block] = [Paragraph(_said(account)), Table(columns, cells, numeric=numeric)]
    return Section("Error analysis", blocks)


def _said(account: Account) -> str:
    metric, rows = account.objective, account.errors
    sign = 1 if metric.direction == "maximise" else -1
    pairs = [(r.value, r.baseline_value) for r in rows if r.value is not None and r.baseline_value is not None]
    lost = sum(sign * (theirs - mine) > 0 for mine, theirs in pairs)
    alike = sum(mine == theirs for mine, theirs in pairs)
    opening = f"The {counted(len(rows), 'selection unit')} on which the winner's {metric.name} is worst, worst first."
    if account.winner_is_baseline or not pairs:
        return opening
    return f"{opening} On {lost} of them the baseline does better, on {alike} it does just as badly."


def _row(row: ErrorRow, unit: str, *, answered: bool, mixed: bool) -> tuple[Text, ...]:
    cells: tuple[Text, ...] = (
        Span(one_line(row.unit, 60), "code"),
        *([row.kind] if mixed else []),
        _fields(row.features),
        ABSENT if row.value is None else number(row.value, unit),
        ABSENT if row.baseline_value is None else number(row.baseline_value, unit),
    )
    return (*cells, one_line(row.outputs, _LENGTH)) if answered else cells


def _fields(features: Mapping[str, Any]) -> str:
    shown = [f"{name}: {one_line(value, _LENGTH)}" for name, value in list(features.items())[:_MOST_FIELDS]]
    if len(features) == 1:
        return one_line(next(iter(features.values())), _LENGTH)
    return "; ".join(shown) + ("; …" if len(features) > _MOST_FIELDS else "")
