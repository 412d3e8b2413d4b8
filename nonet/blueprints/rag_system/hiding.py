"""Hiding: taking a made question's words out of every place of the measuring copy where they stand as a phrase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nonet.blueprints.rag_system.documents import Document, Section
from nonet.blueprints.rag_system.phrases import READINGS, Phrase, Phrases

Span = tuple[int, int]


class Hider:
    """Takes phrases out of texts, whatever the case, white space, punctuation and markup between their words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = Phrases(phrases)

    def hide(self, text: str) -> str:
        """Remove every occurrence; again, until taking one out brings no other together."""
        return self._hidden(_Part(text)).text

    def document(self, document: Document) -> Document:
        """Hide in the title, the headings and the texts, also where a phrase runs from one into the next."""
        whole = f"{document.title}\n\n{document.text}"
        if not any(self._phrases.spans(whole, reading) for reading in READINGS):
            return document
        parts = [_Part(document.title)]
        for section in document.sections:
            parts += [_Part(section.heading), _Part(section.text, tuple(section.pages))]
        parts = self._across([self._hidden(part) for part in parts])
        pairs = zip(parts[1::2], parts[2::2], document.sections, strict=True)
        sections = [Section(heading.text, section.level, text.text, text.marks) for heading, text, section in pairs]
        return replace(document, title=parts[0].text, sections=sections)

    def _hidden(self, part: _Part) -> _Part:
        while True:
            shorter = part
            for reading in READINGS:
                shorter = shorter.without(self._phrases.spans(shorter.text, reading))
            if shorter.text == part.text:
                return part
            part = shorter

    def _across(self, parts: list[_Part]) -> list[_Part]:
        """Break phrases that only stand where one part follows another: the part that begins one loses its words.

        The whole page is read as one text, and cut where its parts met.
        """
        while spans := self._spans("\n\n".join(part.text for part in parts)):
            cut: list[_Part] = []
            start = 0
            for part in parts:
                end = start + len(part.text)
                inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
                cut.append(part.without(inside))
                start = end + 2
            parts = cut
        return parts

    def _spans(self, text: str) -> list[Span]:
        """Where phrases stand in the first reading that finds any."""
        for reading in READINGS:
            if spans := self._phrases.spans(text, reading):
                return spans
        return []


@dataclass(frozen=True)
class _Part:
    """A text with the places at which its printed pages begin: (character offset, page number)."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def without(self, spans: Sequence[Span]) -> _Part:
        """Take spans out, ascending and apart; the marks move with the text that follows them."""
        if not spans:
            return self
        kept: list[str] = []
        start = 0
        for low, high in spans:
            kept.append(self.text[start:low])
            start = high
        marks = tuple((place - _before(place, spans), number) for place, number in self.marks)
        return _Part("".join((*kept, self.text[start:])), marks)


def _before(place: int, spans: Sequence[Span]) -> int:
    """How many characters of the spans stand before a place."""
    return sum(min(high, place) - low for low, high in spans if low < place)
