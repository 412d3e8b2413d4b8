"""Hiding: taking a made question's words out of every place of the measuring copy where they stand as a phrase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nonet.blueprints.rag_system.documents import Document, Section

Phrase = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+")
# Targets of links and tags of HTML stand between words without parting them for a reader.
_WORD_OUTSIDE_MARKUP = re.compile(r"\]\([^()\s]*\)|<[^<>\n]{0,300}>|([^\W_]+)")


def phrase(text: str) -> Phrase:
    """Return the words of a text in folded case; white space, punctuation and markup are no words."""
    return tuple(match.group().casefold() for match in _WORD.finditer(text))


class Hider:
    """Takes phrases out of texts, whatever the case, white space, punctuation and markup between their words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        for words in sorted(set(phrases), key=len, reverse=True):
            self._by_first.setdefault(words[0], []).append(words)

    def hide(self, text: str) -> str:
        """Remove every occurrence; again, until taking one out brings no other together."""
        while True:
            shorter = self._once(self._once(text, _WORD), _WORD_OUTSIDE_MARKUP)
            if shorter == text:
                return text
            text = shorter

    def document(self, document: Document) -> Document:
        """Hide in the title, the headings and the texts, also where a phrase runs from one into the next."""
        whole = f"{document.title}\n\n{document.text}"
        if not any(self._spans(whole, words) for words in (_WORD, _WORD_OUTSIDE_MARKUP)):
            return document
        sections = [
            replace(section, heading=self.hide(section.heading), text=self.hide(section.text))
            for section in document.sections
        ]
        hidden = replace(document, title=self.hide(document.title), sections=sections)
        return self._across(hidden)

    def _across(self, document: Document) -> Document:
        """Break phrases that only stand where one part follows another: the part that begins one loses its words."""
        parts = [document.title]
        for section in document.sections:
            parts += [section.heading, section.text]
        while (shorter := self._joined(parts)) != parts:
            parts = shorter
        pairs = zip(parts[1::2], parts[2::2], document.sections, strict=True)
        sections = [Section(heading, section.level, text) for heading, text, section in pairs]
        return replace(document, title=parts[0], sections=sections)

    def _joined(self, parts: Sequence[str]) -> list[str]:
        """Hide in the whole page as one text, then cut it where its parts met."""
        text = "\n\n".join(parts)
        spans = self._spans(text, _WORD)
        if not spans:
            return list(parts)
        cut: list[str] = []
        start = 0
        for part in parts:
            end = start + len(part)
            inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
            cut.append(_without(part, inside))
            start = end + 2
        return cut

    def _once(self, text: str, words: re.Pattern[str]) -> str:
        return _without(text, self._spans(text, words))

    def _spans(self, text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        group = pattern.groups
        found = [match for match in pattern.finditer(text) if match.group(group) is not None]
        words = [match.group(group).casefold() for match in found]
        spans: list[tuple[int, int]] = []
        place = 0
        while place < len(words):
            length = self._length_at(words, place)
            if length:
                spans.append((found[place].start(group), found[place + length - 1].end(group)))
            place += length or 1
        return spans

    def _length_at(self, words: Sequence[str], place: int) -> int:
        for candidate in self._by_first.get(words[place], ()):
            if tuple(words[place : place + len(candidate)]) == candidate:
                return len(candidate)
        return 0


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    kept: list[str] = []
    start = 0
    for low, high in spans:
        kept.append(text[start:low])
        start = high
    return "".join((*kept, text[start:])) if spans else text
