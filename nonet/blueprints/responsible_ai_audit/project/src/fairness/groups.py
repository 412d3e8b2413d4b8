"""Protected groups: the values of an attribute, numbers in bands, and what is large enough to be compared."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from fairness.errors import FairnessError

if TYPE_CHECKING:
    import pandas as pd

MOST_VALUES = 12
"""A numeric attribute with more distinct values is cut into bands at its quartiles."""
MOST_GROUPS = 60
"""A text attribute with more values is no attribute of groups."""
MERGED = "(small groups)"


@dataclass(frozen=True)
class Grouping:
    """How an attribute's values become groups.

    Attributes:
        edges: where numbers are cut (a band holds its lower edge); empty where values are groups themselves.
    """

    name: str
    edges: tuple[float, ...] = ()

    def of(self, value: Any) -> str | None:
        """Return the group of a value, ``None`` where it is missing."""
        if value is None or value != value:  # noqa: PLR0124  (NaN and NaT equal nothing, themselves included)
            return None
        if not self.edges:
            whole = isinstance(value, float) and value.is_integer()
            return str(int(value) if whole else value).strip()
        place = bisect_right(self.edges, float(value))
        low = f"{self.edges[place - 1]:g}" if place else ""
        high = f"{self.edges[place]:g}" if place < len(self.edges) else ""
        return f"below {high}" if not low else f"{low} and above" if not high else f"{low} to {high}"

    def json(self) -> dict[str, Any]:
        """Return what ``Grouping(**…)`` reads."""
        return {"name": self.name, "edges": list(self.edges)}


def grouping(name: str, values: pd.Series) -> Grouping:
    """Decide how an attribute's values become groups.

    Raises:
        FairnessError: it has one value, or too many to be groups.
    """
    import pandas as pd

    known = values.dropna()
    distinct = int(known.nunique())
    if distinct < 2:
        raise FairnessError(
            f"the attribute {name!r} has {'one value only' if distinct else 'no value'}: nothing to compare"
        )
    if pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known) and distinct > MOST_VALUES:
        edges = sorted({float(known.quantile(share)) for share in (0.25, 0.5, 0.75)} - {float(known.min())})
        return Grouping(name, tuple(edges))
    if distinct > MOST_GROUPS:
        raise FairnessError(f"the attribute {name!r} has {distinct:,} values: too many to be groups")
    return Grouping(name)


def joint(groups: Mapping[str, str]) -> str:
    """Return the name of an intersection of groups."""
    return " & ".join(f"{name}={group}" for name, group in sorted(groups.items()))


def merged(names: Sequence[str], labels: Sequence[int], least: int) -> dict[str, str]:
    """Return group → group to train with: those with fewer than ``least`` rows of either label are put together.

    Where what was put together is too small as well, it joins the largest group: a constraint on a handful of rows
    would fit noise, and a group of one label has no threshold.
    """
    counts = Counter(zip(names, labels, strict=True))
    large = [name for name in set(names) if min(counts[name, 0], counts[name, 1]) >= least]
    small = sorted(set(names) - set(large))
    if not large:
        return dict.fromkeys(names, MERGED)
    together = [sum(counts[name, label] for name in small) for label in (0, 1)]
    target = (
        MERGED if min(together) >= least else max(large, key=lambda name: (counts[name, 0] + counts[name, 1], name))
    )
    return {name: name for name in large} | dict.fromkeys(small, target)


def trained(groups: Sequence[Mapping[str, str]], labels: Sequence[int], least: int) -> dict[str, str]:
    """Return intersection of all attributes → the group it is trained with.

    Intersections where at least two are large enough; else those of fewer attributes, as many as there can be and the
    first that were named first. One group alone is left where no attribute has two.
    """
    attributes = list(groups[0]) if groups else []
    found: dict[str, str] = {}
    for size in range(len(attributes), 0, -1):
        for some in combinations(attributes, size):
            part = [joint({name: each[name] for name in some}) for each in groups]
            merging = merged(part, labels, least)
            found = {joint(each): merging[name] for each, name in zip(groups, part, strict=True)}
            if len(set(found.values())) > 1:
                return found
    return found


def is_number(value: Any) -> bool:
    """Whether a cell is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
