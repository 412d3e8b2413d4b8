"""Business impact: what the measured difference is worth, by what the user says outcomes are worth."""

from __future__ import annotations

import re

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Commands, Paragraph, Section, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import ABSENT, number
from nonet.trials.contract import Interval, Metric

_WORTH = re.compile(r"([-+]?\d[\d,]*(?:\.\d+)?)\s*(\S.*)?")
_PER = 1000


def section(account: Account) -> Section:
    """Compute what is worth what, or say what to give."""
    if not account.values:
        return Section("Business impact", _not_given(account))
    rows = [_row(account, name, text) for name, text in account.values.items()]
    said = (
        "Winner − baseline in each metric times what one whole unit of it is worth to you, for "
        f"{_PER:,} units where the metric is "
        "taken over units, once where it is a resource. Positive is gained. The objective's "
        "difference and interval are the "
        "holdout's where there is one."
    )
    return Section(
        "Business impact", [Paragraph(said), Table(["Outcome", "Worth", "Difference", "Impact"], rows, numeric=(2,))]
    )


def _not_given(account: Account) -> list[Block]:
    objective, cost = account.objective, account.cost
    text = f"values:\n  {objective.name}: 0.40 EUR    # what {objective.name} 0 → 1 is worth on one unit\n"
    text += f"  {cost.name}: 0.001 EUR    # what one {cost.unit or 'count'} of {cost.name} costs"
    said = (
        "not given. Say in nonet.yaml what an outcome is worth to you, by the name of a metric, and the "
        "impact is computed:"
    )
    return [Paragraph((Span("Business impact: ", "strong"), said)), Commands(text)]


def _row(account: Account, name: str, text: str) -> tuple[Text, ...]:
    metric, worth = account.metrics.get(name), _WORTH.fullmatch(text.strip())
    shown = one_line(text, 80)
    if metric is None:
        known = ", ".join(account.metrics)
        return name, shown, ABSENT, f"not computed: no metric has this name ({known})"
    if worth is None:
        return name, shown, ABSENT, "not computed: write a number and a currency, such as 120 EUR"
    difference = _difference(account, metric)
    if difference is None:
        return name, shown, ABSENT, "not computed: not measured for both"
    amount, currency = float(worth[1].replace(",", "")), one_line(worth[2] or "", 20)
    return name, shown, number(difference.value, metric.unit, sign=True), _impact(difference, metric, amount, currency)


def _difference(account: Account, metric: Metric) -> Interval | None:
    """Return winner − baseline; with an interval for the objective, whose pairs were compared."""
    claimed = account.delivery.claim.difference
    if metric.name == account.objective.name and claimed is not None:
        return claimed
    mine, theirs = account.winner_metrics.get(metric.name), account.baseline_metrics.get(metric.name)
    if mine is None or theirs is None:
        return None
    value = mine.value - theirs.value
    return Interval(value, float("-inf"), float("inf"), min(mine.n, theirs.n))


def _impact(difference: Interval, metric: Metric, amount: float, currency: str) -> str:
    counted = metric.source == "resource"
    factor = amount * (1 if counted else _PER) * (1 if metric.direction == "maximise" else -1)
    per = "" if counted else f" per {_PER:,} units"
    ends = sorted((factor * difference.low, factor * difference.high))
    around = "" if float("inf") in ends else f" [{ends[0]:+,.2f}, {ends[1]:+,.2f}]"
    return f"{factor * difference.value:+,.2f}{around} {currency}{per}".replace("-", "−")
