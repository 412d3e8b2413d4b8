"""Phrases in texts: words in folded case, found whatever the white space, punctuation and markup between them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

Phrase = tuple[str, ...]

WORD = re.compile(r"[^\W_]+")
# Targets of links and tags of HTML stand between words without parting them for a reader.
WORD_OUTSIDE_MARKUP = re.compile(r"\]\([^()\s]*\)|<[^<>\n]{0,300}>|([^\W_]+)")
READINGS = (WORD, WORD_OUTSIDE_MARKUP)


def phrase(text: str) -> Phrase:
    """Return the words of a text in folded case; white space, punctuation and markup are no words."""
    return tuple(match.group().casefold() for match in WORD.finditer(text))


class Phrases:
    """Many phrases, looked for at once."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._known = {words for words in phrases if words}
        lengths: dict[str, set[int]] = defaultdict(set)
        for words in self._known:
            lengths[words[0]].add(len(words))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def spans(self, text: str, reading: re.Pattern[str]) -> list[tuple[int, int]]:
        """Return where phrases stand, as characters: the longest at each place, none overlapping another."""
        matches, words = _read(text, reading)
        group = reading.groups
        spans: list[tuple[int, int]] = []
        free = 0
        for place, word in enumerate(words):
            if place >= free and word in self._lengths and (length := next(self._at(words, place), 0)):
                free = place + length
                spans.append((matches[place].start(group), matches[free - 1].end(group)))
        return spans

    def found(self, text: str) -> set[Phrase]:
        """Return the phrases that stand in a text, those inside others too."""
        found: set[Phrase] = set()
        for reading in READINGS:
            _, words = _read(text, reading)
            for place, word in enumerate(words):
                if word in self._lengths:
                    found |= {tuple(words[place : place + length]) for length in self._at(words, place)}
        return found

    def _at(self, words: list[str], place: int) -> Iterator[int]:
        """Lengths of the phrases that begin at a place, longest first."""
        for length in self._lengths[words[place]]:
            if place + length <= len(words) and tuple(words[place : place + length]) in self._known:
                yield length


def _read(text: str, reading: re.Pattern[str]) -> tuple[list[re.Match[str]], list[str]]:
    group = reading.groups
    matches = [match for match in reading.finditer(text) if match.group(group) is not None]
    return matches, [match.group(group).casefold() for match in matches]
