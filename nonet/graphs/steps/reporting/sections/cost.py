"""What it costs: to build, to run and to store, and what this run itself took."""

from __future__ import annotations

from collections import defaultdict

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Paragraph, Section, Span, Table, Text
from nonet.graphs.steps.reporting.numbers import ABSENT, counted, measured, number, seconds

LOCAL = ("folder and library", "folder", "library", "installed", "ripgrep", "journal", "index", "git", "embedded")
"""Backends of tools that stay on this machine."""


def section(account: Account) -> Section:
    """Say what winner and baseline cost, then what the run spent, in time and in money."""
    blocks: list[Block] = []
    rows = _resources(account)
    if rows:
        blocks.append(Table(["Cost", "Winner", "Baseline", "Winner / baseline"], rows, numeric=(1, 2, 3)))
    emitted, tests = account.delivery.emitted, account.delivery.tests
    if emitted:
        checked = (
            f" Its own tests {'passed' if tests.passed else 'failed'} in {seconds(tests.seconds)}." if tests else ""
        )
        size = number(emitted.bytes, "bytes")
        blocks.append(Paragraph(f"The shipped project is {counted(emitted.files, 'file')}, {size}.{checked}"))
    blocks += [Paragraph((Span("Money: ", "strong"), money(account))), Paragraph(_spent(account))]
    if account.spent:
        blocks.append(_ledger(account))
    return Section("Computational cost", blocks)


def _resources(account: Account) -> list[tuple[Text, ...]]:
    rows: list[tuple[Text, ...]] = []
    for metric in account.blueprint.metrics:
        if metric.source in ("score", "judge") and metric.unit not in ("tokens", "bytes", "s", "ms"):
            continue
        mine, theirs = account.winner_metrics.get(metric.name), account.baseline_metrics.get(metric.name)
        ratio: Text = f"{mine.value / theirs.value:.3g} ×" if mine and theirs and theirs.value else ABSENT
        rows.append((metric.name, measured(mine, metric), measured(theirs, metric), ratio))
    return rows


def money(account: Account) -> str:
    """Say whether anything that may cost money was called; "no paid call" only where that is known."""
    remote = sorted({f"{item.tool} ({item.backend})" for item in account.evidence if item.backend not in LOCAL})
    models = ", ".join(sorted({row.provider for row in account.asked}))
    if account.model != "playbook" and not models:
        remote.insert(0, f"the agents' model ({account.model})")
    if models:
        priced = [row.usd for row in account.asked if row.usd is not None]
        unpriced = "" if len(priced) == len(account.asked) else ", and what has no known price"
        said = f"the models asked ({models}) took {sum(priced):.4f} USD by the prices on record{unpriced}."
        others = (
            f" Calls also left this machine for {', '.join(remote)}: what they cost is not measured." if remote else ""
        )
        return said + others
    if not remote:
        return "no paid call was made: the agents ran on the playbook model, and every tool answered from this machine."
    return (
        f"calls left this machine for {', '.join(remote)}. What they cost is not measured here; the "
        "provider's bill says."
    )


def _spent(account: Account) -> str:
    spent, bound = account.budget.spent, account.budget.bound
    ended = {
        None: "nothing cut the race short",
        "trials": "the number of candidates ended the race",
        "time": "the clock ended the race",
        "signal": "a stop was asked for",
    }.get(bound, str(bound))
    return (
        f"Budget: {account.budget.asked} asked; {seconds(spent.seconds)} and "
        f"{counted(spent.candidates, 'candidate')} spent; {ended}. "
        "Preparing the environment and delivering are not part of it."
    )


def _ledger(account: Account) -> Table:
    times: dict[str, list[float]] = defaultdict(list)
    for entry in account.spent:
        times[entry.what].append(entry.seconds)
    rows = [
        (what, f"{len(each):,}", seconds(sum(each)))
        for what, each in sorted(times.items(), key=lambda item: -sum(item[1]))
    ]
    title = (
        f"Where the time went ({seconds(account.spent_seconds)} of wall time; what ran side by side or "
        "within a step overlaps)"
    )
    return Table(["What", "Times", "Together"], rows, numeric=(1, 2), folded=title)
