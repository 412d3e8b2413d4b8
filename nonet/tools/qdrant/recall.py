"""Ranking what the memory found: patterns by the likeness of their data, notes by their words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.qdrant.decisions import read, same
from nonet.tools.qdrant.journal import Entry, Kind
from nonet.tools.qdrant.memory import Memory
from nonet.tools.qdrant.pattern import Pattern
from nonet.tools.qdrant.points import Hit, Tier, ask, reach

WORDS = 0.25
"""What words add to a pattern's rank at most: they order what is about equally like."""


@dataclass
class _Recalled:
    """One memory to return: its rank in [0, 1.25], and for a pattern every run that came to the same design."""

    entry: Entry
    rank: float
    likeness: float
    pattern: Pattern | None = None
    runs: set[str] = field(default_factory=set[str])


def search(
    query: str, limit: int, context: ToolContext, kind: Kind | None = None, tier: Tier | None = None, workflow: str = ""
) -> Found:
    """Return memories, best first; equal designs once, with the likest of their data.

    A pattern ranks by the likeness of its data to those at hand, in [0, 1], and a little by words; a note by its words
    alone, in [0, 1], and must share one. Words count by BM25, as a share of the best entry's.

    Args:
        query: what to recall.
        limit: memories at most.
        context: the workflow, the project and the data at hand; it bounds what can be recalled.
        kind: only patterns or only notes.
        tier: only what is of this tier.
        workflow: only what comes from this workflow.
    """
    memory = Memory(context.settings)
    where: dict[str, Sequence[str]] = {"reach": reach(context.workflow, memory.project(context.roots), tier)}
    where |= {"kind": [kind]} if kind else {}
    where |= {"workflow": [workflow]} if workflow else {}
    answer = memory.search(ask(query, context.fingerprint, where))
    ranked = sorted(_ranked(answer.hits), key=lambda each: (-round(each.rank, 6), each.entry.written, each.entry.key))
    items = [_item(each) for each in _once(ranked, limit)]
    nothing = "" if items else "The memory holds nothing like it."
    return Found(answer.backend, items, " ".join(part for part in (answer.note, nothing) if part))


def _ranked(hits: Sequence[Hit]) -> list[_Recalled]:
    top = max((hit.scores.get("words", 0.0) for hit in hits), default=0.0) or 1.0
    found: list[_Recalled] = []
    for hit in hits:
        like, words = min(hit.scores.get("data", 0.0), 1.0), hit.scores.get("words", 0.0) / top
        note = hit.entry.kind == "note"
        found.append(_Recalled(hit.entry, words if note else like + WORDS * words, 0.0 if note else like))
    return found


def _once(ranked: Sequence[_Recalled], limit: int) -> list[_Recalled]:
    """Keep the first of equal designs of a workflow, up to ``limit``; what cannot be read is passed over.

    Hundreds are near to a question: only those that are returned are checked in whole.
    """
    first: dict[str, _Recalled] = {}
    for each in ranked:
        name = _name(each.entry)
        known = first.get(name)
        if known is None and len(first) < limit:
            each.pattern = read(each.entry) if each.entry.kind == "pattern" else None
            if each.pattern is None and each.entry.kind == "pattern":
                continue
            known = first[name] = each
        if known is not None and known.pattern is not None:
            known.runs |= _runs(each.entry, known.pattern)
    return list(first.values())


def _name(entry: Entry) -> str:
    """Return what equal designs of a workflow have in common; of a note, its key."""
    design = entry.body.get("design")
    if entry.kind == "note" or not isinstance(design, Mapping):
        return entry.key
    return f"{entry.workflow} {same(design)}"


def _runs(entry: Entry, like: Pattern) -> set[str]:
    """Return the run that an entry came from, where it is of the schema that we read."""
    origin = entry.body.get("provenance")
    if entry.body.get("schema_version") != like.schema_version or not isinstance(origin, Mapping):
        return set()
    return {str(origin.get("run_id", ""))}


def _item(each: _Recalled) -> Item:
    if each.pattern is None:
        return _note(each.entry)
    pattern, like = each.pattern, round(each.likeness, 4)
    score = pattern.score
    often = f", won {len(each.runs)} times" if len(each.runs) > 1 else ""
    title = (
        f"{pattern.workflow}: {pattern.metric} {score.value:.4g} over {score.n} units ({', '.join(pattern.labels)}), "
        f"likeness of the data {like:.2f}{often}"
    )
    shown = pattern.model_dump(mode="json", exclude={"goal", "project", "provenance"})
    excerpt = json.dumps(shown, ensure_ascii=False, sort_keys=True)[:EXCERPT_LIMIT]
    facts = {**pattern.facts(), "likeness": like, "wins": len(each.runs)}
    return Item(reference=f"memory:{each.entry.key}", title=title, excerpt=excerpt, facts=facts)


def _note(entry: Entry) -> Item:
    body: Mapping[str, object] = entry.body
    kind = str(body.get("kind", ""))
    facts: Facts = {"measured": False, "kind": kind, "workflow": entry.workflow}
    return Item(reference=f"memory:{entry.key}", title=kind, excerpt=str(body.get("information", "")), facts=facts)
