"""Nominations by the shape of the corpus: cheap and promising first, dense designs between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nonet.state import Json

Fields = Mapping[str, Json]

SHORT_PAGES = 300
"""Where nine pages of ten have at most this many words, cutting them changes little."""
LARGE_CORPUS = 2_000_000
"""Words above which embedding every chunk is the budget's largest part: designs without MiniLM go first."""

WINDOWS_120: Fields = {"chunking": "windows", "chunk_unit": "words", "chunk_size": 120, "chunk_overlap": 20}
WINDOWS_60: Fields = {"chunking": "windows", "chunk_unit": "words", "chunk_size": 60, "chunk_overlap": 20}
HEADINGS: Fields = {"chunking": "headings", "chunk_unit": "words", "chunk_size": 200}
RECURSIVE: Fields = {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 50}
LATE: Fields = {"rerank": "late_interaction", "rerank_weight": 0.3}
MINILM: Fields = {"retrieval": "hybrid_weighted", "embedding": "minilm", "dense_weight": 0.6}
MINILM_RRF: Fields = {"retrieval": "hybrid_rrf", "embedding": "minilm", "rrf_k": 10}
STATIC: Fields = {"retrieval": "hybrid_weighted", "embedding": "wordllama", "dense_weight": 0.4}
STATIC_RRF: Fields = {"retrieval": "hybrid_rrf", "embedding": "wordllama", "rrf_k": 10}
DENSE: Fields = {"retrieval": "dense", "embedding": "minilm"}
LOW_B: Fields = {"bm25_k1": 0.9, "bm25_b": 0.4}


@dataclass(frozen=True)
class Idea:
    """Fields on top of the default baseline, and why."""

    fields: Fields
    reason: str


ALWAYS = Idea({**RECURSIVE, **LATE}, "recursive chunking with reranking is always among the candidates")


def ideas(data: Mapping[str, Json]) -> list[Idea]:
    """Return what the corpus' statistics suggest, in the order in which to measure."""
    short = number(data, "words_p90") <= SHORT_PAGES
    found = _short(data) if short else _long(data)
    if number(data, "words") > LARGE_CORPUS or not english(data):
        found.sort(key=lambda idea: idea.fields.get("embedding") == "minilm")
    return found


def english(data: Mapping[str, Json]) -> bool:
    """Whether the corpus is English as far as one can tell."""
    return data.get("language", "unknown") in ("en", "unknown")


def number(data: Mapping[str, Json], name: str) -> float:
    """A number of the fingerprint, 0 where there is none."""
    value = data.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _long(data: Mapping[str, Json]) -> list[Idea]:
    median = f"the median page has {number(data, 'words_p50'):.0f} words"
    sections = f"{number(data, 'sectioned_share'):.0%} of the pages have headings"
    sectioned = number(data, "sectioned_share") >= 0.3
    by_headings = [
        Idea({**HEADINGS}, f"{sections}: sections keep a topic together, for little cost"),
        Idea({**HEADINGS, **MINILM_RRF}, f"{sections}: sections by meaning and by words"),
        Idea({**HEADINGS, **STATIC}, f"{sections}: sections with vectors that cost almost nothing"),
    ]
    spread = f"pages run from {number(data, 'words_p10'):.0f} to {number(data, 'words_p90'):.0f} words (p10 to p90)"
    found = [
        Idea({**WINDOWS_120, **STATIC}, f"{median}: a window answers, not a page; static vectors cost little"),
        Idea({**WINDOWS_120, **MINILM}, f"{median}: windows by words and by meaning"),
        by_headings[0],
        ALWAYS,
        Idea({**WINDOWS_120}, f"{median}: windows alone, by words, show what cutting does"),
        by_headings[1],
        Idea({**WINDOWS_60, **STATIC_RRF}, f"{median}: small windows, static vectors"),
        Idea({**WINDOWS_60, **MINILM_RRF}, f"{median}: small windows by words and by meaning"),
        Idea({**LOW_B}, f"{spread}: a weaker correction for length"),
        Idea({**MINILM}, "whole pages by words and by their beginning's meaning, one vector a page"),
        by_headings[2],
        Idea({**WINDOWS_120, **MINILM, **LATE}, f"{median}: windows, reordered by their tokens"),
        Idea({**WINDOWS_60, **DENSE}, "questions may share few words with their pages: meaning alone"),
    ]
    return [idea for idea in found if sectioned or idea not in by_headings]


def _short(data: Mapping[str, Json]) -> list[Idea]:
    brief = f"nine of ten pages have at most {number(data, 'words_p90'):.0f} words: whole pages"
    return [
        Idea({**STATIC}, f"{brief}, static vectors cost little"),
        Idea({**MINILM}, f"{brief}, by words and by meaning"),
        Idea({**LOW_B}, f"{brief} of like length need less correction for it"),
        ALWAYS,
        Idea({**STATIC_RRF}, f"{brief}, two rankings joined by ranks"),
        Idea({**MINILM_RRF}, f"{brief}, joined by ranks"),
        Idea({"bm25_k1": 1.5, "bm25_b": 0.75}, f"{brief}, repeated words count longer"),
        Idea({**MINILM, **LATE}, f"{brief}, reordered by their tokens"),
        Idea({**STATIC, "dense_weight": 0.6}, f"{brief}, static vectors with more weight"),
        Idea({**DENSE}, "questions may share few words with their pages: meaning alone"),
        Idea({**WINDOWS_60, **MINILM}, "small windows, in case answers stand in one sentence"),
    ]
