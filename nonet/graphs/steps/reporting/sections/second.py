"""What was decided second: fields that no number of the objective depends on, given its winner."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account, CandidateRow
from nonet.graphs.steps.reporting.document import Paragraph, Section, Span, Table, Text
from nonet.graphs.steps.reporting.numbers import measured


def section(account: Account) -> Section:
    """Show the refinements of the winner side by side, or say why there are none."""
    second, decided = account.blueprint.second, account.second
    assert second is not None, "the section stands in reports of blueprints that decide something second"
    names = ", ".join(second.fields)
    metric, cost = (account.metrics[name] for name in (second.objective.metric, second.objective.cost))
    if decided is None:
        said = f"{names} stay as they were: {metric.name} has no value here, or the race ended first."
        return Section("Decided second", [Paragraph(said)])
    rows = {row.key: row for row in account.rows}
    cells: list[tuple[Text, ...]] = [
        (
            _named(account, rows[each.candidate], ships=each.candidate == decided.winner),
            measured(rows[each.candidate].metrics.get(metric.name), metric),
            measured(rows[each.candidate].metrics.get(cost.name), cost),
            each.why,
        )
        for each in decided.comparisons
    ]
    said = (
        f"Given how the winner finds, {names} were decided by {metric.name} at the cost of {cost.name}: the cheapest "
        f"within the tolerance of the best. {decided.reason}"
    )
    return Section(
        "Decided second", [Paragraph(said), Table(["Design", metric.name, cost.name, "What became of it"], cells)]
    )


def _named(account: Account, row: CandidateRow, *, ships: bool) -> Text:
    """The fields decided second that say something, as they stand in a design."""
    fields = account.blueprint.second.fields if account.blueprint.second else ()
    text = ", ".join(f"{name} {row.design[name]}" for name in fields if row.design.get(name) not in ("", None))
    return Span(text, "strong") if ships else text
