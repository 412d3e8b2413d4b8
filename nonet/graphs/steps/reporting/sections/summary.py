"""The summary: what ships, why, and what may be claimed of it; before it, what must not be overlooked."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Bullets, Section, Span
from nonet.graphs.steps.reporting.numbers import counted, measured, seconds
from nonet.graphs.steps.reporting.sections import claim


def lead(account: Account) -> str:
    """Return the line under the title."""
    spent = account.budget.spent
    return (
        f"{account.blueprint.name} · run {account.run_id} · {counted(spent.candidates, 'candidate')} measured in "
        f"{seconds(spent.seconds)} of a budget of {account.budget.asked}"
    )


def warnings(account: Account) -> list[str]:
    """Return what a reader must know before the first number."""
    found = list(account.data.warnings)
    if account.isolation == "none":
        found.append(
            "Isolation: none. The trials ran without confinement: nothing kept a design's code from "
            "reading the labels or "
            "touching other files. The numbers are as trustworthy as that code."
        )
    if stopped := _stopped(account):
        found.append(stopped)
    if account.decision.nearest_miss:
        found.append(
            "No candidate meets every target. What ships is the nearest miss; the Pareto set shows what there is."
        )
    tests = account.delivery.tests
    if tests and not tests.passed:
        found.append("The shipped project's own tests failed; their last lines stand under integrity and reproduction.")
    return found


def _stopped(account: Account) -> str:
    names = [account.name(row.key) for row in account.unmeasured]
    left = f"Not measured: {'; '.join(names)}." if names else "Every candidate was measured at least in part."
    match account.budget.bound:
        case "time":
            return f"Decided by the clock: another run of the same length may decide otherwise. {left}"
        case "signal":
            return f"Stopped before the race was over: decided on what was measured by then. {left}"
        case _:
            return ""


def section(account: Account) -> Section:
    """Say what ships, why, and the claim."""
    value = measured(account.winner_metrics.get(account.objective.name), account.objective)
    itself = "the baseline, in the form decided second" if account.winner.refines else "the baseline itself"
    which = f" ({itself})" if account.winner_is_baseline else ""
    ships = (
        Span("What ships: ", "strong"),
        f"candidate {account.name(account.decision.winner)}{which}, with {account.objective.name} ",
        *(value if isinstance(value, tuple) else (value,)),
        f" on {counted(account.compared, 'selection unit')}.",
    )
    why = (Span("Why: ", "strong"), account.decision.reason)
    said = (Span("Claim: ", "strong"), claim.plainly(account))
    return Section("Summary", [Bullets([ships, why, said])])
