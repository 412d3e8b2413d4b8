"""How like two data sets are, as a scalar product: fingerprints become sparse vectors of length 1.

A fingerprint's fields differ from workflow to workflow, so a field is a set of coordinates of its own, found by
hashing its name, instead of a place in a dense vector whose layout somebody would have to keep. Every field weighs the
same:

- a number counts by its size, ``log(1 + |x|)``; a ``…_share`` as it is, times five. It lies between two neighbours on a
  grid and has the part cos(πt/2) of the lower and sin(πt/2) of the upper one, t its way from one to the other; so on
  grids of ½, 1, 2 and 4. Two numbers are the less alike the more grids part them: .95 at a ratio of 1.2, a half at e,
  a fifth at 10, nothing at 1000.
- anything else (a language, a kind of labels) is one coordinate, alike or not.

The product of two fingerprints of the same fields is the mean of their fields' likenesses; a field that only one has
counts as unlike.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping

from nonet.state import Json

Sparse = Mapping[int, float]
"""Coordinate (an unsigned number of 32 bits) → value."""
GRIDS = (0.5, 1.0, 2.0, 4.0)
_SHARE = 5.0


def vector(fingerprint: Mapping[str, Json]) -> dict[int, float]:
    """Return a fingerprint's vector: of length 1, empty where there are no fields."""
    found: dict[int, float] = {}
    fields = dict(_leaves(fingerprint))
    for name, value in fields.items():
        for feature, part in _features(name, value):
            place = coordinate(f"{name}\0{feature}")
            found[place] = found.get(place, 0.0) + part
    length = math.sqrt(sum(part * part for part in found.values()))
    return {place: part / length for place, part in found.items()}


def likeness(one: Mapping[str, Json], other: Mapping[str, Json]) -> float:
    """Return how like two fingerprints are, in [0, 1]: 1 where they are equal, 0 where they share no field."""
    left, right = vector(one), vector(other)
    shared = sorted(left.keys() & right.keys())
    return min(1.0, round(sum(left[place] * right[place] for place in shared), 6))


def coordinate(name: str) -> int:
    """Return the coordinate of a name: its hash, in 32 bits."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest())


def _features(name: str, value: Json) -> Iterator[tuple[str, float]]:
    """Features of one field and their parts, whose squares sum to 1."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        yield json.dumps(value, sort_keys=True), 1.0
        return
    size = value * _SHARE if name.endswith("_share") else math.copysign(math.log1p(abs(value)), value)
    for grid in GRIDS:
        lower = math.floor(size / grid)
        way = (size / grid - lower) * math.pi / 2
        yield f"{grid}/{lower}", math.cos(way) / math.sqrt(len(GRIDS))
        if way:
            yield f"{grid}/{lower + 1}", math.sin(way) / math.sqrt(len(GRIDS))


def _leaves(value: Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, Json]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner
