"""``qdrant-store``: keep a note in the memory."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field

from nonet.tools.contract import Arguments, Facts, Found, Item, Tool, ToolContext
from nonet.tools.qdrant.memory import Memory


class Metadata(Arguments):
    """What the note is about."""

    kind: Literal["architecture", "features", "recipe", "technique", "metrics"] = Field(
        default="technique", description="What sort of note it is."
    )
    tags: list[str] = Field(default=[], max_length=20, description="Words to find it by.")
    tier: Literal["project", "workflow", "global"] = Field(
        default="project",
        description="Who finds it again: only work on the same folders (everything that says something of the user or "
        "their data), runs of this workflow, or everyone.",
    )


class QdrantStoreArguments(Arguments):
    """The note."""

    information: str = Field(min_length=1, max_length=4000, description="What to remember, in full sentences.")
    metadata: Metadata = Field(default=Metadata(), description="Its kind, its tags, and who finds it again.")


class QdrantStore(Tool[QdrantStoreArguments]):
    """The tool. The note goes to the journal in Nonet's home, and on to the server that ``qdrant_url`` names."""

    name = "qdrant-store"
    service = "qdrant"
    description = "Keep a note in the memory. It is marked unmeasured: it can be found again, but nominates no design."
    Arguments = QdrantStoreArguments

    async def find(self, arguments: QdrantStoreArguments, context: ToolContext) -> Found:
        """Write in a thread; the note is on disk when this returns."""
        return await asyncio.to_thread(_store, arguments, context)


def _store(arguments: QdrantStoreArguments, context: ToolContext) -> Found:
    metadata, memory = arguments.metadata, Memory(context.settings)
    body = {
        "information": arguments.information,
        "kind": metadata.kind,
        "tags": metadata.tags,
        "tier": metadata.tier,
        "project": memory.project(context.roots, begin=True) if metadata.tier == "project" else "",
    }
    key = memory.keep("note", context.workflow, body)
    facts: Facts = {"measured": False, "kind": metadata.kind, "tags": metadata.tags}
    item = Item(reference=f"memory:{key}", title=metadata.kind, excerpt=arguments.information, facts=facts)
    problem = memory.deliver()
    return Found("journal" if problem or memory.server is None else "server", [item], problem)
