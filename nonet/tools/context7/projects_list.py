"""``c7_projects_list``: which installed libraries are about something."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pydantic import Field

from nonet.tools.context7.installed import Library, canonical, libraries
from nonet.tools.context7.service import RemoteProjects
from nonet.tools.contract import Arguments, Facts, Found, Item, Tool, ToolContext
from nonet.tools.ranking import Ranking
from nonet.tools.services.remote import Remote

RESULT_LIMIT = 10


class ProjectsListArguments(Arguments):
    """What the libraries should be about."""

    query: str = Field(min_length=1, max_length=200, description="A library's name, or what it should do.")


class ProjectsList(Tool[ProjectsListArguments]):
    """The tool. Its embedded backend lists the libraries installed in an environment."""

    name = "c7_projects_list"
    service = "context7"
    description = "List libraries whose documentation c7_query can answer from, by name or by what they do."
    Arguments = ProjectsListArguments

    def remotes(self) -> Sequence[Remote[ProjectsListArguments]]:
        """Context7, for what no installed library is called."""
        return (RemoteProjects(),)

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
