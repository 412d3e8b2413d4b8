"""When a label of a page and a name of a schema mean the same: case, spaces, underscores and marks aside."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from functools import lru_cache

from nonet.state import Json
from nonet.tools.firecrawl.data.values import Unreadable, number

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_MEASURE = 80
"""Longer texts are no number with a unit."""
_AMOUNT = re.compile(r":amount$")


def plain(label: str) -> str:
    """``Release date:``, ``release_date`` and ``releaseDate`` in one form."""
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", label)).casefold()
    return "".join(character for character in text if character.isalnum())


def names(labels: tuple[str, ...]) -> frozenset[str]:
    """The forms of what a schema calls a value."""
    return frozenset(form for label in labels if (form := plain(label)))


def forms(label: str, value: Json = None) -> frozenset[str]:
    """The forms of a page's label: with and without what stands in brackets, and with the unit of its value.

    So ``weight_kg`` is found as ``Weight (kg)``, and as ``Weight`` with the value ``12 kg``, but not with ``12 lb``.
    """
    bare, whole = _plain_forms(label)
    found = {bare, whole}
    if isinstance(value, str) and len(value) <= _MEASURE:
        with contextlib.suppress(Unreadable):
            found.add(bare + plain(number(value)[1]))
    return frozenset(found - {""})


@lru_cache(maxsize=10_000)
def _plain_forms(label: str) -> tuple[str, str]:
    return plain(_AMOUNT.sub("", _ASIDE.sub(" ", label))), plain(label)


def alike(label: str, wanted: frozenset[str]) -> bool:
    """Whether a heading, a caption or a type names what is wanted, in the singular or the plural."""
    told = {form.removesuffix("s") for form in forms(label)}
    return bool(told & {name.removesuffix("s") for name in wanted})
