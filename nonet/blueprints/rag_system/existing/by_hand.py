"""Documents cut by a slice in a loop, ``text[i : i + size]``, as code without a library does."""

from __future__ import annotations

import ast
import re

from nonet.blueprints.rag_system.existing.values import Values

_SLICE = re.compile(r"(?P<what>[A-Za-z_]\w*)\[\s*(?P<at>\w+)\s*:\s*(?P=at)\s*\+\s*(?P<size>[\w.]+)\s*\]")
_STEP = re.compile(
    r"range\(\s*0\s*,\s*len\([^)]*\)\s*,\s*(?:max\(\s*1\s*,\s*)?(?P<step>[^)\n]+)\)|\w+\s*\+=\s*(?P<add>[^\n#]+)"
)


def slices(code: str, values: Values) -> tuple[str, str, int, int] | None:
    """Return (chunking, unit, size, overlap) of slices of equal length, or nothing."""
    match = _SLICE.search(code)
    if match is None:
        return None
    near = code[max(0, match.start() - 800) : match.end() + 400]
    size = values.of(_parsed(match["size"]))
    step = _STEP.search(near)
    stride = values.of(_parsed(step["step"] or step["add"])) if step else size
    if not isinstance(size, int):
        return None
    words = re.search(rf"\b{match['what']}\s*=[^\n]*\.split\(", near) or re.search(r"word", match["what"])
    tokens = re.search(rf"\b{match['what']}\s*=[^\n]*(encode|tokeni[sz]e)", near) or re.search(r"token", match["what"])
    chunking, unit = ("fixed", "tokens") if tokens else ("windows", "words") if words else ("fixed", "characters")
    overlap = size - stride if isinstance(stride, int) and 0 < stride <= size else 0
    return chunking, unit, size, overlap


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip().rstrip(":"), mode="eval").body
    except (SyntaxError, ValueError):
        return None
