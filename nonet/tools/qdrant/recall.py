"""Ranking the memory: by words, and patterns also by the likeness of the data they were measured on."""

from __future__ import annotations

import json
from collections.abc import Sequence

from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.qdrant.journal import Entry, Journal
from nonet.tools.qdrant.pattern import Pattern, likeness, remembered
from nonet.tools.ranking import Ranking


def search(query: str, limit: int, context: ToolContext) -> Found:
    """Return memories, best first.

    A pattern's rank is the sum of its BM25 score, scaled to at most 1, and the likeness of its data's fingerprint;
    every pattern of the workflow at hand is a candidate, whatever words it holds. A note must share a word.
    """
    kept = remembered(context.settings, context.workflow)
    notes = Journal.of(context.settings).entries("note")
    texts = [_words(pattern) for _, pattern in kept] + [_note_words(note) for note in notes]
    words = _scaled(Ranking(texts).best(query, len(texts)))
    scored: list[tuple[float, int]] = []
    for position in range(len(texts)):
        score = words.get(position, 0.0)
        if position < len(kept):
            score += likeness(context.fingerprint, kept[position][1].fingerprint)
            if not context.workflow and not score:
                continue
        elif not score:
            continue
        scored.append((-round(score, 9), position))
    best = [position for _, position in sorted(scored)[:limit]]
    items = [_pattern(*kept[each]) if each < len(kept) else _note(notes[each - len(kept)]) for each in best]
    return Found("journal", items, "" if items else "The memory holds nothing like it.")


def _scaled(ranked: Sequence[tuple[int, float]]) -> dict[int, float]:
    top = ranked[0][1] if ranked else 1.0
    return {position: score / top for position, score in ranked}


def _words(pattern: Pattern) -> str:
    design = " ".join(f"{name} {value}" for name, value in pattern.design.items())
    return f"{pattern.workflow} {design} {pattern.metric} {pattern.embedder} {pattern.goal} {pattern.provenance.reason}"


def _note_words(note: Entry) -> str:
    return json.dumps(note.body, ensure_ascii=False)


def _pattern(entry: Entry, pattern: Pattern) -> Item:
    score = pattern.score
    shown = pattern.model_dump(mode="json", exclude={"goal", "provenance"})
    title = f"{pattern.workflow}: {pattern.metric} {score.value:.4g} over {score.n} units ({', '.join(pattern.labels)})"
    excerpt = json.dumps(shown, ensure_ascii=False, sort_keys=True)[:EXCERPT_LIMIT]
    return Item(reference=f"memory:{entry.key}", title=title, excerpt=excerpt, facts=pattern.facts())


def _note(entry: Entry) -> Item:
    body = entry.body
    kind = str(body.get("kind", ""))
    facts: Facts = {"measured": False, "kind": kind, "workflow": entry.workflow}
    return Item(reference=f"memory:{entry.key}", title=kind, excerpt=str(body.get("information", "")), facts=facts)
