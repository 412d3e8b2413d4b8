"""Measuring a text in words, tokens or characters."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
Tokens = Callable[[str], Sequence[Span]]
"""Gives the spans of a text's word pieces."""
WORD = re.compile(r"\S+")
SPACE = re.compile(r"[ \n\t]")
BLOCK = 100_000
"""Characters tokenized at a time: the tokenizer holds hundreds of bytes for each."""


@dataclass(frozen=True)
class Ruler:
    """The units of a text.

    Attributes:
        starts: where each unit begins, ascending; eight bytes a word or token at most, none a character.
    """

    text: str
    starts: Sequence[int]

    def index(self, place: int) -> int:
        """Return the number of units that begin before ``place``."""
        return bisect_left(self.starts, place)

    def length(self, start: int, end: int) -> int:
        """Count the units that begin in ``[start, end)``."""
        return self.index(end) - self.index(start)

    def begins_word(self, unit: int) -> bool:
        """Whether white space, or nothing, stands before a unit."""
        start = self.starts[unit]
        return start == 0 or self.text[start - 1].isspace()


def ruler(text: str, unit: str, tokens: Tokens) -> Ruler:
    """Measure a text; ``tokens`` is called only where tokens count."""
    if unit == "characters":
        return Ruler(text, range(len(text)))
    if unit == "tokens":
        return Ruler(text, array("Q", _tokens(text, tokens)))
    return Ruler(text, array("Q", (match.start() for match in WORD.finditer(text))))


def _tokens(text: str, tokens: Tokens) -> Iterator[int]:
    """Yield where tokens begin, a block at a time.

    Blocks end at white space, where word pieces end anyhow; a block without any is cut where it is full.
    """
    begun = 0
    while begun < len(text):
        full = begun + BLOCK
        space = SPACE.search(text, full, full + BLOCK) if full < len(text) else None
        end = space.end() if space else min(full, len(text))
        previous = -1
        for start, _ in tokens(text[begun:end]):
            if start > previous:  # several pieces can stand for one character
                yield begun + start
                previous = start
        begun = end
