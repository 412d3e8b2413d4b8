"""What a kind says of a file: a few lines for people, typed facts for rules, series of numbers where it is a log."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias, cast

from nonet.state import Scalar
from nonet.tools.contract import Facts
from nonet.tools.filesystem.kinds.series import Series

VALUE_LIMIT = 200
"""Values that are kept of one file."""
TEXT_LIMIT = 300
DEPTH_LIMIT = 32
_INTEGER_LIMIT = 1 << 63

Values: TypeAlias = dict[str, Scalar]


@dataclass(frozen=True)
class Described:
    """A file, described.

    Attributes:
        kind: what it is, in words: "ONNX model".
        lines: what people read of it.
        facts: what rules read of it; ``kind`` is added. What the file itself says lies one level down, under
            ``values``, so that no name in it can pass for a fact of ours.
        series: its metrics, where it is a log.
        notes: what is missing, broken or dangerous, in sentences.
        source: whether the text of the file is to be shown too.
    """

    kind: str
    lines: Sequence[str] = ()
    facts: Facts = field(default_factory=dict[str, Scalar | dict[str, Scalar]])
    series: Sequence[Series] = ()
    notes: Sequence[str] = ()
    source: bool = False


def scalar(value: object) -> Scalar:
    """Return a value that JSON can hold: numbers that are not finite, and integers over 64 bits, as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_INTEGER_LIMIT <= value < _INTEGER_LIMIT else f"an integer of {value.bit_length()} bits"
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return shortened(str(value))


def shortened(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return a text of at most ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def flat(value: object, limit: int = VALUE_LIMIT) -> tuple[Values, bool]:
    """Return nested mappings and lists as scalars by dotted names, and whether that is all of them.

    ``{"model": {"layers": [64, 32]}}`` becomes ``{"model.layers.0": 64, "model.layers.1": 32}``; a list of texts stays
    a list.
    """
    leaves = list(islice(_leaves(value, "", 0), limit + 1))
    return dict(leaves[:limit]), len(leaves) <= limit


def _leaves(value: object, name: str, depth: int) -> Iterator[tuple[str, Scalar]]:
    texts = _texts(value)
    if texts is not None:
        yield name, texts
    elif isinstance(value, Mapping | list | tuple) and value and depth == DEPTH_LIMIT:
        yield name, "nested deeper"
    elif isinstance(value, Mapping) and value:
        for key, inner in cast("Mapping[object, object]", value).items():
            yield from _leaves(inner, _joined(name, key), depth + 1)
    elif isinstance(value, list | tuple) and value:
        for number, inner in enumerate(cast("Sequence[object]", value)):
            yield from _leaves(inner, _joined(name, number), depth + 1)
    elif name:
        yield name, _leaf(cast("object", value))


def _leaf(value: object) -> Scalar:
    if isinstance(value, Mapping):
        return "an empty mapping"
    return "an empty list" if isinstance(value, list | tuple) else scalar(value)


def _texts(value: object) -> list[str] | None:
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    texts = [shortened(item) for item in items[:33] if isinstance(item, str)]
    return texts if texts and len(texts) == len(items) else None


def _joined(name: str, key: object) -> str:
    part = shortened(str(key), 100)
    return shortened(f"{name}.{part}" if name else part)


def counted(names: Iterable[str], limit: int = 20) -> Values:
    """Return how often each name occurs, the most frequent first, at most ``limit`` of them."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return most(counts, limit)


def most(counts: Mapping[str, int], limit: int = 20) -> Values:
    """Return the largest counts, largest first and then by name."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {shortened(name, 100): min(count, _INTEGER_LIMIT - 1) for name, count in ordered[:limit]}


def shown(values: Mapping[str, Scalar], limit: int = 40) -> list[str]:
    """Return values as lines ``name = value``."""
    lines = [f"  {name} = {_plain(value)}" for name, value in islice(values.items(), limit)]
    return [*lines, f"  and {len(values) - limit} more"] if len(values) > limit else lines


def _plain(value: Scalar) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def magnitude(count: int) -> str:
    """Return a count with its magnitude in words: ``1,234,567 (1.2 M)``."""
    for size, name in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if count >= size:
            return f"{count:,} ({count / size:.1f} {name})"
    return f"{count:,}"
