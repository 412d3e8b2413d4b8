"""Opinions: who nominated what, who dissented, and whether the measurement bore them out."""

from __future__ import annotations

from nonet.graphs.steps.reporting.account import Account, SeatRow
from nonet.graphs.steps.reporting.document import Block, Paragraph, Section, Span, Table, Text, one_line
from nonet.graphs.steps.reporting.numbers import ABSENT, counted, number
from nonet.graphs.steps.reporting.sections import council
from nonet.graphs.steps.reporting.sections.decision import allowed


def section(account: Account) -> Section:
    """Hold each seat against the measurements, and give the reasons."""
    rows: list[tuple[Text, ...]] = [
        (seat.seat, str(seat.nominated), str(seat.measured), _best(account, seat), _verdict(account, seat))
        for seat in account.seats
    ]
    dissent = [seat.seat for seat in account.seats if not seat.nominated_winner]
    said = f"Dissenting from what ships: {', '.join(dissent)}." if dissent else "No seat dissented from what ships."
    named = f"What ships was nominated by {', '.join(account.winner.seats)}."
    blocks: list[Block] = [Paragraph(f"{named} {said} Opinions propose; the measurement decided.")]
    blocks.append(Table(["Seat", "Nominated", "Measured", "Best of its own", "Was it right?"], rows, numeric=(1, 2)))
    reasons: list[tuple[Text, ...]] = [
        (str(account.numbers[row.key]), seat, one_line(reason, 400))
        for row in account.candidates.values()
        for seat, reason in zip(row.seats, row.reasons, strict=False)
    ]
    if reasons:
        title = f"Why they were nominated ({counted(len(reasons), 'nomination')})"
        blocks.append(Table(["No.", "Seat", "Reason"], reasons, numeric=(0,), folded=title))
    return Section("Opinions and dissent", [*blocks, *council.blocks(account)])


def _best(account: Account, seat: SeatRow) -> Text:
    if seat.best is None:
        return ABSENT
    number_of = account.numbers.get(seat.best.candidate)
    return f"{number_of} with {account.objective.name} {number(seat.best.value, account.objective.unit)}"


def _verdict(account: Account, seat: SeatRow) -> Text:
    if seat.nominated_winner:
        return (Span("right", "good"), ": it nominated what ships")
    shipped = account.winner_metrics.get(account.objective.name)
    if seat.best is None or shipped is None:
        why = "none of its designs reached the comparison" if seat.measured else "none of its designs was measured"
        return (Span("not shown", "open"), f": {why}")
    sign = 1 if account.objective.direction == "maximise" else -1
    ahead = sign * (seat.best.value - shipped.value)
    gap = number(abs(ahead), account.objective.unit)
    if ahead > 0:
        why = account.comparisons[seat.best.candidate].why if seat.best.candidate in account.comparisons else ""
        return (Span("in part", "open"), f": its best is {gap} ahead of what ships; {why}")
    if -ahead <= allowed(account):
        return (Span("in part", "open"), f": its best is {gap} behind, within the tolerance, but did not ship")
    return (Span("wrong", "bad"), f": its best is {gap} behind what ships")
