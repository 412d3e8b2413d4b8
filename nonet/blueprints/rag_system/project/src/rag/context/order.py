"""The order in which passages are read."""

from __future__ import annotations

from collections.abc import Sequence

from rag.context.model import Passage


def ordered(passages: Sequence[Passage], order: str) -> list[Passage]:
    """Put passages, given best first, into an order: ``rank``, ``document`` or ``edges``.

    ``document`` keeps a document's passages together and in the order they stand in it, the document of the best
    passage first (Yu, Xu & Akkiraju 2024, "In Defense of RAG in the Era of Long-Context Language Models").
    ``edges`` puts the best passages at both ends and the worst in the middle, where readers overlook most (Liu et al.
    2023, "Lost in the Middle"): ranks 1, 3, 5 … from the beginning, 2, 4, 6 … from the end.
    """
    if order == "document":
        first: dict[str, int] = {}
        for place, passage in enumerate(passages):
            first.setdefault(passage.doc, place)
        return sorted(passages, key=lambda passage: (first[passage.doc], passage.span))
    if order == "edges":
        return [*passages[::2], *reversed(passages[1::2])]
    return list(passages)
