"""What a judge says of one answer, and what it is shown: claims against passages, and two small rubrics.

Faithfulness as the share of an answer's claims that its context supports, and the two relevances beside it, follow
RAGAS (Es et al. 2023); here one passage must be named for every claim that counts as supported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from nonet.tools.quoting import quoted_lines
from nonet.trials.contract import Reading

MOST_CLAIMS = 40
BEST = 4
"""The best grade of a rubric; 0 is the worst."""
FAITHFULNESS, ANSWER_RELEVANCE, CONTEXT_RELEVANCE = "faithfulness", "answer_relevance", "context_relevance"


class Claim(BaseModel):
    """One statement of an answer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    statement: str = Field(max_length=1000, description="What the answer states, in its own words.")
    passage: int = Field(ge=0, description="Number of a passage that supports it by itself; 0 when none does.")


class Rating(BaseModel):
    """What a judge makes of one answer and its passages."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    claims: list[Claim] = Field(max_length=MOST_CLAIMS, description="Every statement of the answer, each once.")
    answer_relevance: Annotated[int, Field(ge=0, le=BEST, description="How well the answer answers the question.")]
    context_relevance: Annotated[int, Field(ge=0, le=BEST, description="How much of what is asked the passages hold.")]

    def values(self) -> dict[str, float | None]:
        """Return metric → value in [0, 1]; an answer that claims nothing has no faithfulness."""
        supported = sum(claim.passage > 0 for claim in self.claims)
        return {
            FAITHFULNESS: supported / len(self.claims) if self.claims else None,
            ANSWER_RELEVANCE: self.answer_relevance / BEST,
            CONTEXT_RELEVANCE: self.context_relevance / BEST,
        }


def checked(passages: int) -> Callable[[Rating], str]:
    """Return what refuses a rating that names a passage beyond those shown."""

    def wrong(rating: Rating) -> str:
        beyond = sorted({claim.passage for claim in rating.claims if claim.passage > passages})
        return f"there are {passages} passages, and it names {beyond[:5]}." if beyond else ""

    return wrong


def orders(reading: Reading) -> list[tuple[int, ...]]:
    """Return the orders in which passages are shown: as packed and, where there are two or more, reversed."""
    forward = tuple(range(len(reading.passages)))
    return [forward, forward[::-1]] if len(forward) > 1 else [forward]


def question(reading: Reading, answer: str, order: Sequence[int]) -> str:
    """Return what a judge is shown; a passage keeps its number in any order."""
    passages = "\n\n".join(f"Passage {place + 1}:\n{quoted_lines(reading.passages[place])}" for place in order)
    parts = [f"# Question\n\n{quoted_lines(reading.question)}", f"# Passages\n\n{passages or 'None was found.'}"]
    return "\n\n".join([*parts, f"# Answer\n\n{quoted_lines(answer)}"])


def asking(reading: Reading) -> str:
    """Return what a writer is asked, as the shipped project asks it."""
    return f"Passages:\n\n{reading.text}\n\nQuestion: {reading.question}"
