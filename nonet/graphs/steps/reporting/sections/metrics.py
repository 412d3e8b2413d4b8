"""Every metric with its interval, the baseline beside the winner, on selection and on the holdout."""

from __future__ import annotations

from collections.abc import Mapping

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Bullets, Paragraph, Section, Span, Table, Text
from nonet.graphs.steps.reporting.numbers import ABSENT, measured
from nonet.graphs.steps.reporting.sections import judged
from nonet.trials.contract import Interval, Metric

ARROWS = {"maximise": "more", "minimise": "less"}


def section(account: Account) -> Section:
    """Set the baseline beside the winner."""
    sealed = bool(account.delivery.metrics.winner)
    columns = ["Metric", "Better", "Winner", "Baseline", *(["Winner, holdout", "Baseline, holdout"] if sealed else [])]
    rows = [_row(account, metric, sealed=sealed) for metric in account.blueprint.metrics]
    blocks: list[Block] = [
        Paragraph(
            f"Intervals are 95 %. The winner is candidate {account.numbers[account.decision.winner]}, "
            "the baseline candidate "
            f"{account.numbers[account.baseline_key]} ({account.describe(account.baseline)})."
        ),
        Table(columns, rows, numeric=tuple(range(2, len(columns)))),
        *judged.blocks(account),
        *_apart(account),
        Paragraph("What they are:"),
        Bullets([(Span(metric.name, "code"), f" {_described(metric)}") for metric in account.blueprint.metrics]),
    ]
    return Section("The winner beside the baseline", blocks)


def _apart(account: Account) -> list[Block]:
    """Set the kinds of labels apart, where the choice was made on more than one."""
    if not account.by_kind:
        return []
    counts = {row.kind: row.selection for row in account.labels}
    columns = ["Metric", "Labels", "Units", "Winner", "Baseline"]
    rows: list[tuple[Text, ...]] = []
    for metric in account.blueprint.metrics:
        for kind, found in account.by_kind.items():
            sources = [found.get(account.decision.winner, {}), found.get(account.baseline_key, {})]
            if metric.source == "score":
                values = (_value(account, source, metric) for source in sources)
                rows.append((metric.name, kind, f"{counts[kind]:,}", *values))
    return [Paragraph("The same on selection, by where the labels come from:"), Table(columns, rows, numeric=(2, 3, 4))]


def _value(account: Account, found: Mapping[str, Interval | None], metric: Metric) -> Text:
    interval = found.get(metric.name)
    if interval:
        return measured(interval, metric)
    return Span(judged.lacking(account, metric), "muted") if metric.needs else ABSENT


def _described(metric: Metric) -> str:
    needs = f"; needs {metric.minimum_units} distinct units" if metric.minimum_units > 1 else ""
    unit = f" ({metric.unit})" if metric.unit else ""
    return f"{metric.description}{unit}{needs}."


def _row(account: Account, metric: Metric, *, sealed: bool) -> tuple[Text, ...]:
    name: Text = Span(metric.name, "strong") if metric.name == account.objective.name else metric.name
    sources = [account.winner_metrics, account.baseline_metrics]
    if sealed:
        sources += [account.delivery.metrics.winner, account.delivery.metrics.baseline]
    return (name, ARROWS[metric.direction], *(_value(account, source, metric) for source in sources))
