"""A packed context taken apart again: its passages, each under the numbered line that the shipped project wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from nonet.state import Json
from nonet.trials.contract import Reading


def reading(features: Mapping[str, Json], output: Json) -> Reading:
    """Return a unit's question with its packed context, whole and in passages."""
    text = str(cast("Mapping[str, Any]", output)["context"])
    return Reading(str(features["text"]), text, tuple(passages(text)))


def passages(text: str) -> Iterator[str]:
    """Yield the passages of a context, heads included.

    Heads are numbered from 1, and each begins after an empty line: a page that itself says ``[7]`` begins no passage.
    """
    number, rest = 1, text
    while rest:
        found = rest.find(f"\n\n[{number + 1}] ")
        if found < 0:
            yield rest
            return
        yield rest[:found]
        number, rest = number + 1, rest[found + 2 :]
