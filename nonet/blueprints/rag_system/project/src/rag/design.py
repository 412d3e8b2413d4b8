"""The design of this system: every choice that changes what it returns or what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from rag.errors import SettingsError

Chunking = Literal["page", "fixed", "windows", "sentences", "recursive", "headings", "parent_child", "semantic"]
Unit = Literal["words", "tokens", "characters"]
Retrieval = Literal["bm25", "dense", "hybrid_rrf", "hybrid_weighted"]
Embedding = Literal["none", "wordllama", "minilm", "folder", "url"]
Second = Literal["none", "wordllama", "minilm"]
Reduction = Literal["none", "truncate", "pca"]
PageScore = Literal["best", "mean_top"]
Rerank = Literal["none", "late_interaction", "cross_encoder", "url"]
Order = Literal["rank", "document", "edges"]
Compression = Literal["none", "extractive", "llmlingua"]
Transformation = Literal["none", "multi_query", "hyde", "step_back"]
OVERLAPPING = ("fixed", "windows", "sentences", "recursive", "parent_child")


@dataclass(frozen=True)
class Design:
    """One point of the design space.

    Attributes:
        chunking: whole pages; cuts at every size; windows of whole words; whole sentences; recursive splitting at
            paragraphs, lines, sentences and words; sections (long ones cut, without overlap); small windows searched
            and the larger ones around them read; cuts where neighbouring sentences mean least alike.
        chunk_unit: what sizes and ``chunk_overlap`` count; tokens are WordPiece tokens of MiniLM.
        parent_size: longest passage read for a chunk, in ``chunk_unit`` (parent_child).
        semantic_percentile: share of the gaps between sentences that are no border, in percent (semantic).
        title_prefix: index each chunk with its page title and heading path before it.
        dense_weight: share of the dense scores in the min-max weighted sum, in [0, 1].
        embedding_at: a folder with an ONNX model, or the base URL of an OpenAI-compatible endpoint.
        second_embedding: joins the first in a hybrid of three rankings; ``second_weight`` is its part of the dense
            scores in the weighted sum.
        reduction: how the first embedding's vectors come down to ``dimensions``.
        feedback: how many of the first chunks found lend the question the mean of their vectors, times
            ``feedback_weight``.
        query_transformation: what the chat model makes of a question before it is searched: three rewordings or a more
            general question (each searched, the rankings joined by their ranks), or a passage that might answer it.
        query_model: that chat model's name at its endpoint, where neither environment nor settings name one.
        page_score: a page scores as its best chunk, or as the mean of its ``page_chunks`` best.
        rerank_at: a folder with an ONNX cross-encoder, or the base URL of a ``/rerank`` endpoint.
        rerank_weight: share of the reranker's score among the top ``rerank_depth`` chunks, in [0, 1].
        context_tokens: budget of the packed context, in WordPiece tokens.
        deduplicate: pack no text twice.
        order: passages by rank, by document and place, or with the best at both ends.
        compression: keep of each passage the sentences (extractive) or the words (llmlingua, a token classifier in the
            folder ``compression_at``) that matter most, ``compression_share`` of its tokens.
    """

    chunking: Chunking = "page"
    chunk_unit: Unit = "words"
    chunk_size: int = 120
    chunk_overlap: int = 0
    parent_size: int = 400
    semantic_percentile: int = 80
    title_prefix: bool = False
    retrieval: Retrieval = "bm25"
    bm25_k1: float = 1.2
    bm25_b: float = 0.75
    rrf_k: int = 60
    dense_weight: float = 0.6
    embedding: Embedding = "none"
    embedding_at: str = ""
    embedding_model: str = ""
    second_embedding: Second = "none"
    second_weight: float = 0.3
    reduction: Reduction = "none"
    dimensions: int = 128
    feedback: int = 0
    feedback_weight: float = 0.5
    query_transformation: Transformation = "none"
    query_model: str = ""
    page_score: PageScore = "best"
    page_chunks: int = 3
    rerank: Rerank = "none"
    rerank_at: str = ""
    rerank_model: str = ""
    rerank_weight: float = 0.3
    rerank_depth: int = 20
    context_tokens: int = 2000
    deduplicate: bool = True
    order: Order = "rank"
    compression: Compression = "none"
    compression_share: float = 0.5
    compression_at: str = ""

    def __post_init__(self) -> None:
        if self.chunking in OVERLAPPING and not 0 <= self.chunk_overlap < self.chunk_size:
            raise SettingsError(
                f"chunk_overlap is {self.chunk_overlap}, chunk_size {self.chunk_size}: the overlap must be smaller."
            )
        if self.chunking == "parent_child" and self.parent_size <= self.chunk_size:
            raise SettingsError(f"parent_size is {self.parent_size}: it must be larger than chunk_size.")
        if self.dense and self.embedding == "none":
            raise SettingsError(f"retrieval {self.retrieval!r} needs an embedding: wordllama, minilm, folder or url.")
        for name, part, place in (
            ("embedding_at", self.embedding in ("folder", "url"), self.embedding_at),
            ("rerank_at", self.rerank in ("cross_encoder", "url"), self.rerank_at),
            ("compression_at", self.compression == "llmlingua", self.compression_at),
        ):
            if part and not place:
                raise SettingsError(f"{name} is empty: name the folder or the URL.")

    @property
    def lexical(self) -> bool:
        """Whether BM25 takes part."""
        return self.retrieval != "dense"

    @property
    def dense(self) -> bool:
        """Whether chunk vectors take part."""
        return self.retrieval != "bm25"

    @property
    def three_way(self) -> bool:
        """Whether a second embedding takes part."""
        return self.lexical and self.dense and self.second_embedding not in ("none", self.embedding)

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
