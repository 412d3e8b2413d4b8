"""Targets: the user's own, and those that the workflow always carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nonet.graphs.steps.reporting.account import Account, TargetRow
from nonet.graphs.steps.reporting.document import Block, Paragraph, Section, Span, Table, Text
from nonet.graphs.steps.reporting.numbers import ABSENT, measured
from nonet.graphs.steps.reporting.sections import judged
from nonet.trials.contract import Metric
from nonet.trials.decision import interval

COLUMNS = ("Target", "Selection", "Verdict", "Holdout", "Verdict there")


def section(account: Account) -> Section:
    """Judge every target on selection, restated on the holdout."""
    blocks: list[Block] = []
    if account.targets:
        blocks += [
            Paragraph("Yours, judged on selection and restated on the holdout:"),
            _table(account.targets, account),
        ]
    else:
        blocks.append(Paragraph("You set no target. Set one with --target 'METRIC<VALUE' or in the request's words."))
    if account.standing_targets:
        said = "What this workflow always aims at; these decide nothing and change no exit code:"
        blocks += [Paragraph(said), _table(account.standing_targets, account)]
    if account.judge.get("questions"):
        blocks.append(Paragraph(f"{judged.named(account)}: a model's opinion, on selection alone."))
    return Section("Targets", blocks)


def verdict(met: bool | None) -> Span:
    """Return met, missed or not shown."""
    if met is None:
        return Span("not shown", "open")
    return Span("met", "good") if met else Span("missed", "bad")


def found(row: TargetRow, metrics: Mapping[str, Metric]) -> Text:
    """Return what was measured of a target on selection, or what it would need."""
    if row.needs:
        return f"needs {row.needs}"
    metric = _metric(row, metrics)
    if row.result.measured is None:
        return _too_few(metric)
    return _measured({"measured": row.result.measured, "low": row.result.low, "high": row.result.high}, metric)


def _table(rows: Sequence[TargetRow], account: Account) -> Table:
    return Table(COLUMNS, [_row(row, account) for row in rows])


def _row(row: TargetRow, account: Account) -> tuple[Text, ...]:
    metrics = account.metrics
    name, metric, holdout = Span(row.result.name, "code"), _metric(row, metrics), row.result.holdout
    shown = verdict(row.result.met)
    if holdout is None:
        return (
            name,
            found(row, metrics),
            shown,
            Span("—" if account.parts.get("holdout") else "nothing sealed", "muted"),
            "",
        )
    return name, found(row, metrics), shown, _measured(holdout, metric), verdict(_judged(holdout))


def _judged(holdout: Mapping[str, Any]) -> bool | None:
    return holdout.get("met")


def _measured(found: Mapping[str, Any], metric: Metric | None) -> Text:
    if found.get("measured") is None:
        return ABSENT
    return measured(interval({"value": found["measured"], "low": found["low"], "high": found["high"], "n": 0}), metric)


def _metric(row: TargetRow, metrics: Mapping[str, Metric]) -> Metric | None:
    named = [name for name in metrics if row.result.name.startswith(name)]
    return metrics[max(named, key=len)] if named else None


def _too_few(metric: Metric | None) -> Text:
    if metric and metric.needs:
        return f"needs {metric.needs}"
    if metric and metric.minimum_units > 1:
        return Span(f"not measured; it needs {metric.minimum_units} distinct units", "muted")
    return ABSENT
