"""The decision: the rule that chose, what it chose among, and how sure the order is."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Paragraph, Section, Span, Table, Text
from nonet.graphs.steps.reporting.numbers import ABSENT, counted, measured, number, percent
from nonet.graphs.steps.reporting.pictures.comparisons import comparisons
from nonet.trials.decision import Comparison
from nonet.trials.measurements import allowance

COLUMNS = ("No.", "Candidate", "Value", "Against the best", "Expected shortfall", "Cost", "What became of it")


def section(account: Account) -> Section:
    """Say which rule shipped the winner, and show every comparison behind it."""
    blocks: list[Block] = [
        Paragraph(
            (
                Span("Winner: ", "strong"),
                f"candidate {account.name(account.decision.winner)}. {account.decision.reason}",
            )
        ),
        Paragraph((Span("Rule: ", "strong"), _rule(account))),
    ]
    if len(account.decision.tie) > 1:
        tied = ", ".join(str(account.numbers[key]) for key in account.decision.tie)
        blocks.append(
            Paragraph((Span("Tie: ", "strong"), f"candidates {tied} are within the tolerance; the cheapest ships."))
        )
    picture = comparisons(account, allowed(account))
    blocks += [picture] if picture else []
    rows = [_row(account, comparison) for comparison in account.decision.comparisons]
    blocks.append(Table(COLUMNS, rows, numeric=(0, 2, 3, 4, 5)))
    return Section("Decision", blocks)


def allowed(account: Account) -> float:
    """Return how much of the objective may be given up for a cheaper candidate, in its own unit."""
    best = account.candidates[account.decision.best].metrics.get(account.objective.name)
    return allowance(account.objective, best.value if best else 0.0, account.brief.tolerance)


def _rule(account: Account) -> str:
    metric, given = account.objective, account.brief.tolerance
    if account.decision.nearest_miss:
        return (
            "every candidate misses a target, so the one whose misses are least ships: their sum, each relative to its "
            f"bar; then {metric.name}, then cost."
        )
    share = metric.tolerance if given is None else given
    width = f"{percent(share)} of the best" if metric.relative else number(share, metric.unit)
    whose = "the default" if given is None else "yours"
    bars = [*account.brief.targets, *(str(target) for target in account.blueprint.objective.subject_to)]
    subject = f", among those that meet {', '.join(dict.fromkeys(bars))}" if bars else ""
    return (
        f"the cheapest candidate ({account.cost.name}{_counted_as(account)}) whose expected shortfall against the best "
        f"{metric.name}, over paired resamples of {counted(account.compared, 'selection unit')}, is within {width} "
        f"({whose}){subject}. The best is fixed before resampling. Significance plays no part in what "
        "ships; it is for the claim."
    )


def _counted_as(account: Account) -> str:
    return ", as a ratio to the baseline in steps of 1.25" if account.cost.source == "latency" else ""


def _row(account: Account, comparison: Comparison) -> tuple[Text, ...]:
    key, metric = comparison.candidate, account.objective
    winner = key == account.decision.winner
    name = account.describe(account.candidates[key]) + (" (baseline)" if key == account.baseline_key else "")
    best = key == account.decision.best
    return (
        str(account.numbers[key]),
        Span(name, "strong") if winner else name,
        measured(account.candidates[key].metrics.get(metric.name), metric),
        Span("the best", "muted") if best else measured(comparison.difference, metric, sign=True),
        Span("—", "muted") if comparison.shortfall is None else number(comparison.shortfall, metric.unit),
        cost(account, comparison.cost),
        Span(comparison.why, "strong") if winner else comparison.why,
    )


def cost(account: Account, value: float | None) -> Text:
    """Write a cost as it was counted: a latency as a ratio to the baseline."""
    if value is None:
        return ABSENT
    return f"{value:.3g} × baseline" if account.cost.source == "latency" else number(value, account.cost.unit)
