"""``qdrant-find``: what was measured or noted before."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field

from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.qdrant import recall


class QdrantFindArguments(Arguments):
    """What to recall."""

    query: str = Field(min_length=1, max_length=2000, description="What to recall, in plain words.")
    max_results: int = Field(default=8, ge=1, le=30, description="Memories to return at most.")
    kind: Literal["pattern", "note"] | None = Field(
        default=None, description="Only measured decisions (pattern) or only unmeasured notes (note)."
    )
    tier: Literal["global", "workflow", "project"] | None = Field(
        default=None, description="Only what is kept for everyone, for this workflow, or for this project."
    )
    workflow: str = Field(default="", max_length=100, description="Only what this workflow kept.")


class QdrantFind(Tool[QdrantFindArguments]):
    """The tool. It is answered by the index in Nonet's home, or by the server that ``qdrant_url`` names."""

    name = "qdrant-find"
    service = "qdrant"
    description = (
        "Recall from the memory: designs that were measured before (facts.measured is true, with design, metric, "
        "score, n, and likeness, how like their data are to those at hand) and notes (unmeasured)."
    )
    Arguments = QdrantFindArguments

    async def find(self, arguments: QdrantFindArguments, context: ToolContext) -> Found:
        """Search in a thread."""
        return await asyncio.to_thread(
            recall.search,
            arguments.query,
            arguments.max_results,
            context,
            arguments.kind,
            arguments.tier,
            arguments.workflow,
        )
