"""The Pareto set, and every candidate with what became of it."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account, CandidateRow
from nonet.graphs.steps.reporting.document import Block, Paragraph, Section, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import counted, measured, seconds
from nonet.graphs.steps.reporting.pictures.quality_cost import quality_cost
from nonet.graphs.steps.reporting.sections.decision import cost


def pareto(account: Account) -> Section:
    """Show quality against cost, and those that nothing beats on both."""
    metric = account.objective
    picture = quality_cost(account)
    blocks: list[Block] = [picture] if picture else []
    if not account.decision.pareto:
        return Section(
            "Pareto set", [*blocks, Paragraph(f"No candidate has both {metric.name} and {account.cost.name}.")]
        )
    rows: list[tuple[Text, ...]] = [
        (
            str(account.numbers[key]),
            account.describe(account.candidates[key]),
            measured(account.candidates[key].metrics.get(metric.name), metric),
            cost(account, account.comparisons[key].cost),
        )
        for key in account.decision.pareto
    ]
    said = f"Nothing measured beats these on both {metric.name} and {account.cost.name}; cheapest first."
    blocks += [Paragraph(said), Table(["No.", "Candidate", metric.name, account.cost.name], rows, numeric=(0, 2, 3))]
    return Section("Pareto set", blocks)


def section(account: Account) -> Section:
    """List every candidate: who nominated it, on how many units it was measured, and how it ended."""
    rows: list[tuple[Text, ...]] = [
        (
            str(account.numbers[row.key]),
            (account.describe(row), Span(f" {row.key[:8]}", "code")),
            ", ".join(row.seats) or "—",
            *((f"{row.screened:,}",) if account.pool else ()),
            f"{row.measured:,}",
            _fate(account, row),
        )
        for row in account.candidates.values()
    ]
    said = (
        f"{counted(len(rows), 'candidate')}. A candidate leaves the race when a rung shows it "
        "hopeless; every one keeps its place "
        "on record. Why each was nominated stands under opinions."
    )
    screened = ["Units screened"] if account.pool else []
    columns = ["No.", "Candidate", "Seats", *screened, "Units measured", "What became of it"]
    numeric = (0, *range(3, len(columns) - 1))
    return Section("Every candidate", [Paragraph(said), Table(columns, rows, numeric=numeric)])


def _fate(account: Account, row: CandidateRow) -> Text:
    if row.failed:
        return (Span("failed: ", "bad"), one_line(row.failed, 300))
    if row.screened and not row.measured and not row.not_measured:
        why = one_line(row.dropped, 300)
        return f"dropped: {why}" if why else "screened; the finalists were better on the pool"
    if row.not_measured or not row.measured:
        needs = f" (expected to take {seconds(row.estimate)})" if row.estimate else ""
        return (Span("not measured: ", "open"), one_line(row.not_measured or "the race ended first", 300), needs)
    if row.dropped:
        return f"dropped: {one_line(row.dropped, 300)}"
    if row.key == account.decision.winner:
        return Span("ships", "good")
    comparison = account.comparisons.get(row.key)
    return comparison.why if comparison else "measured in part"
