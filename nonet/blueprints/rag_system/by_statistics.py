"""Nominations by the shape of the corpus: cheap and promising first; designs that share what they build lie together.

The numbers are those that did well on public collections (60 to 120 words a chunk, .6 for MiniLM in a weighted sum, .3
for late interaction); on this corpus they are starting points, and the measurement decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nonet.state import Json

Fields = Mapping[str, Json]

SHORT_PAGES = 300
"""Where nine pages of ten have at most this many words, cutting them changes little."""
LARGE_CORPUS = 2_000_000
"""Words above which embedding every chunk is the budget's largest part: designs without MiniLM go first."""

WINDOWS_120: Fields = {"chunking": "windows", "chunk_unit": "words", "chunk_size": 120, "chunk_overlap": 20}
WINDOWS_60: Fields = {"chunking": "windows", "chunk_unit": "words", "chunk_size": 60, "chunk_overlap": 20}
WINDOWS_200: Fields = {"chunking": "windows", "chunk_unit": "words", "chunk_size": 200, "chunk_overlap": 50}
SENTENCES: Fields = {"chunking": "sentences", "chunk_unit": "words", "chunk_size": 120, "chunk_overlap": 20}
HEADINGS: Fields = {"chunking": "headings", "chunk_unit": "words", "chunk_size": 200}
SEMANTIC: Fields = {"chunking": "semantic", "chunk_unit": "words", "chunk_size": 200, "semantic_percentile": 80}
FIXED: Fields = {"chunking": "fixed", "chunk_unit": "characters", "chunk_size": 1000, "chunk_overlap": 200}
RECURSIVE: Fields = {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 50}
PARENTS: Fields = {**WINDOWS_60, "chunking": "parent_child", "parent_size": 400}
LATE: Fields = {"rerank": "late_interaction", "rerank_weight": 0.3}
FEEDBACK: Fields = {"feedback": 5, "feedback_weight": 0.5}
MEAN_TOP: Fields = {"page_score": "mean_top", "page_chunks": 3}
MINILM: Fields = {"retrieval": "hybrid_weighted", "embedding": "minilm", "dense_weight": 0.6}
MINILM_RRF: Fields = {"retrieval": "hybrid_rrf", "embedding": "minilm", "rrf_k": 10}
STATIC: Fields = {"retrieval": "hybrid_weighted", "embedding": "wordllama", "dense_weight": 0.4}
STATIC_RRF: Fields = {"retrieval": "hybrid_rrf", "embedding": "wordllama", "rrf_k": 10}
DENSE: Fields = {"retrieval": "dense", "embedding": "minilm"}
THREE: Fields = {**MINILM, "second_embedding": "wordllama", "second_weight": 0.3}
THREE_RRF: Fields = {**MINILM_RRF, "second_embedding": "wordllama"}
LOW_B: Fields = {"bm25_k1": 0.9, "bm25_b": 0.4}
PCA: Fields = {"reduction": "pca", "dimensions": 128}
CUT: Fields = {"reduction": "truncate", "dimensions": 256}


@dataclass(frozen=True)
class Idea:
    """Fields on top of the default baseline, and why."""

    fields: Fields
    reason: str

    @property
    def english(self) -> bool:
        """Whether it uses MiniLM, which is made for English and costs the most to build."""
        models = (self.fields.get("embedding"), self.fields.get("second_embedding"))
        return "minilm" in models or self.fields.get("rerank") == "late_interaction"


ALWAYS = Idea({**RECURSIVE, **LATE}, "recursive chunking with reranking is always among the candidates")


def ideas(data: Mapping[str, Json]) -> list[Idea]:
    """Return what the corpus' statistics suggest, in the order in which to measure."""
    short = number(data, "words_p90") <= SHORT_PAGES
    found = [*_code(data), *(_short(data) if short else _long(data))]
    if number(data, "words") > LARGE_CORPUS:
        found += _large(data, {} if short else WINDOWS_120)
    if number(data, "words") > LARGE_CORPUS or not english(data):
        found.sort(key=lambda idea: idea.english)
    return found


def with_models(
    data: Mapping[str, Json], embeddings: Sequence[Fields], rerankers: Sequence[Fields], reading: Fields
) -> list[Idea]:
    """Return designs with the models that a person gives, each with the strongest partners.

    Args:
        data: the corpus' fingerprint.
        embeddings: their embedding models.
        rerankers: their rerankers.
        reading: the strongest retrieval without them.
    """
    chunks: Fields = {} if number(data, "words_p90") <= SHORT_PAGES else WINDOWS_120
    given = "the inputs give this model"
    found = [Idea({**chunks, **MINILM, **model}, f"{given}: with BM25") for model in embeddings]
    found += [
        Idea({**chunks, **reading, **model, "rerank_weight": 0.5}, f"{given}: it reorders") for model in rerankers
    ]
    for model in embeddings:
        found += [
            Idea({**chunks, **DENSE, **model}, f"{given}: alone"),
            Idea({**chunks, **MINILM_RRF, **model, "second_embedding": "wordllama"}, f"{given}: in three rankings"),
            *(
                Idea({**chunks, **MINILM, **model, **judge, "rerank_weight": 0.5}, f"{given}, and the reranker")
                for judge in rerankers
            ),
        ]
    found += [Idea({**RECURSIVE, **model, "rerank_weight": 1.0}, f"{given}: it alone orders") for model in rerankers]
    return found


TOKENS = {"hyde": 200, "multi_query": 150, "step_back": 100}
"""About how many tokens one question takes, prompt and answer together, a question of twenty words."""


def transformed(models: Sequence[Fields], reading: Fields) -> list[Idea]:
    """Designs whose questions a chat model transforms; they cost money for every question, so they go late."""
    why = {
        "hyde": "questions and documents may use other words: a passage in the documents' words is searched",
        "multi_query": "a question's words are one choice of several: rewordings are searched beside it",
        "step_back": "a narrow question may need background: a more general one is searched beside it",
    }
    return [
        Idea(
            {**WINDOWS_120, **reading, **model, "query_transformation": kind},
            f"{reason}, for about {TOKENS[kind]} tokens a question",
        )
        for model in models
        for kind, reason in why.items()
    ]


def english(data: Mapping[str, Json]) -> bool:
    """Whether the corpus is English as far as one can tell."""
    return data.get("language", "unknown") in ("en", "unknown")


def number(data: Mapping[str, Json], name: str) -> float:
    """A number of the fingerprint, 0 where there is none."""
    value = data.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _code(data: Mapping[str, Json]) -> list[Idea]:
    """Where most files are source code, names are what is asked for, and functions are the sections."""
    kinds = data.get("kinds")
    share = number(kinds, "code") / max(number(data, "documents"), 1) if isinstance(kinds, Mapping) else 0.0
    if share < 0.5:
        return []
    return [Idea({**HEADINGS, **LOW_B}, f"{share:.0%} of the files are source code: its functions, by their names")]


def _large(data: Mapping[str, Json], chunks: Fields) -> list[Idea]:
    size = f"{number(data, 'words') / 1e6:.1f} million words: shorter vectors are smaller and faster to search"
    return [Idea({**chunks, **MINILM, **PCA}, f"{size} (PCA)"), Idea({**chunks, **MINILM, **CUT}, f"{size} (cut)")]


def _long(data: Mapping[str, Json]) -> list[Idea]:
    median = f"the median page has {number(data, 'words_p50'):.0f} words"
    sections = f"{number(data, 'sectioned_share'):.0%} of the pages have headings"
    spread = f"pages run from {number(data, 'words_p10'):.0f} to {number(data, 'words_p90'):.0f} words (p10 to p90)"
    found = [
        Idea({**WINDOWS_120, **STATIC}, f"{median}: a window answers, not a page; static vectors cost little"),
        Idea({**WINDOWS_120, **MINILM}, f"{median}: windows by words and by meaning"),
        Idea({**HEADINGS}, f"{sections}: sections keep a topic together, for little cost"),
        ALWAYS,
        Idea({**WINDOWS_60, **MINILM_RRF}, f"{median}: small windows by words and by meaning"),
        Idea({**WINDOWS_120, **THREE}, f"{median}: windows by words, by meaning and by static vectors"),
        Idea({**HEADINGS, **MINILM_RRF}, f"{sections}: sections by meaning and by words"),
        Idea({**WINDOWS_60, **STATIC_RRF}, f"{median}: small windows, static vectors"),
        Idea({**WINDOWS_120, **MINILM, **FEEDBACK}, f"{median}: what is found first sharpens the question"),
        Idea({**WINDOWS_120, **MINILM, **MEAN_TOP}, f"{median}: a page that answers says so in several windows"),
        Idea({**WINDOWS_60, **THREE_RRF}, f"{median}: small windows, three rankings joined by ranks"),
        Idea({**SENTENCES, **MINILM}, f"{median}: whole sentences, by words and by meaning"),
        Idea({**PARENTS, **MINILM}, f"{median}: small windows are found, what is around them is read"),
        Idea({**WINDOWS_120, **MINILM, **LATE}, f"{median}: windows, reordered by their tokens"),
        Idea({**SEMANTIC, **MINILM}, f"{median}: cut where the subject changes"),
        Idea({**HEADINGS, **STATIC}, f"{sections}: sections with vectors that cost almost nothing"),
        Idea({**WINDOWS_120}, f"{median}: windows alone, by words, show what cutting does"),
        Idea({**WINDOWS_60, **MINILM}, f"{median}: small windows, weighted"),
        Idea({**WINDOWS_60, **DENSE}, "questions may share few words with their pages: meaning alone"),
        Idea({**WINDOWS_120, **MINILM_RRF}, f"{median}: windows joined by ranks, which need no weight"),
        Idea({**LOW_B}, f"{spread}: a weaker correction for length"),
        Idea({**RECURSIVE, **MINILM}, f"{median}: paragraphs kept whole, by words and by meaning"),
        Idea({**HEADINGS, **MINILM, **LATE}, f"{sections}: sections, reordered by their tokens"),
        Idea({**WINDOWS_200, **MINILM}, f"{median}: larger windows"),
        Idea({**SENTENCES, **STATIC}, f"{median}: whole sentences, static vectors"),
        Idea({**MINILM}, "whole pages by words and by their beginning's meaning, one vector a page"),
        Idea({**FIXED, **MINILM}, "1,000 characters with 200 repeated, the cut most often met"),
        Idea({**PARENTS, **STATIC}, f"{median}: small windows in large ones, static vectors"),
    ]
    sectioned = number(data, "sectioned_share") >= 0.3
    return [idea for idea in found if sectioned or idea.fields.get("chunking") != "headings"]


def _short(data: Mapping[str, Json]) -> list[Idea]:
    brief = f"nine of ten pages have at most {number(data, 'words_p90'):.0f} words: whole pages"
    return [
        Idea({**STATIC}, f"{brief}, static vectors cost little"),
        Idea({**MINILM}, f"{brief}, by words and by meaning"),
        Idea({**LOW_B}, f"{brief} of like length need less correction for it"),
        ALWAYS,
        Idea({**THREE}, f"{brief}, by words, by meaning and by static vectors"),
        Idea({**MINILM, **FEEDBACK}, f"{brief}; what is found first sharpens the question"),
        Idea({**MINILM, **LATE}, f"{brief}, reordered by their tokens"),
        Idea({**STATIC_RRF}, f"{brief}, two rankings joined by ranks"),
        Idea({**MINILM_RRF}, f"{brief}, joined by ranks"),
        Idea({**MINILM, "dense_weight": 0.5}, f"{brief}, words and meaning alike"),
        Idea({**THREE_RRF}, f"{brief}, three rankings joined by ranks"),
        Idea({**MINILM, "dense_weight": 0.7}, f"{brief}, meaning first"),
        Idea({**MINILM, **LOW_B}, f"{brief}, by meaning and by words with less correction for length"),
        Idea({**MINILM, **FEEDBACK, **LATE}, f"{brief}; a sharper question, then reordered by tokens"),
        Idea({**DENSE}, "questions may share few words with their pages: meaning alone"),
        Idea({**THREE, **FEEDBACK}, f"{brief}, in three rankings; what is found first sharpens the question"),
        Idea({"bm25_k1": 1.5, "bm25_b": 0.75}, f"{brief}, repeated words count longer"),
        Idea({**STATIC, "dense_weight": 0.6}, f"{brief}, static vectors with more weight"),
        Idea({**SENTENCES, "chunk_size": 60, **MINILM}, "a few sentences at a time, in case one of them answers"),
        Idea({**WINDOWS_60, **MINILM}, "small windows, in case answers stand in one sentence"),
        Idea({**WINDOWS_60, **MINILM, **MEAN_TOP}, "small windows; a page that answers says so in several"),
        Idea({**PARENTS, "parent_size": 200, **MINILM}, "small windows are found, what is around them is read"),
        Idea({**SEMANTIC, **MINILM}, "cut where the subject changes"),
        Idea({**DENSE, **FEEDBACK}, "meaning alone; what is found first sharpens the question"),
        Idea({**MINILM, **LATE, "rerank_weight": 0.5}, f"{brief}, reordered by their tokens, half by half"),
    ]
