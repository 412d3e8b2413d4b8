"""What is indexed of an entry, and what is asked of an index: the same for the embedded engine and for a server.

An entry has two named sparse vectors. ``data`` is the fingerprint of a pattern's data (``fingerprint.py``): the scalar
product is the likeness. ``words`` are its words by BM25: the saturated frequencies here (Robertson & Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009, with k1 1.2, b .75 and a fixed mean length), the inverse
document frequency by the engine (Qdrant's IDF modifier). No text embedder is needed.

Both backends filter by the same three fields of the payload: ``kind``, ``workflow`` and ``reach``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from nonet.state import Json
from nonet.tools.qdrant.fingerprint import Sparse, coordinate, vector
from nonet.tools.qdrant.journal import Entry
from nonet.tools.ranking import words

FORMAT = 1
"""Of the vectors and the payload; an index of another one is built again."""
Tier = Literal["global", "workflow", "project"]
VECTORS: Mapping[str, bool] = {"data": False, "words": True}
"""Named sparse vectors, and whether the engine weighs them by inverse document frequency."""
FILTERS = ("kind", "workflow", "reach")
_K1, _B, _MEAN_WORDS = 1.2, 0.75, 50.0


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        vectors: what is near, by the vector's name; one that is empty is not asked.
        where: field of the payload → the values it may have.
        limit: entries wanted of each vector at most.
    """

    vectors: Mapping[str, Sparse]
    where: Mapping[str, Sequence[str]]
    limit: int = 200


@dataclass(frozen=True)
class Hit:
    """An entry, and its scalar product with each vector of the question that it is near to."""

    entry: Entry
    scores: Mapping[str, float] = field(default_factory=dict[str, float])


def ask(query: str, fingerprint: Mapping[str, Json], where: Mapping[str, Sequence[str]]) -> Question:
    """Make a question of words and of the fingerprint of the data at hand."""
    asked = {coordinate(word): 1.0 for word in words(query)}
    return Question({"data": vector(fingerprint), "words": asked}, where)


def vectors(entry: Entry) -> dict[str, Sparse]:
    """Return an entry's vectors; one that would be empty is left out."""
    fingerprint = entry.body.get("fingerprint")
    found: dict[str, Sparse] = {
        "data": vector(fingerprint) if entry.kind == "pattern" and isinstance(fingerprint, Mapping) else {},
        "words": _saturated(words(_text(entry))),
    }
    return {name: each for name, each in found.items() if each}


def payload(entry: Entry) -> dict[str, Json]:
    """Return what an index keeps to filter by."""
    return {"kind": entry.kind, "workflow": entry.workflow, "reach": _reach(entry)}


def reach(workflow: str, project: str, tier: Tier | None = None) -> list[str]:
    """Return what may be recalled: everything global, the workflow's (all workflows' for ""), this project's.

    Args:
        workflow: the workflow at hand.
        project: the project at hand, as ``project_key`` names it.
        tier: only what is of this tier.
    """
    tiers = {"global": "global", "workflow": f"workflow:{workflow}", "project": f"project:{project}"}
    return [tiers[tier]] if tier else list(tiers.values())


def project_key(identity: str, roots: Sequence[Path]) -> str:
    """Name a project: the folders of the user's at hand, or the working folder, hashed with the memory's identity.

    The identity keeps equal paths of two homes apart and the paths unguessable where memories meet on a server.
    """
    places = "\0".join(sorted({str(path.resolve()) for path in roots or (Path.cwd(),)}))
    return hashlib.blake2b(places.encode(), key=identity.encode(), digest_size=8).hexdigest()


def _reach(entry: Entry) -> list[str]:
    tier = entry.body.get("tier", "workflow")
    if tier == "project":
        return [f"project:{entry.body.get('project', '')}"]
    return ["global"] if tier == "global" else ["workflow:", f"workflow:{entry.workflow}"]


def _saturated(found: Sequence[str]) -> dict[int, float]:
    length = 1 - _B + _B * len(found) / _MEAN_WORDS
    counts = Counter(coordinate(word) for word in found)
    return {place: count * (_K1 + 1) / (count + _K1 * length) for place, count in counts.items()}


def _text(entry: Entry) -> str:
    body = entry.body
    if entry.kind == "note":
        tags = cast("Sequence[str]", body.get("tags") or ())
        return " ".join([str(body.get("information", "")), str(body.get("kind", "")), *tags])
    design, origin = body.get("design"), body.get("provenance")
    named = [f"{name} {value}" for name, value in design.items()] if isinstance(design, Mapping) else []
    reason = origin.get("reason", "") if isinstance(origin, Mapping) else ""
    parts = (entry.workflow, body.get("metric", ""), body.get("embedder", ""), body.get("goal", ""), reason)
    return " ".join([*named, *(str(part) for part in parts)])
