"""Which references exist: those that a tool of the conversation returned, and the lines that it showed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nonet.tools.contract import Item, ToolResult

_PLACE = re.compile(r"(?P<place>.+):(?P<first>\d{1,9})(-(?P<last>\d{1,9}))?")
_NO_LINES = re.compile(r"https?://|(memory|commit|note|claim|option|dissent):")
"""References that end in a number which counts no lines."""


class Shown:
    """What the tools of one conversation showed.

    Args:
        found: what they returned.
    """

    def __init__(self, found: Sequence[ToolResult]) -> None:
        self._references = {item.reference for result in found for item in result.items}
        self._lines: dict[str, list[range]] = {}
        for place, lines in (each for result in found for item in result.items for each in _lines(item)):
            self._lines.setdefault(place, []).append(lines)

    def holds(self, reference: str) -> bool:
        """Whether a reference is one of the results', or a line (``path:12``, ``path:12-15``) within those shown."""
        if reference in self._references:
            return True
        match = _PLACE.fullmatch(reference)
        if match is None:
            return False
        first, last = int(match["first"]), int(match["last"] or match["first"])
        return first <= last and any(first in lines and last in lines for lines in self._lines.get(match["place"], ()))


def _lines(item: Item) -> Iterator[tuple[str, range]]:
    """Yield the lines that an excerpt shows.

    A tool that begins before the line that it names, or explains below the code, says so in its facts.
    """
    match = _PLACE.fullmatch(item.reference)
    if match is None or match["last"] or _NO_LINES.match(item.reference):
        return
    first, last = item.facts.get("first_line"), item.facts.get("last_line")
    start = first if isinstance(first, int) else int(match["first"])
    end = last if isinstance(last, int) else start + item.excerpt.count("\n")
    yield match["place"], range(start, end + 1)
