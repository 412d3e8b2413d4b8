"""The questions of a replay in order: a log of real ones, or drawn with a stated rate of repeats."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.questions import Question

MOST = 20_000
LITTLE = re.compile("a|an|are|can|could|do|does|for|how|i|in|is|my|of|on|or|our|please|the|to|was|we|you", re.I)
"""Words that a question can do without; ``not`` and the words that ask are none of them."""


@dataclass(frozen=True)
class Asked:
    """One question as it was asked; ``relevant`` are the documents known to answer it, empty where none are known."""

    text: str
    relevant: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Requests:
    """Questions in the order they are asked.

    Attributes:
        repeats: share of them that were asked before in the same words (case and white space aside).
        reworded: share that were asked before in other words; None where that is not known.
    """

    asked: Sequence[Asked]
    repeats: float
    reworded: float | None


def logged(log: Sequence[Question], known: Sequence[Question]) -> Requests:
    """Take a log as it is; ``known`` lends it the documents that answer its questions."""
    labels = {_plain(question.text): _relevant(question) for question in known}
    asked = [
        Asked(question.text, _relevant(question) or labels.get(_plain(question.text), frozenset()))
        for question in log[:MOST]
    ]
    return Requests(asked, _repeats(asked), None)


def drawn(questions: Sequence[Question], repeat_rate: float, reworded: float, seed: int) -> Requests:
    """Ask every question once, and between them repeats at a rate, a share of these in other words.

    Args:
        repeat_rate: share of all requests that repeat one asked before, drawn evenly, in [0, 1).
        reworded: share of the repeats that are put in other words, see ``REWORDINGS``.
    """
    chance = random.Random(seed)
    left, seen = list(questions), set[str]()
    chance.shuffle(left)
    asked: list[Asked] = []
    changed = 0
    before: list[Question] = []
    while left and len(asked) < MOST:
        if before and chance.random() < repeat_rate:
            question = chance.choice(before)
            text = question.text
            if chance.random() < reworded:
                text = REWORDINGS[chance.choice(sorted(REWORDINGS))](text, chance)
                changed += _plain(text) not in seen
            asked.append(Asked(text, _relevant(question)))
        else:
            before.append(left.pop())
            asked.append(Asked(before[-1].text, _relevant(before[-1])))
        seen.add(_plain(asked[-1].text))
    return Requests(asked, _repeats(asked), changed / len(asked) if asked else 0.0)


def _casing(text: str, chance: random.Random) -> str:
    return chance.choice((text.lower(), text.upper()))


def _punctuation(text: str, chance: random.Random) -> str:
    del chance
    bare = text.translate(str.maketrans("", "", "?!.,;:\"'"))
    return bare if bare != text else f"{text}?"


def _stop_words(text: str, chance: random.Random) -> str:
    del chance
    kept = [word for word in text.split() if not LITTLE.fullmatch(word.strip(string.punctuation))]
    return " ".join(kept) or text


def _word_order(text: str, chance: random.Random) -> str:
    words = text.split()
    if len(words) < 2:
        return text
    place = chance.randrange(len(words) - 1)
    words[place], words[place + 1] = words[place + 1], words[place]
    return " ".join(words)


REWORDINGS: Mapping[str, Callable[[str, random.Random], str]] = {
    "casing": _casing,
    "punctuation left out or added": _punctuation,
    "stop words left out": _stop_words,
    "two neighbouring words exchanged": _word_order,
}


def _relevant(question: Question) -> frozenset[str]:
    return frozenset(doc for doc, grade in question.relevant.items() if grade > 0)


def _repeats(asked: Sequence[Asked]) -> float:
    return 1 - len({_plain(item.text) for item in asked}) / len(asked) if asked else 0.0


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
