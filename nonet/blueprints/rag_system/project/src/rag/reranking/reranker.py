"""Which reranker a design names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.design import Design
from rag.query import Query

Reranker = Callable[[Query, Sequence[int]], NDArray[np.float32]]
"""Scores some chunks for a question, higher is better; shape (chunks,), on any scale."""


def load(design: Design, stages: Mapping[str, Path], indexed: Callable[[int], str]) -> Reranker | None:
    """Return the design's reranker, if it has one.

    Args:
        stages: the built stages by name.
        indexed: gives the text by which a chunk is indexed, which is what a model reads of it.

    Raises:
        ModelError: its model cannot be loaded.
        SettingsError: its endpoint's URL is none.
    """
    if design.rerank == "late_interaction":
        from rag.late_interaction import LateInteraction

        late = LateInteraction(stages["tokens"])
        return lambda query, chunks: late.scores(query.tokens, chunks)
    if design.rerank == "cross_encoder":
        from rag.reranking import cross_encoder

        encoder = cross_encoder.load(design.rerank_at, design.rerank_model)
        return lambda query, chunks: encoder.scores(query.text, [indexed(chunk) for chunk in chunks])
    if design.rerank == "url":
        from rag.reranking.endpoint import EndpointReranker

        remote = EndpointReranker(design.rerank_at, design.rerank_model)
        return lambda query, chunks: remote.scores(query.text, [indexed(chunk) for chunk in chunks])
    return None
