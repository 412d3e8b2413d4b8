"""The council in the report: who was asked, who failed and how, what each said, and what asking took."""

from __future__ import annotations

from collections.abc import Sequence

from nonet.graphs.steps.consult.opinions import Said
from nonet.graphs.steps.reporting.account import Account
from nonet.graphs.steps.reporting.document import Block, Bullets, Paragraph, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import ABSENT, counted, seconds


def blocks(account: Account) -> list[Block]:
    """Say in which mode the run was, then everything of the council that a reader may doubt."""
    found: list[Block] = [Paragraph(_mode(account))]
    said = account.said
    if said:
        columns = ["Seat", "Model", "Came to", "Designs", "Confidence", "After"]
        found.append(Table(columns, [_row(each) for each in said], numeric=(3, 4, 5)))
    failures = _failures(account)
    if failures:
        found.append(Bullets(failures))
    reasons = [_reasons(each) for each in said if each.answer is not None]
    if reasons:
        found.append(
            Table(["Seat", "Why", "Risks", "What would change its mind"], reasons, folded="What the seats said")
        )
    if account.asked:
        found.append(_spent(account))
    return found


def mode(account: Account) -> str:
    """Return ``no model``, ``one model`` or ``council``."""
    known = account.council.get("mode")
    return str(known) if known else "no model" if account.model == "playbook" else "one model"


def _mode(account: Account) -> Text:
    council, name = account.council, Span(mode(account), "strong")
    if not council or council.get("passed"):
        why = str(council.get("passed") or "no step of this workflow asks a council.")
        return ("Mode: ", name, f". {one_line(why, 400)}")
    names, answered = ", ".join(council["seats"]), len(council["answered"])
    agreed = sum(len(each["seats"]) > 1 for each in council["nominated"])
    repeated = len(council["repeated"])
    said = [
        f". Seats: {one_line(names, 400)}; {answered} answered within {seconds(council['waited'])}",
        f" (quorum {council['quorum']}, {'met' if council['met'] else 'not met: nothing they named was built'}).",
        f" They nominated {counted(len(council['nominated']), 'design')} that had not been measured",
        f"; more than one seat named {agreed} of them, which is agreement and no evidence." if agreed else ".",
        f" {counted(repeated, 'design')} had been measured before they were named." if repeated else "",
    ]
    return ("Mode: ", name, "".join(said))


def _row(said: Said) -> tuple[Text, ...]:
    came: Text = Span(f"failed: {said.fault}", "bad") if said.fault else "answered"
    if said.late:
        came = Span("late: on record only", "open")
    elif said.repaired and not said.fault:
        came = "answered, after it was sent back once"
    confidence = f"{float(said.answer['confidence']):.2f}" if said.answer else ABSENT
    designs = str(len(said.designs)) if said.answer else ABSENT
    return (one_line(said.seat, 80), one_line(said.provider, 80), came, designs, confidence, seconds(said.seconds))


def _failures(account: Account) -> list[Text]:
    absent: dict[str, str] = account.council.get("absent") or {}
    heard = {each.seat for each in account.said}
    found: list[Text] = [
        f"{one_line(seat, 80)} could not be asked: {why}." for seat, why in absent.items() if seat not in heard
    ]
    for each in account.said:
        if each.fault:
            found.append(f"{one_line(each.seat, 80)} gave no opinion ({each.fault}): {one_line(each.said, 300)}")
        found += [f"{one_line(each.seat, 80)}, refused: {one_line(why, 300)}" for why in each.refused]
    return found


def _reasons(said: Said) -> tuple[Text, ...]:
    answer = said.answer or {}
    risks: Sequence[str] = answer.get("risks") or []
    return (
        one_line(said.seat, 80),
        one_line(answer.get("rationale") or "", 600),
        one_line("; ".join(risks), 600),
        one_line(answer.get("change_of_mind") or "", 400),
    )


def _spent(account: Account) -> Table:
    """What each step asked of the models, by the run's journal."""
    rows: list[tuple[Text, ...]] = []
    for step in dict.fromkeys(row.step for row in account.asked):
        calls = [row for row in account.asked if row.step == step]
        failed = sum(row.outcome != "answered" for row in calls)
        priced = [row.usd for row in calls if row.usd is not None]
        usd: Text = f"{sum(priced):.4f}" if len(priced) == len(calls) else "no price known"
        tokens = f"{sum(row.asked + row.answered for row in calls):,}"
        rows.append((one_line(step, 80), str(len(calls)), str(failed), tokens, usd))
    return Table(["Step", "Calls", "Failed", "Tokens", "USD"], rows, numeric=(1, 2, 3, 4))
