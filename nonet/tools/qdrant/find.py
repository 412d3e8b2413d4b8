"""``qdrant-find``: what was measured or noted before."""

from __future__ import annotations

import asyncio

from pydantic import Field

from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.qdrant import recall


class QdrantFindArguments(Arguments):
    """What to recall."""

    query: str = Field(min_length=1, max_length=2000, description="What to recall, in plain words.")
    max_results: int = Field(default=8, ge=1, le=30, description="Memories to return at most.")


class QdrantFind(Tool[QdrantFindArguments]):
    """The tool. Its embedded backend ranks the journal."""

    name = "qdrant-find"
    description = (
        "Recall from the memory: designs that were measured before (facts.measured is true, with design, metric, score "
        "and n) and notes (unmeasured)."
    )
    Arguments = QdrantFindArguments

    async def find(self, arguments: QdrantFindArguments, context: ToolContext) -> Found:
        """Read in a thread."""
        return await asyncio.to_thread(recall.search, arguments.query, arguments.max_results, context)
