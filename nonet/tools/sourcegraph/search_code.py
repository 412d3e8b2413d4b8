"""``search_code``: where the code of a checkout does something."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field

from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.sourcegraph import checkout


class SearchCodeArguments(Arguments):
    """What to find, and where."""

    query: str = Field(
        min_length=1,
        max_length=500,
        description="What the code says, and filters: lang:python file:src/*.py -file:tests. Case counts only where "
        "the query has capitals.",
    )
    path: str = Field(
        default="", max_length=1000, description="Folder or file of the checkout to search; empty for all."
    )
    pattern: Literal["literal", "regexp"] = Field(
        default="literal",
        description="Whether the query's text is meant literally or as a regular expression (RE2-like).",
    )
    max_results: int = Field(default=12, ge=1, le=50, description="Excerpts to return at most.")


class SearchCode(Tool[SearchCodeArguments]):
    """The tool. Its embedded backend searches one checkout; hidden and git-ignored files are never read."""

    name = "search_code"
    service = "sourcegraph"
    description = (
        "Search the code of the user's checkout, notebooks by cell. Returns excerpts by path and line, a call that "
        "spans many lines whole."
    )
    Arguments = SearchCodeArguments

    async def find(self, arguments: SearchCodeArguments, context: ToolContext) -> Found:
        """Search in a thread, within its own time limit."""
        return await asyncio.to_thread(
            checkout.search, arguments.query, arguments.path, arguments.pattern, arguments.max_results, context
        )
