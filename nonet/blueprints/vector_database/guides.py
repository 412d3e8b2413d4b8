"""What research, guides and library documentation suggest: parameters that they name, libraries that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nonet.blueprints.vector_database.docket import ENGINES_OF
from nonet.state import Evidence, Json

RESEARCH = ("research",)
DOCUMENTATION = "index_docs"

_PARAMETERS: Mapping[str, str] = {
    "m": "hnsw_m",
    "M": "hnsw_m",
    "connectivity": "hnsw_m",
    "max_neighbors": "hnsw_m",
    "ef_construction": "ef_construction",
    "ef_construct": "ef_construction",
    "efConstruction": "ef_construction",
    "expansion_add": "ef_construction",
    "ef_search": "ef_search",
    "efSearch": "ef_search",
    "expansion_search": "ef_search",
}
_ENGINE_OF: Mapping[str, str] = {library: engine for engine, library in ENGINES_OF.items()} | {
    "faiss-cpu": "faiss_hnsw"
}
_RANGE = re.compile(r"\b(M|ef at construction|ef at search|ef_construction|ef_search)\b[^.;]{0,60}?\((\d+) to (\d+)\)")
_NAMED = {
    "M": "hnsw_m",
    "ef at construction": "ef_construction",
    "ef_construction": "ef_construction",
    "ef at search": "ef_search",
    "ef_search": "ef_search",
}


@dataclass(frozen=True)
class Suggestion:
    """Fields that a piece of evidence suggests, and why."""

    fields: Mapping[str, Json]
    reason: str
    evidence: str


def suggestions(item: Evidence) -> Iterator[Suggestion]:
    """Yield what one piece of evidence suggests: typed facts first, else the ranges that its text names."""
    if item.step in RESEARCH:
        patch = item.facts.get("nominate")
        if isinstance(patch, Mapping):
            yield Suggestion(dict(patch), f"suggested by {item.title}", item.id)
        upper: dict[str, Json] = {_NAMED[name]: int(high) for name, _, high in _RANGE.findall(item.excerpt)}
        if upper:
            yield Suggestion(
                {"engine": "faiss_hnsw", **upper}, f"the upper ends of the ranges that {item.title} names", item.id
            )
    elif item.step == DOCUMENTATION:
        defaults = item.facts.get("defaults")
        engine = _ENGINE_OF.get(str(item.facts.get("library", "")))
        if isinstance(defaults, Mapping) and engine:
            fields = _defaults(defaults)
            if fields:
                name = f"{item.facts.get('library')} {item.facts.get('version', '')}".strip()
                yield Suggestion({"engine": engine, **fields}, f"the defaults of {name}", item.id)


def missing_library(item: Evidence) -> str | None:
    """Return the library that a piece of evidence says is not installed."""
    if item.step == DOCUMENTATION and item.facts.get("installed") is False:
        return str(item.facts.get("library") or "") or None
    return None


def _defaults(defaults: Mapping[str, object]) -> dict[str, Json]:
    return {
        _PARAMETERS[name]: value
        for name, value in defaults.items()
        if name in _PARAMETERS and isinstance(value, int) and not isinstance(value, bool) and value > 0
    }
