"""Keeping measured decisions: for the project, for the workflow, and, once they have won often enough, everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from nonet.settings import Settings
from nonet.state import Json
from nonet.tools.qdrant.fingerprint import likeness
from nonet.tools.qdrant.journal import Entry
from nonet.tools.qdrant.memory import Memory
from nonet.tools.qdrant.pattern import Pattern
from nonet.tools.qdrant.points import Tier

DIFFERENT = 0.9
"""Data sets at least so like count as one."""
PROMOTED = 3
"""A design that won on so many different data sets is kept for every workflow."""


@dataclass(frozen=True)
class Kept:
    """A decision that was kept: the key and tier of the widest of the run's own patterns, and what must be said."""

    key: str
    tier: Tier
    notes: list[str]


def store_pattern(settings: Settings, pattern: Pattern) -> str:
    """Keep a measured decision and return its key; the same pattern twice is kept once.

    Raises:
        StorageError: the disk is full.
    """
    return Memory(settings).keep("pattern", pattern.workflow, pattern.model_dump(mode="json"))


def keep_decision(settings: Settings, pattern: Pattern, goal: str, roots: Sequence[Path], private: bool) -> Kept:
    """Keep a decision in every tier it belongs to.

    Args:
        settings: name the memory.
        pattern: the decision, of the workflow tier.
        goal: the request in the user's words; it is kept in the project tier.
        roots: the folders of the user's at hand, which make the project.
        private: whether the design itself holds text of the user's, such as a path; it then stays in the project.

    Raises:
        StorageError: the disk is full.
    """
    memory = Memory(settings)
    project = memory.project(roots, begin=True)
    key = store_pattern(settings, _of_tier(pattern, tier="project", project=project, goal=goal))
    if not private:
        key = store_pattern(settings, pattern)
        _promote(settings, memory, pattern)
    problem = memory.deliver()
    return Kept(key, "project" if private else "workflow", [problem] if problem else [])


def patterns(settings: Settings, workflow: str = "") -> list[Pattern]:
    """Return the patterns of a workflow, or of all, oldest first."""
    found = (read(entry) for entry in Memory(settings).entries("pattern", workflow))
    return [pattern for pattern in found if pattern is not None]


def read(entry: Entry) -> Pattern | None:
    """Return an entry's pattern; ``None`` for one of a later schema, which we cannot read."""
    try:
        return Pattern.model_validate(entry.body)
    except ValidationError:
        return None


def same(design: Mapping[str, Json]) -> str:
    """Return what equal designs have in common."""
    return json.dumps(design, sort_keys=True)


def _promote(settings: Settings, memory: Memory, pattern: Pattern) -> None:
    """Keep a decision everywhere if its design has won on enough data that are unlike one another."""
    wanted, unlike = same(pattern.design), list[Mapping[str, Json]]()
    for entry in memory.entries("pattern", pattern.workflow):
        known = read(entry)
        if known is None or known.tier != "workflow" or same(known.design) != wanted:
            continue
        if all(likeness(known.fingerprint, other) < DIFFERENT for other in unlike):
            unlike.append(known.fingerprint)
    if len(unlike) >= PROMOTED:
        store_pattern(settings, _of_tier(pattern, tier="global"))


def _of_tier(pattern: Pattern, **fields: str) -> Pattern:
    return Pattern.model_validate({**pattern.model_dump(), **fields})
