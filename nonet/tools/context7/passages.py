"""The parts of a long docstring that a question is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nonet.tools.ranking import words

GAP = "[…]"
_BLOCK = 600
"""Characters of a paragraph beyond which it is cut where a line is indented as little as its first."""


def passages(text: str, query: str, room: int) -> str:
    """Return what fits ``room`` characters of a text: its beginning, and what shares most words with the question."""
    if len(text) <= room:
        return text
    blocks = _blocks(text)
    asked = frozenset(words(query))
    shared = [len(asked.intersection(words(block))) for block in blocks]
    order = sorted(range(1, len(blocks)), key=lambda place: (-shared[place], place))
    taken, left = [0], room - len(blocks[0])
    for place in order:
        if len(blocks[place]) + len(GAP) + 4 <= left:
            taken.append(place)
            left -= len(blocks[place]) + len(GAP) + 4
    return _joined(blocks, sorted(taken))[:room]


def _joined(blocks: Sequence[str], taken: Sequence[int]) -> str:
    lines: list[str] = []
    for before, place in zip([-1, *taken], taken, strict=False):
        if place != before + 1:
            lines.append(GAP)
        lines.append(blocks[place])
    return "\n\n".join([*lines, *([GAP] if taken[-1] != len(blocks) - 1 else [])])


def _blocks(text: str) -> list[str]:
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        if len(paragraph) <= _BLOCK:
            blocks.append(paragraph)
            continue
        lines = paragraph.splitlines()
        least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        part: list[str] = []
        for line in lines:
            if part and len(line) - len(line.lstrip()) <= least:
                blocks.append("\n".join(part))
                part = []
            part.append(line)
        blocks.append("\n".join(part))
    return blocks
