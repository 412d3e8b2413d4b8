"""``c7_projects_list``: which libraries are about something, the installed ones and those that Context7 knows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import zip_longest

from pydantic import Field

from nonet.tools.context7.installed import Library, canonical, libraries
from nonet.tools.context7.service import NAME, RemoteProjects, alone, called
from nonet.tools.contract import Arguments, Facts, Found, Item, Tool, ToolContext, ToolResult
from nonet.tools.ranking import Ranking
from nonet.tools.services.remote import Remote

RESULT_LIMIT = 10


class ProjectsListArguments(Arguments):
    """What the libraries should be about."""

    query: str = Field(min_length=1, max_length=200, description="A library's name, or what it should do.")


class ProjectsList(Tool[ProjectsListArguments]):
    """The tool. Its embedded backend lists the libraries installed in an environment.

    Where Context7 answers, they stand beside its own: first what goes by the name asked for, then both by turns, the
    installed ones first, for what is here can be used now.
    """

    name = "c7_projects_list"
    service = "context7"
    description = "List libraries whose documentation c7_query can answer from, by name or by what they do."
    Arguments = ProjectsListArguments

    def remotes(self) -> Sequence[Remote[ProjectsListArguments]]:
        """Context7, for what no installed library is called."""
        return (RemoteProjects(),)

    async def call(self, arguments: ProjectsListArguments, context: ToolContext) -> ToolResult:
        """Answer a call; what is installed is never left out."""
        result = await super().call(arguments, context)
        if result.backend != NAME or alone(context):
            return result
        own = await self.find(arguments, context)
        pairs = zip_longest(own.items, result.items)
        merged = [item for pair in pairs for item in pair if item is not None]
        merged.sort(key=lambda item: not called(arguments.query, item))  # stable: those of that name, then the others
        said = " ".join(filter(None, (result.note, own.note)))
        items = merged[:RESULT_LIMIT]
        return result.model_copy(update={"items": items, "backend": f"{own.backend}, {result.backend}", "note": said})

    async def find(self, arguments: ProjectsListArguments, context: ToolContext) -> Found:
        """List in a thread."""
        return await asyncio.to_thread(_list, arguments.query, context)


def _list(query: str, context: ToolContext) -> Found:
    found = libraries(context.environment)
    wanted = canonical(query.strip())
    named = [library for library in found if canonical(library.name) == wanted]
    ranking = Ranking([f"{library.name} {library.name} {library.summary}" for library in found])
    ranked = [found[position] for position, _ in ranking.best(query, RESULT_LIMIT)]
    items = [_item(library) for library in dict.fromkeys([*named, *ranked])]
    return Found("installed", items[:RESULT_LIMIT], "" if items else f"No installed library is about {query!r}.")


def _item(library: Library) -> Item:
    facts: Facts = {"library": library.name, "version": library.version, "installed": True}
    return Item(reference=library.reference, title=library.name, excerpt=library.summary, facts=facts)
