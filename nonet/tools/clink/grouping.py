"""Like claims put together by the words they share; no model decides what is alike.

Two statements are alike when the Dice coefficient of their sets of stemmed content words reaches ``ALIKE``, they name
the same numbers and agree in whether they negate. Groups are complete-linkage: each member is alike to every other, so
no chain of small steps joins what differs. The outcome does not depend on the order of the claims or of the seats.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from nonet.tools.clink.claims import Claim
from nonet.tools.ranking import words

ALIKE = 0.6
"""Dice coefficient from which on two statements are alike: 3 of 5 words in common."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NEGATION = re.compile(r"\b(?:not|no|never|without|cannot|nor|neither)\b|n['\u2019]t\b", re.IGNORECASE)


@dataclass(frozen=True)
class Held:
    """A claim and the seat that made it."""

    seat: str
    claim: Claim


@dataclass(frozen=True)
class Traits:
    """What of a statement is compared."""

    words: frozenset[str]
    numbers: frozenset[str]
    negates: bool


def traits(statement: str) -> Traits:
    """Return what of a statement is compared."""
    return Traits(frozenset(words(statement)), frozenset(_NUMBER.findall(statement)), bool(_NEGATION.search(statement)))


def likeness(one: Traits, other: Traits) -> float:
    """Return the Dice coefficient of two statements' words, 0 where numbers or negation differ."""
    if one.numbers != other.numbers or one.negates != other.negates or not (one.words and other.words):
        return 0.0
    return 2 * len(one.words & other.words) / (len(one.words) + len(other.words))


def grouped(claims: Sequence[Held]) -> list[list[Held]]:
    """Return groups of like claims: the ones most seats hold first, then by their first statement.

    A claim that nobody else made is a group of its own.
    """
    ordered = sorted(claims, key=lambda each: (each.claim.statement, each.seat, each.claim.model_dump_json()))
    seen = [traits(each.claim.statement) for each in ordered]
    near = {
        (i, j): value
        for i, j in combinations(range(len(ordered)), 2)
        if (value := _between(ordered[i], ordered[j], seen[i], seen[j])) >= ALIKE
    }
    home = {position: [position] for position in range(len(ordered))}
    for i, j in sorted(near, key=lambda pair: (-near[pair], pair)):
        first, second = home[i], home[j]
        if first is not second and all((min(a, b), max(a, b)) in near for a in first for b in second):
            first.extend(second)
            for position in second:
                home[position] = first
    unique = {id(group): sorted(group) for group in home.values()}.values()
    found = [[ordered[position] for position in group] for group in unique]
    return sorted(found, key=lambda group: (-len({each.seat for each in group}), group[0].claim.statement))


def _between(one: Held, other: Held, left: Traits, right: Traits) -> float:
    """Statements that are the same letter for letter are alike whatever they are made of."""
    return 1.0 if one.claim.statement == other.claim.statement else likeness(left, right)
