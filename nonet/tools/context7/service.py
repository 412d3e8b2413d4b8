"""Context7 itself (v2 REST), for libraries that are not installed, or of which the installed sources say nothing.

What is installed is answered from its own sources, so a run with a key and one without read the same defaults of the
same version, and the service adds what is not here. Only where the settings want it alone is it asked of everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import pydantic

from nonet.errors import ServiceError
from nonet.tools.context7 import wire
from nonet.tools.context7.installed import canonical, find
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.services import http, permission
from nonet.tools.services.remote import ArgumentsT, Remote

if TYPE_CHECKING:
    from nonet.tools.context7.projects_list import ProjectsListArguments
    from nonet.tools.context7.query import QueryArguments

NAME = "context7"
KEY = "CONTEXT7_API_KEY"
PUBLIC = "https://context7.com/api"
REDIRECTS = 3
TITLE_LIMIT = 100
"""Characters that ``c7_query`` takes as a library's name."""
_VERSIONS_NAMED = 10
_IDENTITY = re.compile(r"/[\w.-]+/[\w.-]+(/[\w.-]+)?(@[\w.+-]+)?")


class Context7(Remote[ArgumentsT]):
    """What both tools' remotes share."""

    name = NAME
    service = NAME
    remedy = f"Set {KEY}, or give --web for its keyless limit."

    def lacking(self, context: ToolContext) -> str:
        """Its key, an address of the user's, or ``web``."""
        return permission.lacking(context.settings, key=KEY, address=context.settings.context7_url, keyless=True)

    def address(self, context: ToolContext) -> str:
        """The user's own server, else the public one."""
        return (context.settings.context7_url or PUBLIC).rstrip("/")

    async def probe(self, context: ToolContext) -> None:
        """Search for one library."""
        await self.libraries("context7", "documentation", context)

    async def libraries(self, name: str, query: str, context: ToolContext) -> list[wire.Library]:
        """Return the libraries that a name may mean for a question, best first."""
        status, data = await self.get("libs/search", {"libraryName": name, "query": query}, context)
        if status == 404:
            return []
        try:
            bare = isinstance(data, list)
            return wire.BareLibraries.model_validate(data).root if bare else wire.Libraries.model_validate(data).results
        except pydantic.ValidationError as error:
            raise _another_form() from error

    async def get(self, path: str, asked: Mapping[str, str], context: ToolContext) -> tuple[int, Any]:
        """Return the status of an answer (200, 301 or 404) and its JSON.

        Raises:
            ServiceError: it is another one.
        """
        address = self.address(context)
        async with http.client(address, http.bearer(KEY)) as client:
            response, data = await http.json_of(client, f"{address}/v2/{path}", asked, expected=(404,))
        status = response.status_code
        if status == 202:
            wait = http.retry_after(response.headers.get("Retry-After"))
            raise ServiceError("Context7 is not ready with this library yet", "unavailable", retry_after=wait)
        if status not in (200, 301, 404):
            raise ServiceError(f"Context7 answered with HTTP {status}", "malformed")
        return status, data


class RemoteProjects(Context7["ProjectsListArguments"]):
    """``c7_projects_list`` by ``GET /v2/libs/search``."""

    def answers(self, arguments: ProjectsListArguments, context: ToolContext) -> bool:
        """Unless what is asked for is an installed library's name."""
        return alone(context) or find(arguments.query, context.environment) is None

    async def find(self, arguments: ProjectsListArguments, context: ToolContext) -> Found:
        """Search once."""
        found = await self.libraries(arguments.query, arguments.query, context)
        note = "" if found else f"Context7 knows no library about {arguments.query!r}."
        return Found(self.name, [_listed(each) for each in found], note)


class RemoteQuery(Context7["QueryArguments"]):
    """``c7_query`` by ``GET /v2/context``, of the library that a name means."""

    def answers(self, arguments: QueryArguments, context: ToolContext) -> bool:
        """Unless the library is installed."""
        return alone(context) or find(arguments.library.partition("@")[0], context.environment) is None

    async def find(self, arguments: QueryArguments, context: ToolContext) -> Found:
        """Find the library, then ask its documentation. One that nobody knows is no fault: nothing is found."""
        name, _, version = arguments.library.partition("@")
        if _IDENTITY.fullmatch(name):
            identity, said = arguments.library, []
        else:
            known = await self.libraries(name, arguments.query, context)
            if not known:
                return Found(self.name, [], f"Context7 knows no library {name!r}.")
            identity, said = _chosen(name, version, known)
        answer = await self._context(identity, arguments.query, context)
        if answer is None:
            return Found(self.name, [], f"Context7 has no documentation of {identity}.")
        facts = _facts(name, identity, context)
        items = [_item(identity, *passage, facts) for passage in answer.passages()][: arguments.max_results]
        if not items:
            said = [f"Context7 says nothing about it in its documentation of {identity}."]
        return Found(self.name, items, " ".join(said))

    async def _context(self, identity: str, query: str, context: ToolContext) -> wire.Context | None:
        """Return what Context7 documents of a library, wherever it moved to; ``None`` where it has nothing."""
        seen: list[str] = []
        while len(seen) <= REDIRECTS and identity not in seen:
            seen.append(identity)
            status, data = await self.get("context", {"libraryId": identity, "query": query, "type": "json"}, context)
            if status == 404:
                return None
            if status == 200:
                return _read(data)
            identity = _moved(data, self.address(context))
        raise ServiceError(f"Context7 sends from {seen[0]} to one library after another without end", "malformed")


def alone(context: ToolContext) -> bool:
    """Whether the settings want Context7 and nothing else."""
    return context.settings.backends.get(NAME) == "remote"


def called(name: str, library: wire.Library | Item) -> bool:
    """Whether a library of Context7's goes by a name: its title, or its repository's."""
    identity = library.id if isinstance(library, wire.Library) else library.reference.removeprefix(f"{NAME}:")
    names = {library.title, identity.rpartition("/")[2]}
    return _plain(name) in {_plain(each) for each in names}


def _plain(name: str) -> str:
    return canonical("-".join(name.split()))


def _chosen(name: str, version: str, known: Sequence[wire.Library]) -> tuple[str, list[str]]:
    """Return the id of what a name means, at the version wanted where Context7 keeps it, and what to say of both."""
    library = next((each for each in known if called(name, each)), known[0])
    said = [] if called(name, library) else [f"Context7's nearest library to {name!r} is {library.id}."]
    label = next((each for each in library.versions if version and each.lstrip("vV") == version.lstrip("vV")), "")
    if label:
        return f"{library.id}@{label}", said
    kept = f"; it also keeps {', '.join(library.versions[:_VERSIONS_NAMED])}" if library.versions else ""
    instead = f", not of {version}" if version else ""
    return library.id, [*said, f"This is Context7's current documentation of {library.id}{instead}{kept}."]


def _facts(name: str, identity: str, context: ToolContext) -> Facts:
    installed = find(name, context.environment) is not None
    version = identity.partition("@")[2] or None
    return {"library": name, "version": version, "installed": installed, "id": identity, "source": NAME}


def _read(data: object) -> wire.Context:
    try:
        return wire.Context.model_validate(data)
    except pydantic.ValidationError as error:
        raise _another_form() from error


def _another_form() -> ServiceError:
    return ServiceError("Context7 answered in another form than its API's", "malformed")


def _moved(data: object, address: str) -> str:
    """Return the id of the library that another became: ``redirectUrl`` is an id, or an address of the same API.

    What it says is never requested as it stands: only an id is taken from it.
    """
    told = cast("Mapping[str, object]", data).get("redirectUrl") if isinstance(data, Mapping) else None
    if not isinstance(told, str):
        raise ServiceError("Context7 says that a library moved, and not where to", "malformed")
    parts, own = urlsplit(told), urlsplit(address)
    if parts.netloc and (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        raise ServiceError(f"Context7 sends to another host ({parts.netloc!r})", "malformed")
    identity = parse_qs(parts.query).get("libraryId", [parts.path])[0]
    if not _IDENTITY.fullmatch(identity):
        raise ServiceError("Context7 says that a library moved, and not where to", "malformed")
    return identity


def _listed(found: wire.Library) -> Item:
    versions = found.versions[:_VERSIONS_NAMED]
    facts: Facts = {"library": found.title or found.id, "id": found.id, "versions": versions, "source": NAME}
    title = found.title if 0 < len(found.title) <= TITLE_LIMIT else found.id
    excerpt = found.description[:EXCERPT_LIMIT]
    return Item(reference=f"{NAME}:{found.id}", title=title, excerpt=excerpt, facts=facts)


def _item(identity: str, title: str, text: str, page: str, facts: Facts) -> Item:
    reference = page if page.startswith(("http://", "https://")) else f"{NAME}:{identity}"
    return Item(reference=reference, title=title or identity, excerpt=text.strip()[:EXCERPT_LIMIT], facts=facts)
