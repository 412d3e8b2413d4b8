"""Which units train, choose and claim: fit, selection and holdout, decided by the units' content alone.

Membership is a threshold on a keyed hash, so it is the same in every run, whatever its seed, and a unit keeps its side
as the data grows. Units of one group, and units of equal content, fall together: they form one *block*. Where units
have a time the latest share is sealed and the earliest is fitted on, so that nothing learns from its own future.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from itertools import groupby

from nonet.errors import InputError
from nonet.trials.contract import Split, Unit

HOLDOUT_SHARE = 0.4
HOLDOUT_MINIMUM = 20
"""Units at least, on either side of the seal."""
SEALED_FROM = 50
"""Fewer units than this and nothing is sealed."""

Ranked = list[tuple[float, list[int]]]
"""Blocks that cannot be parted, as (rank, indexes), ascending in rank; the first ones are taken first."""


def split(units: Sequence[Unit], fit_share: float = 0.0, seal: bool = True) -> Split:
    """Divide units into fit, selection and holdout.

    The holdout is about ``HOLDOUT_SHARE`` of the units. Its threshold moves only where fewer than ``HOLDOUT_MINIMUM``
    units would lie on a side; where blocks are too large for that, or units fewer than ``SEALED_FROM``, it is empty.

    Args:
        units: all units of a run.
        fit_share: share of the units outside the holdout that designs may train on, in [0, 1).
        seal: whether there is to be a holdout.

    Raises:
        InputError: some units have a time and others have none.
        ValueError: ``fit_share`` is outside [0, 1).
    """
    if not 0 <= fit_share < 1:
        raise ValueError(f"fit_share must be in [0, 1), not {fit_share}")
    timed = _timed(units)
    blocks = _blocks(units)
    sealed: set[int] = set()
    if seal and len(units) >= SEALED_FROM:
        ranked = _by_time(blocks, units, latest=True) if timed else _by_hash(blocks, "holdout")
        sealed = _taken(ranked, HOLDOUT_SHARE, HOLDOUT_MINIMUM, count=timed)
    open_blocks = {name: members for name, members in blocks.items() if members[0] not in sealed}
    fitted: set[int] = set()
    if fit_share:
        ranked = _by_time(open_blocks, units, latest=False) if timed else _by_hash(open_blocks, "fit")
        fitted = _taken(ranked, fit_share, 1, count=timed)
    everything = range(len(units))
    return Split(
        fit=tuple(i for i in everything if i in fitted),
        selection=tuple(i for i in everything if i not in fitted and i not in sealed),
        holdout=tuple(i for i in everything if i in sealed),
    )


def order(indexes: Sequence[int], units: Sequence[Unit], seed: int) -> tuple[int, ...]:
    """Return ``indexes`` in the seeded order of measuring; every rung of a race is a prefix of it.

    The order follows content and key, not position: shuffled data are measured in the same order.
    """

    def place(index: int) -> tuple[str, int]:
        unit = units[index]
        return _digest(json.dumps([seed, unit.content, unit.key]), "order"), index

    return tuple(sorted(indexes, key=place))


def content_hashes(units: Sequence[Unit]) -> tuple[str, ...]:
    """Name each unit by its content for a ledger: 32 hex digits that tell nothing of the text."""
    return tuple(_digest(unit.content, "unit") for unit in units)


def _digest(text: str, purpose: str) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16, key=f"nonet {purpose} 1".encode()).hexdigest()


def _position(text: str, purpose: str) -> float:
    """Map a text to [0, 1), uniformly; another purpose gives an independent position."""
    return (int(_digest(text, purpose)[:16], 16) >> 11) / 2**53


def _timed(units: Sequence[Unit]) -> bool:
    missing = sum(unit.time is None or not math.isfinite(unit.time) for unit in units)
    if missing in (0, len(units)):
        return bool(units) and not missing
    raise InputError(
        f"{missing} of {len(units)} units have no time.",
        "Give every unit a time, or none (then they split by content).",
    )


def _blocks(units: Sequence[Unit]) -> dict[str, list[int]]:
    """Join units that share a group or a content (union-find over both), each block named by one of its members' names.

    The name is the one whose digest is smallest, which leaves the block's other hashes uniform.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for unit in units:
        first, second = sorted((root(_name(unit)), root(f"content {unit.content}")), key=_seniority)
        parent[second] = first
    blocks: dict[str, list[int]] = {}
    for index, unit in enumerate(units):
        blocks.setdefault(root(_name(unit)), []).append(index)
    return blocks


def _name(unit: Unit) -> str:
    return f"group {unit.group}" if unit.group else f"content {unit.content}"


def _seniority(name: str) -> tuple[bool, str]:
    # A group's own name stands before the contents in it, so that a group that grows keeps its hash.
    return not name.startswith("group "), _digest(name, "block")


def _by_hash(blocks: dict[str, list[int]], purpose: str) -> Ranked:
    return sorted((_position(name, purpose), members) for name, members in blocks.items())


def _by_time(blocks: dict[str, list[int]], units: Sequence[Unit], *, latest: bool) -> Ranked:
    """Rank blocks by their last moment: latest first for the holdout, earliest first to fit on; equal times are one."""
    ranked: Ranked = []
    for members in blocks.values():
        last = max(units[index].time or 0.0 for index in members)
        ranked.append((-last if latest else last, members))
    ranked.sort()
    return [
        (time, [index for _, members in tied for index in members])
        for time, tied in groupby(ranked, key=lambda block: block[0])
    ]


def _taken(ranked: Ranked, share: float, minimum: int, *, count: bool) -> set[int]:
    """Take the first blocks: those ranked below ``share``, or (``count``) until they hold that share of the units.

    Then move the threshold, as little as needed, until ``minimum`` units lie on either side; take nothing if none does.
    """
    sizes = [len(members) for _, members in ranked]
    total = sum(sizes)
    below = [sum(sizes[:cut]) for cut in range(len(sizes) + 1)]
    if count:
        cut = next(cut for cut, held in enumerate(below) if held >= share * total)
    else:
        cut = sum(rank < share for rank, _ in ranked)
    while cut < len(sizes) and below[cut] < minimum:
        cut += 1
    while cut > 0 and total - below[cut] < minimum:
        cut -= 1
    if below[cut] < minimum:
        return set()
    return {index for _, members in ranked[:cut] for index in members}
