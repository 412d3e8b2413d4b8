"""Excerpts around matching lines: a call that spans many lines is shown whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nonet.tools.contract import EXCERPT_LIMIT

BEFORE = 2
AFTER = 3
REACH = 24
LINE_LIMIT = 1000
"""Characters of one line; of a longer one that matches, those around the match are shown."""
_OPEN, _CLOSE = "([{", ")]}"


def spans(lines: Sequence[str], matching: Iterable[int]) -> list[tuple[int, int, int]]:
    """Return (first, last, matching line) of each excerpt, counted from 1; excerpts that overlap become one."""
    made: list[tuple[int, int, int]] = []
    for line in sorted(set(matching)):
        if not 1 <= line <= len(lines):
            continue
        first = max(1, _statement_start(lines, line) - BEFORE)
        last = min(len(lines), max(_statement_end(lines, line), line + AFTER))
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(last, made[-1][1]), made[-1][2])
        else:
            made.append((first, last, line))
    return made


def _statement_start(lines: Sequence[str], line: int) -> int:
    """Walk up to where the innermost brackets that are open at ``line`` begin."""
    depth, start = 0, line
    for number in range(line - 1, max(0, line - 1 - REACH), -1):
        for character in reversed(lines[number - 1][:2000]):
            depth += (character in _CLOSE) - (character in _OPEN)
            if depth < 0:
                start, depth = number, 0
        if not lines[number - 1].strip():
            break
    return start


def _statement_end(lines: Sequence[str], line: int) -> int:
    """Walk down to where the brackets that are open at the end of ``line`` close."""
    depth = 0
    start = _statement_start(lines, line)
    for number in range(start, min(len(lines), line + REACH) + 1):
        depth += sum((character in _OPEN) - (character in _CLOSE) for character in lines[number - 1][:2000])
        if number >= line and depth <= 0:
            return number
    return line + AFTER


def shown(lines: Sequence[str], first: int, last: int, matching: Mapping[int, int]) -> str:
    """Return an excerpt's text; ``matching`` are the columns of the matches by line."""
    cut = (_cut(lines[number - 1], matching.get(number, 1)) for number in range(first, last + 1))
    return "\n".join(cut)[:EXCERPT_LIMIT]


def _cut(line: str, column: int) -> str:
    if len(line) <= LINE_LIMIT:
        return line
    # Columns count bytes; where a line is cut so far in, a few characters do not matter.
    start = max(0, min(column - LINE_LIMIT // 2, len(line) - LINE_LIMIT))
    end = start + LINE_LIMIT
    return f"{'…' * (start > 0)}{line[start:end]}{'…' * (end < len(line))}"
