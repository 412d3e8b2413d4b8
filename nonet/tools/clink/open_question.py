"""An open question: claims made blind, like ones put together, who contradicts which, and what tools find of them.

Who contradicts a claim cannot be known by a seat that is blind to it. So after all have answered, each seat is shown
the numbered statements that it did not make, without their authors, and says once which it holds and which it
contradicts. Nothing is revised after that: later speakers copy the first, so only the blind claims count as claims.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from nonet import configs
from nonet.tools.clink.checking import Checked, check
from nonet.tools.clink.claims import MOST_CLAIMS, Evidence, Positions, Review
from nonet.tools.clink.grouping import Held, grouped
from nonet.tools.clink.opinion import Opinion
from nonet.tools.clink.seat import Seat
from nonet.tools.clink.together import Asked, Round, together
from nonet.tools.contract import ToolContext
from nonet.tools.quoting import on_one_line

MOST_CHECKED = 60
"""Pieces of evidence that are checked; a scan by a rule counts as ten."""
_SCAN = 10


@dataclass
class Group:
    """Like claims.

    Attributes:
        members: the claims, each as its seat made it.
        holders: seats that made it, then those that say they hold it, each once.
        contradicted: seat → why.
        evidence: what was made of each piece of evidence.
    """

    members: list[Held]
    holders: list[str]
    contradicted: dict[str, str] = field(default_factory=dict[str, str])
    evidence: list[Checked] = field(default_factory=list[Checked])


@dataclass(frozen=True)
class Reviewed:
    """What came of an open question: the groups, and every opinion, failures among them."""

    groups: list[Group]
    opinions: list[Opinion[Review]]
    positions: list[Opinion[Positions]]


async def review(round_: Round, questions: Sequence[Asked], prompt: str, context: ToolContext) -> Reviewed:
    """Ask all seats, group their claims, ask once who contradicts which, and check what a tool can check."""
    opinions = await together(round_, questions, Review)
    claims = [Held(each.seat, claim) for each in opinions if each.answer for claim in each.answer.claims]
    groups = [Group(members, sorted({each.seat for each in members})) for members in grouped(claims)]
    heard = {each.seat for each in opinions if each.answer}
    seats = [each.seat for each in questions if each.seat.name in heard]
    positions = await _positions(round_, seats, groups, prompt)
    await _check(groups, context)
    return Reviewed(groups, opinions, positions)


def question(prompt: str, quoted: str, unseen: str) -> str:
    """Return what every seat is asked."""
    parts = [configs.text("prompts", "clink.md").format(most=MOST_CLAIMS).strip(), f"# Question\n\n{prompt}"]
    return "\n\n".join([*parts, *([f"# Files\n\n{quoted}"] if quoted else []), *([unseen] if unseen else [])])


async def _positions(
    round_: Round, seats: Sequence[Seat], groups: Sequence[Group], prompt: str
) -> list[Opinion[Positions]]:
    asked: list[Asked] = []
    for seat in seats:
        others = [(n, group) for n, group in enumerate(groups, start=1) if seat.name not in group.holders]
        if others:
            listed = "\n".join(f"> {n}. {on_one_line(group.members[0].claim.statement)}" for n, group in others)
            text = configs.text("prompts", "clink_positions.md").strip()
            asked.append(Asked(seat, f"{text}\n\n# Question\n\n{prompt}\n\n# Claims\n\n{listed}"))
    found = await together(round_, asked, Positions)
    made = [tuple(group.holders) for group in groups]
    for opinion in found:
        for each in opinion.answer.positions if opinion.answer else ():
            if not 1 <= each.number <= len(groups) or opinion.seat in made[each.number - 1]:
                continue
            group = groups[each.number - 1]
            if each.stance == "holds" and opinion.seat not in (*group.holders, *group.contradicted):
                group.holders.append(opinion.seat)
            elif each.stance == "contradicts" and opinion.seat not in group.holders:
                group.contradicted[opinion.seat] = each.reason
    return found


async def _check(groups: Sequence[Group], context: ToolContext) -> None:
    """Check each piece of evidence once, within limits; what is beyond them stays unchecked and says so."""
    known: dict[Evidence, Checked] = {}
    left = MOST_CHECKED
    for group in groups:
        for evidence in dict.fromkeys(piece for each in group.members for piece in each.claim.evidence):
            cost = _SCAN if evidence.rule else 1
            if evidence not in known and left >= cost:
                left -= cost
                known[evidence] = await check(evidence, context)
                await asyncio.sleep(0)
            beyond = Checked(evidence, "unchecked", "more evidence than is checked in one consultation")
            group.evidence.append(known.get(evidence, beyond))
