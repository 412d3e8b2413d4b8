"""The data: how much there was, what was left out, and how much more would show a given difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Bullets, Paragraph, Section, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import counted, number, percent
from nonet.trials.claim import Claim
from nonet.trials.splits import SEALED_FROM

_ABSOLUTE = (0.01, 0.02, 0.05, 0.1)
_PARTS = {"fit": "fit (to train on)", "selection": "selection (to choose on)", "holdout": "holdout (to claim on)"}
_MOST_SKIPPED = 200


def section(account: Account) -> Section:
    """Say what data the numbers rest on and what more data would buy."""
    blocks: list[Block] = [Paragraph(_sizes(account))]
    if account.labels:
        rows = [(row.kind, f"{row.selection:,}", f"{row.holdout:,}") for row in account.labels]
        blocks.append(Table(["Labels", "Selection", "Holdout"], rows, numeric=(1, 2)))
    if account.data.notes:
        blocks.append(Bullets(list(account.data.notes)))
    if account.data.counts or account.data.fingerprint:
        described = [
            (name, _value(value)) for name, value in _flat({**account.data.counts, **account.data.fingerprint})
        ]
        blocks.append(Table(["Of the data", ""], described, numeric=(1,), folded="Sizes and quantiles of the data"))
    if account.data.skipped:
        blocks += _skipped(account)
    blocks += _needed(account, account.delivery.claim)
    return Section("Data requirements", blocks)


def _sizes(account: Account) -> str:
    parts = ", ".join(f"{count:,} {_PARTS.get(part, part)}" for part, count in account.parts.items() if count)
    hidden = (
        " The measuring copy hides what the questions were made from; what ships has all of it."
        if account.data.hidden
        else ""
    )
    return (
        f"{counted(account.data.files, 'file')} read; {counted(sum(account.parts.values()), 'unit')}: {parts}.{hidden}"
    )


def _skipped(account: Account) -> list[Block]:
    skipped = account.data.skipped
    rows = [(one_line(each.name, 120), one_line(each.reason, 200)) for each in skipped[:_MOST_SKIPPED]]
    more = f", the first {_MOST_SKIPPED} listed" if len(skipped) > _MOST_SKIPPED else ""
    return [
        Table(
            ["Skipped", "Why"],
            rows,
            folded=f"{counted(len(skipped), 'file or record', 'files or records')} skipped{more}",
        )
    ]


def _needed(account: Account, claim: Claim) -> list[Block]:
    metric, base = account.objective, account.delivery.claim.baseline
    absolute = not metric.relative and not metric.unit
    scale = 1.0 if absolute or base is None else abs(base.value)
    rows: list[tuple[Text, ...]] = []
    for share in _ABSOLUTE:
        units = claim.units_to_show(share * scale) if scale else None
        if units is not None:
            of = "" if absolute else f" ({percent(share)} of the baseline)"
            rows.append((f"{number(share * scale, metric.unit)}{of}", f"{units:,}"))
    if rows:
        said = (
            f"How many holdout units like these would show a true difference in {metric.name}, with 80 % "
            "power at this level:"
        )
        return [Paragraph(said), Table(["Difference", "Holdout units"], rows, numeric=(1,))]
    if not account.parts.get("holdout"):
        wanted = "given units" if account.mixed else "units"
        return [
            Paragraph(
                f"Bring at least {SEALED_FROM} {wanted}: about 40 % are then sealed, and a claim becomes possible."
            )
        ]
    return [
        Paragraph(
            "How many units would show a difference is not known: too few units differ between winner and baseline."
        )
    ]


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name} ")  # pyright: ignore[reportUnknownArgumentType]
        else:
            rows.append((f"{prefix}{name}", value))
    return rows


def _value(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(float(value))
    return one_line(value, 200)
