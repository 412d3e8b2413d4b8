"""Designs that a person gives to be measured: a JSON list, or one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from nonet.errors import InputError
from nonet.state import Scalar

_SHAPE = 'A JSON list of designs, or one a line: {"chunking": "page", "retrieval": "bm25"}.'


def read(path: str | Path) -> list[dict[str, Scalar]]:
    """Read a file of designs.

    Raises:
        InputError: it cannot be read, or holds something else; the place is named.
    """
    path = Path(path).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The designs {path} cannot be read: {error}.", _SHAPE) from error
    if text.lstrip().startswith("["):
        found = _parsed(text, path.name)
        rows = list(enumerate(cast("list[object]", found), 1))
    else:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        rows = [(number, _parsed(line, f"{path.name}:{number}")) for number, line in lines]
    for number, row in rows:
        if not isinstance(row, dict):
            raise InputError(f"{path.name}: no. {number} is no design.", _SHAPE)
    if not rows:
        raise InputError(f"The file of designs {path} is empty.", _SHAPE)
    return [cast("dict[str, Scalar]", row) for _, row in rows]


def _parsed(text: str, place: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not valid JSON ({error}).", _SHAPE) from error
