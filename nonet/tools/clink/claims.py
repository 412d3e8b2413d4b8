"""What a seat says to an open question: typed claims, each with its reason, its evidence and what it risks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_CLAIMS = 12
"""Claims of one seat; a seat that has more is asked for its most important ones."""
MOST_EVIDENCE = 4


class Evidence(BaseModel):
    """Something that a claim rests on and a tool may check.

    Attributes:
        reference: ``path:line``, ``library@version``, or anything else, which no tool checks.
        quote: the text of that line, or the name in the library's API.
        rule: a rule of the rule pack that is said to fire on that line.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    reference: str = Field(max_length=300, description="path:line of a quoted file, or library@version.")
    quote: str = Field(default="", max_length=500, description="What stands on that line, or the name in the API.")
    rule: str = Field(default="", max_length=100, description="A rule of the rule pack that fires on that line.")


class Claim(BaseModel):
    """One claim."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    statement: str = Field(min_length=1, max_length=600, description="What is claimed, in one sentence.")
    reason: str = Field(default="", max_length=2000, description="Why it holds.")
    evidence: list[Evidence] = Field(default=[], max_length=MOST_EVIDENCE, description="What it rests on.")
    risk: str = Field(default="", max_length=1000, description="What happens if it is ignored, or if it is wrong.")


class Review(BaseModel):
    """What one seat claims."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    claims: list[Claim] = Field(max_length=MOST_CLAIMS, description="Your claims, the most important first.")


class Position(BaseModel):
    """What a seat makes of one numbered claim of others."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: int = Field(description="The claim's number.")
    stance: Literal["holds", "contradicts", "abstains"] = Field(description="Whether you hold it too.")
    reason: str = Field(default="", max_length=1000, description="Why.")


class Positions(BaseModel):
    """What a seat makes of the numbered claims."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    positions: list[Position] = Field(max_length=200, description="One for each claim that you can judge.")
