"""The design of this system: every choice that changes what it returns or what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from rag.errors import SettingsError

Chunking = Literal["page", "windows", "recursive", "headings"]
Unit = Literal["words", "tokens", "characters"]
Retrieval = Literal["bm25", "dense", "hybrid_rrf", "hybrid_weighted"]
Embedding = Literal["none", "wordllama", "minilm"]
Rerank = Literal["none", "late_interaction"]


@dataclass(frozen=True)
class Design:
    """One point of the design space.

    Attributes:
        chunking: whole pages, sliding windows, recursive splitting at paragraphs, lines, sentences and words, or
            sections (long ones cut, without overlap).
        chunk_unit: what ``chunk_size`` and ``chunk_overlap`` count; tokens are WordPiece tokens of MiniLM.
        title_prefix: index each chunk with its page title and heading path before it.
        dense_weight: share of the dense score in the min-max weighted sum, in [0, 1].
        rerank_weight: share of the late-interaction score among the top ``rerank_depth`` chunks, in [0, 1].
        context_tokens: budget of the packed context, in WordPiece tokens.
    """

    chunking: Chunking = "page"
    chunk_unit: Unit = "words"
    chunk_size: int = 120
    chunk_overlap: int = 0
    title_prefix: bool = False
    retrieval: Retrieval = "bm25"
    bm25_k1: float = 1.2
    bm25_b: float = 0.75
    rrf_k: int = 60
    dense_weight: float = 0.6
    embedding: Embedding = "none"
    rerank: Rerank = "none"
    rerank_weight: float = 0.3
    rerank_depth: int = 20
    context_tokens: int = 2000

    def __post_init__(self) -> None:
        if self.chunking in ("windows", "recursive") and not 0 <= self.chunk_overlap < self.chunk_size:
            raise SettingsError(
                f"chunk_overlap is {self.chunk_overlap}, chunk_size {self.chunk_size}: the overlap must be smaller."
            )
        if self.dense and self.embedding == "none":
            raise SettingsError(f"retrieval {self.retrieval!r} needs an embedding: wordllama or minilm.")

    @property
    def lexical(self) -> bool:
        """Whether BM25 takes part."""
        return self.retrieval != "dense"

    @property
    def dense(self) -> bool:
        """Whether chunk vectors take part."""
        return self.retrieval != "bm25"

    @property
    def late_interaction(self) -> bool:
        """Whether token embeddings rerank the top chunks."""
        return self.rerank == "late_interaction"

    def json(self) -> dict[str, Any]:
        """Return the design as plain JSON."""
        return asdict(self)


def parse(values: Mapping[str, Any]) -> Design:
    """Make a design of plain JSON; absent fields take their defaults.

    Raises:
        SettingsError: a field is unknown, has a value outside its choices, or contradicts another.
    """
    hints = get_type_hints(Design)
    known = {field.name for field in fields(Design)}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"The design has an unknown field {name!r}; known: {', '.join(sorted(known))}.")
        choices = get_args(hints[name])
        if choices and value not in choices:
            raise SettingsError(f"The design's {name} is {value!r}; choose one of {', '.join(choices)}.")
        if not choices and not _fits(value, hints[name]):
            raise SettingsError(f"The design's {name} is {value!r}; it must be of type {hints[name].__name__}.")
    return Design(**values)


def _fits(value: object, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)
