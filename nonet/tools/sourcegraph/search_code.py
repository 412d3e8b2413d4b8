"""``search_code``: where code does something, in the user's checkout or at Sourcegraph."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field, model_validator

from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.services.remote import Remote
from nonet.tools.sourcegraph import checkout, named
from nonet.tools.sourcegraph.query import CodeQuery, combined, parse
from nonet.tools.sourcegraph.remote import Sourcegraph

MOST = 1000


class SearchCodeArguments(Arguments):
    """What to find, and where."""

    query: str = Field(
        default="",
        max_length=2000,
        description='Sourcegraph\'s language: terms that a file must hold, "a phrase", /an expression/; AND, OR, NOT, '
        "parentheses; lang:python file:\\.py$ -file:test case:yes. Case is ignored without case:yes. With repo: other "
        "repositories are searched. May be empty where pattern names a query.",
    )
    path: str = Field(
        default="", max_length=1000, description="Folder or file of the repository to search; empty for all."
    )
    pattern: str = Field(
        default="",
        max_length=60,
        description="Name of a ready query, which the query narrows: data-leakage, missing-tracking, "
        "inefficient-loading, missing-validation, hard-coded-hyperparameters, missing-versioning, llm-fine-tuning, "
        "rag, vector-database, embeddings, prompts, llm-serving, locate-training, locate-features, locate-serving, "
        "locate-tracking, locate-data-pipelines, locate-inefficient-ops. Empty for none.",
    )
    max_results: int = Field(default=12, ge=1, le=MOST, description="Excerpts to return at most.")
    include_ignored: bool = Field(default=False, description="Whether to search the checkout's git-ignored files too.")

    @model_validator(mode="after")
    def _something_to_find(self) -> SearchCodeArguments:
        if not self.query.strip() and not self.pattern:
            raise ValueError("query is empty, and no pattern names a query")
        return self

    def asked(self) -> CodeQuery:
        """Return what is asked: the named query, the written one, or what satisfies both.

        Raises:
            ToolError: there is no query of that name, or the written one is malformed.
        """
        written = parse(self.query)
        return combined(named.query(self.pattern), written) if self.pattern else written

    def limit(self, asked: CodeQuery) -> int:
        """Return how many results to return; ``count:`` says it where ``max_results`` is not given."""
        most = self.max_results if asked.values.count is None or "max_results" in self.model_fields_set else MOST
        return min(most, asked.values.count or MOST)


class SearchCode(Tool[SearchCodeArguments]):
    """The tool. Its embedded backend searches one checkout.

    Hidden files are searched where ``file:`` names them, git-ignored ones where ``include_ignored`` says so, keys and
    version control's own files never.
    """

    name = "search_code"
    service = "sourcegraph"
    description = (
        "Search code: the user's checkout, notebooks by cell, or with repo: other repositories at Sourcegraph. Returns "
        "excerpts by path and line, a call that spans many lines whole."
    )
    Arguments = SearchCodeArguments

    def remotes(self) -> Sequence[Remote[SearchCodeArguments]]:
        """Sourcegraph, for what the checkout cannot answer."""
        return (Sourcegraph(),)

    async def find(self, arguments: SearchCodeArguments, context: ToolContext) -> Found:
        """Search in a thread, within its own time limit."""
        return await asyncio.to_thread(_search, arguments, context)


def _search(arguments: SearchCodeArguments, context: ToolContext) -> Found:
    asked = arguments.asked()
    where = checkout.Where(arguments.path, arguments.include_ignored)
    return checkout.search(asked, where, arguments.limit(asked), context)
