"""Which value of a label is the favourable one."""

from __future__ import annotations

from typing import Any

TRUE = ("1", "1.0", "true", "yes", "y")
FALSE = ("0", "0.0", "false", "no", "n")


def favourable(value: Any, positive: str) -> bool:
    """Whether a class is the favourable one: the value that was named, or 1, yes, true where none was.

    A model that was trained on 0 and 1 where the label is words ("good", "bad") means the favourable one by 1.
    """
    text, wanted = str(value).strip(), positive.strip()
    coded = text.lower() in (*TRUE, *FALSE) and wanted.lower() not in (*TRUE, *FALSE) and not _is_number(wanted)
    if not wanted or coded:
        return text.lower() in TRUE
    return text == wanted or same_number(text, wanted)


def _is_number(text: str) -> bool:
    return same_number(text, text)


def same_number(left: str, right: str) -> bool:
    """Whether two texts are the same number."""
    try:
        return float(left) == float(right)
    except ValueError:
        return False
