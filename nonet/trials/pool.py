"""The pool: a part of the data on which many designs can be told apart before the last few are built on all of it.

Its size follows the questions, not the data: what the first units need is in it, and little else. Screening on a pool
drops the hopeless at small cost; it does not choose, since a design that helped to make the pool looks a little worse
on it than one that did not. The finalists are therefore measured on all the data.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nonet.errors import TrialError
from nonet.state import Json
from nonet.trials import racing, space
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Unit
from nonet.trials.track import Bench

MOST = 0.25
"""Largest share of the data that a pool may be: with more, building the finalists again costs what it saved."""
FINALISTS: Mapping[int, int] = {15: 8, 30: 6, 60: 3}
"""Units screened on → how many candidates go on to all the data, the baseline apart."""
BUILT = 0.35
"""Share of the counted cost of building everything screened that the finalists' builds on all the data may take."""


class Purse:
    """Says which finalists' builds are worth it: by counted cost, shared stages once, so that it is no matter of time.

    Args:
        bench: the laboratory on the pool, where every candidate has been built.
        designs: of everything screened.
        cost: the counted resource that stands for cost; where nothing is counted, nothing is dear.
    """

    def __init__(self, bench: Bench, designs: Sequence[Mapping[str, Json]], cost: str) -> None:
        self._bench, self._cost = bench, cost
        everything: dict[str, float] = {}
        for design in designs:
            everything |= self._costs(design)
        self._left = BUILT * sum(everything.values())
        self._paid: set[str] = set()

    def pays(self, design: Mapping[str, Json], *, always: bool = False) -> bool:
        """Whether there is enough left for a design's stages, or it must be built; they are then paid."""
        new = {key: cost for key, cost in self._costs(design).items() if key not in self._paid}
        if not always and sum(new.values()) > self._left:
            return False
        self._paid |= new.keys()
        self._left -= sum(new.values())
        return True

    def _costs(self, design: Mapping[str, Json]) -> dict[str, float]:
        return {stage.key: stage.resources.get(self._cost, 0.0) for stage in self._bench.stages(design)}


@dataclass(frozen=True)
class Pool:
    """A pool that was made.

    Attributes:
        folder: its data folder.
        rungs: the rungs of a race that are run on it.
        finalists: how many candidates go on from it.
        share: its share of the data, by what building costs.
    """

    folder: Path
    rungs: tuple[int, ...]
    finalists: int
    share: float


def make(
    blueprint: Blueprint[Any, Any],
    bench: Bench,
    data: Path,
    units: Sequence[Unit],
    order: Sequence[int],
    folder: Path,
) -> Pool | None:
    """Make the pool of the most units that keeps it small; ``None`` where none is small enough, or nothing to save.

    Only selection units are looked at, and of those only the ones that candidates are screened on.

    Args:
        blueprint: names the scouts and writes the pool.
        bench: the laboratory on all the data; the scouts are built there.
        data: all the data.
        units: all units.
        order: the selection units, in measuring order.
        folder: where the pool's data folder is put.
    """
    scouts = [space.canonical(blueprint.Design, scout) for scout in blueprint.scouts()]
    if not scouts:
        return None
    most = [units[i] for i in order[: max(FINALISTS)]]
    try:
        outputs = [bench.outputs(scout, most) for scout in scouts]
    except TrialError:
        return None
    counts = [count for count in sorted(FINALISTS, reverse=True) if count < len(order) or count == min(FINALISTS)]
    aside = folder.with_name(f"{folder.name}.new")
    for place in (aside, folder):
        shutil.rmtree(place, ignore_errors=True)
    aside.mkdir(parents=True)
    found = blueprint.pool(data, outputs, [unit.label for unit in most], counts, MOST, aside)
    if found is None:
        shutil.rmtree(aside, ignore_errors=True)
        return None
    aside.replace(folder)
    count, share = found
    return Pool(folder, racing.rungs(min(count, len(order))), FINALISTS[count], share)
