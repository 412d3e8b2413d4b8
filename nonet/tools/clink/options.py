"""Options compared: every pair in both orders, by judges that did not write them, and a ranking of what was consistent.

Judges see the options as first and second, without authors or names. A verdict counts when it survives the other
order; one that turns with it counts for the order-flip rate alone. A judge may say that neither is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from nonet import configs
from nonet.tools.clink.bradley_terry import Ranking, fit
from nonet.tools.clink.opinion import Opinion
from nonet.tools.clink.seat import Seat
from nonet.tools.clink.together import Asked, Round, together
from nonet.tools.quoting import quoted_lines

MOST_OPTIONS = 8
"""Options of one question: 8 are 56 questions to each judge."""


class Verdict(BaseModel):
    """Which of two options is better."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    better: Literal["first", "second", "neither"] = Field(description="The better one; neither if you cannot tell.")
    reason: str = Field(default="", max_length=1500, description="Why, in a sentence or two.")


@dataclass(frozen=True)
class Option:
    """One option; ``family`` is that of the model that proposed it, "" where a person did."""

    text: str
    family: str = ""


@dataclass(frozen=True)
class Judged:
    """One judge on one pair of positions.

    Attributes:
        winner: the option that won in both orders; ``None`` where there is none.
        outcome: ``consistent``, ``flipped``, ``abstained`` (neither, in one order at least) or ``failed``.
        reasons: what it said in either order.
    """

    judge: str
    pair: tuple[int, int]
    winner: int | None
    outcome: Literal["consistent", "flipped", "abstained", "failed"]
    reasons: tuple[str, str]


@dataclass(frozen=True)
class Compared:
    """What came of the options; ``ranking`` is ``None`` where no verdict was consistent: the judges abstain."""

    judged: list[Judged]
    ranking: Ranking | None
    failures: list[Opinion[Verdict]]
    unjudged: list[tuple[int, int]]

    def flips(self) -> dict[str, tuple[int, int]]:
        """Return judge → (pairs that it decided in both orders, of them those whose verdict turned)."""
        found: dict[str, tuple[int, int]] = {}
        for each in self.judged:
            if each.outcome in ("consistent", "flipped"):
                pairs, flipped = found.get(each.judge, (0, 0))
                found[each.judge] = (pairs + 1, flipped + (each.outcome == "flipped"))
        return found


async def compare(
    round_: Round, seats: Sequence[Seat], prompt: str, quoted: str, options: Sequence[Option]
) -> Compared:
    """Ask every judge for every pair in both orders, all at once.

    Only where every seat is of an author's family is a pair left to nobody; it is then reported as not judged.
    """
    asked: list[Asked] = []
    keys: list[tuple[str, tuple[int, int]]] = []
    unjudged: list[tuple[int, int]] = []
    for i, j in combinations(range(len(options)), 2):
        authors = {options[i].family, options[j].family} - {""}
        judges = [seat for seat in seats if seat.provider.family not in authors]
        if not judges:
            unjudged.append((i, j))
        for seat in judges:
            for first, second in ((i, j), (j, i)):
                asked.append(Asked(seat, _question(prompt, quoted, options[first].text, options[second].text)))
            keys.append((seat.name, (i, j)))
    found = await together(round_, asked, Verdict)
    judged = [_judged(*key, found[2 * n], found[2 * n + 1]) for n, key in enumerate(keys)]
    wins = [(each.winner, sum(each.pair) - each.winner) for each in judged if each.winner is not None]
    return Compared(
        judged, fit(len(options), wins) if wins else None, [each for each in found if each.answer is None], unjudged
    )


def _judged(judge: str, pair: tuple[int, int], one: Opinion[Verdict], other: Opinion[Verdict]) -> Judged:
    if one.answer is None or other.answer is None:
        return Judged(judge, pair, None, "failed", (one.said, other.said))
    reasons = (one.answer.reason, other.answer.reason)
    if "neither" in (one.answer.better, other.answer.better):
        return Judged(judge, pair, None, "abstained", reasons)
    if one.answer.better == other.answer.better:  # the same place is the other option
        return Judged(judge, pair, None, "flipped", reasons)
    return Judged(judge, pair, pair[0] if one.answer.better == "first" else pair[1], "consistent", reasons)


def _question(prompt: str, quoted: str, first: str, second: str) -> str:
    parts = [configs.text("prompts", "clink_options.md").strip(), f"# Question\n\n{prompt}"]
    parts += [f"# Files\n\n{quoted}"] if quoted else []
    return "\n\n".join(
        [*parts, f"# First option\n\n{quoted_lines(first)}", f"# Second option\n\n{quoted_lines(second)}"]
    )
