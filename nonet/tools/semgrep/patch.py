"""The fixes that rules know, as a unified patch; the user's files stay as they are."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from nonet.tools.semgrep.findings import Finding

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def patch(found: Sequence[Finding]) -> tuple[str, str]:
    """Return the patch, for ``git apply`` or ``patch -p1``, and what was left out of it, "" for nothing.

    Of fixes that overlap the first is taken. A notebook is no text of lines, and a file with control characters none
    that a patch can carry: their fixes are left out.
    """
    by_source: dict[str, list[Finding]] = defaultdict(list)
    left_out = 0
    for each in found:
        if each.fix is None:
            continue
        if each.source.exact and not _CONTROL.search(each.source.content):
            by_source[each.source.path].append(each)
        else:
            left_out += 1
    parts: list[str] = []
    for path, fixes in sorted(by_source.items()):
        after, taken = _fixed(fixes)
        left_out += len(fixes) - taken
        parts += _difference(path, fixes[0].source.content, after)
    return "".join(parts), f"{left_out} fixes are left out: they overlap, or stand in a notebook." if left_out else ""


def _fixed(fixes: Sequence[Finding]) -> tuple[bytes, int]:
    content = fixes[0].source.content
    made, reached, taken = bytearray(), 0, 0
    for each in sorted(fixes, key=lambda each: each.start.offset):
        if each.start.offset >= reached and each.fix is not None:
            made += content[reached : each.start.offset] + each.fix.encode()
            reached, taken = each.end.offset, taken + 1
    return bytes(made + content[reached:]), taken


def _difference(path: str, before: bytes, after: bytes) -> Iterator[str]:
    """Yield the lines of a unified difference, with their own ends; only a newline ends a line here."""
    old, new = _lines(before), _lines(after)
    for number, line in enumerate(difflib.unified_diff(old, new, _name("a", path), _name("b", path))):
        yield line if line.endswith("\n") or number < 2 else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    parts = content.decode("utf-8").split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _name(side: str, path: str) -> str:
    """Write a name as git does: one with spaces ends in a tab, one with quotes or backslashes is quoted."""
    name = f"{side}/{path}"
    if '"' in name or "\\" in name:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name}\t" if " " in name else name
