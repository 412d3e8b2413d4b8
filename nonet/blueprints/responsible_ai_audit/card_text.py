"""Numbers and tables of the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def figure(found: Mapping[str, Any] | None) -> str:
    """Return a value with its interval, for instance ``0.812 [0.790, 0.833]``; a dash where it was not measured."""
    if not found or found.get("value") is None:
        return "–"
    low, high = found.get("low"), found.get("high")
    return f"{found['value']:.3f}" + (f" [{low:.3f}, {high:.3f}]" if low is not None and high is not None else "")


def percent(share: float) -> str:
    """Return a share as per cent."""
    return f"{100 * share:.1f} %"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; what cells hold cannot end a cell or begin markup."""
    lines = [list(head), ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    line = " ".join(str(text).split())
    return (
        line.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'").replace("[", "\\[")
        if not (_is_figure(line))
        else line
    )


def _is_figure(text: str) -> bool:
    return bool(text) and all(character in "0123456789.,-[] –%" for character in text)
