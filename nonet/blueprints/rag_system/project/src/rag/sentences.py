"""Where sentences begin and end."""

from __future__ import annotations

import re

BOUNDARY = re.compile(r"(?<=[.!?])\s+(?=[\"'(\[]?[A-Z0-9])|\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)")
"""After a full stop, between paragraphs, before the items of a list."""


def split(text: str) -> list[str]:
    """Return the sentences of a text in order, without the white space around them; none is empty."""
    return [part.strip() for part in BOUNDARY.split(text) if part.strip()]
