"""The claim: what may be said of the winner on units that no choice has seen."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Paragraph, Picture, Section, Table, Text
from nonet.graphs.steps.reporting.numbers import counted, ends, measured, number, percent
from nonet.graphs.steps.reporting.pictures.differences import differences
from nonet.trials.claim import Claim
from nonet.trials.contract import Metric
from nonet.trials.splits import SEALED_FROM

_MEANING = (
    "“Not shown” is not “equal”: a difference smaller than the smallest this holdout could have "
    "shown would most likely "
    "have gone unseen. It stands beside the claim so that you can judge whether such a difference would matter to you."
)


def section(account: Account) -> Section:
    """State the claim, its level, and what this holdout could have shown."""
    found = account.delivery.claim
    said = plainly(account)
    blocks: list[Block] = [Paragraph(said[:1].upper() + said[1:])]
    if found.difference is not None and not account.winner_is_baseline:
        blocks.append(Table(["", "On the sealed holdout"], _rows(account, found), numeric=()))
        if found.claim == "not shown":
            blocks.append(Paragraph(_MEANING))
    for each in account.delivery.beside:
        if each.difference is not None and not account.winner_is_baseline:
            blocks.append(Paragraph(f"Beside it, at the same opening and at the same level: {_of(account, each)}"))
            blocks.append(Table(["", "On the sealed holdout"], _rows(account, each), numeric=()))
    picture: Picture | None = differences(account)
    if picture:
        blocks.append(picture)
    return Section("Claim on the holdout", blocks)


def plainly(account: Account) -> str:
    """Say the claim in one or two sentences."""
    found = account.delivery.claim
    if account.winner_is_baseline:
        return "nothing. The baseline itself ships, so there is nothing to claim against it."
    if found.claim == "not shown (no holdout)" or found.difference is None:
        return _nothing_sealed(account)
    return _of(account, found)


def _of(account: Account, found: Claim) -> str:
    if found.difference is None:
        return "not measured."
    metric, n = _metric(account, found), counted(found.difference.n, "holdout unit")
    difference = f"{number(found.difference.value, metric.unit, sign=True)} {ends(found.difference, metric, sign=True)}"
    level = percent(1 - (found.alpha or 0.05))
    if found.claim == "not shown":
        could = (
            f"; a difference of {number(found.smallest_shown, metric.unit)} would most likely have been seen"
            if found.smallest_shown
            else ""
        )
        return (
            f"not shown to differ from the baseline in {metric.name} on {n}: winner − baseline {difference} "
            f"({level} interval){could}. {found.reason or ''}".strip()
        )
    return (
        f"{found.claim} than the baseline in {metric.name} on {n} that no choice had seen: winner − "
        f"baseline {difference} "
        f"({level} interval)."
    )


def _nothing_sealed(account: Account) -> str:
    if account.parts.get("holdout"):
        return "nothing is claimed: the holdout was not scored."
    given = sum(row.selection for row in account.labels if row.kind == "given")
    units = counted(given, "given unit") if account.mixed else counted(sum(account.parts.values()), "unit")
    return (
        f"nothing is claimed. With {units} nothing was sealed (it takes "
        f"{SEALED_FROM}), so every number here "
        "was also used to choose, and flatters the winner."
    )


def _rows(account: Account, found: Claim) -> list[tuple[Text, ...]]:
    metric, alpha, opened = _metric(account, found), found.alpha or 0.05, found.times_opened or 1
    smallest = (
        "not known: too few units differ" if found.smallest_shown is None else number(found.smallest_shown, metric.unit)
    )
    wanted = (
        "no number of units is known to" if found.units_for is None else f"{counted(found.units_for, 'unit')} would"
    )
    return [
        ("Claim", f"{found.claim} ({found.reason or ''})"),
        (f"Winner, {metric.name}", measured(found.winner, metric)),
        (f"Baseline, {metric.name}", measured(found.baseline, metric)),
        (f"Winner − baseline, {percent(1 - alpha)} interval", measured(found.difference, metric, sign=True)),
        ("Level of this opening", f"α = {percent(alpha)}; these units have been opened {counted(opened, 'time')}"),
        ("Smallest difference it could have shown (80 % power)", smallest),
        ("Units that would show the observed difference", f"{wanted} show it with 80 % power"),
    ]


def _metric(account: Account, found: Claim) -> Metric:
    return account.metrics[found.metric] if found.metric else account.objective
