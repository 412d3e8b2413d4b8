"""Context7 itself (v2 REST), for libraries that are not installed: what is installed is answered from its own sources.

So a run with a key and one without read the same defaults of the same version, and the service adds what is not here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

import pydantic

from nonet.errors import ServiceError, ToolError
from nonet.tools.context7.installed import canonical, libraries
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.services import http, permission
from nonet.tools.services.remote import ArgumentsT, Remote

if TYPE_CHECKING:
    from nonet.tools.context7.projects_list import ProjectsListArguments
    from nonet.tools.context7.query import QueryArguments

KEY = "CONTEXT7_API_KEY"
PUBLIC = "https://context7.com/api"
REDIRECTS = 3
ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)


class _Library(pydantic.BaseModel):
    id: str
    title: str = ""
    description: str = ""
    versions: list[str] = []


class _Libraries(pydantic.BaseModel):
    results: list[_Library]


class _Code(pydantic.BaseModel):
    language: str = ""
    code: str


class _Snippet(pydantic.BaseModel):
    title: str = pydantic.Field(default="", alias="codeTitle")
    description: str = pydantic.Field(default="", alias="codeDescription")
    codes: list[_Code] = pydantic.Field(default=[], alias="codeList")
    page: str = pydantic.Field(default="", alias="codeId")


class _Passage(pydantic.BaseModel):
    content: str
    breadcrumb: str = ""
    page: str = pydantic.Field(default="", alias="pageId")


class _Context(pydantic.BaseModel):
    snippets: list[_Snippet] = pydantic.Field(default=[], alias="codeSnippets")
    passages: list[_Passage] = pydantic.Field(default=[], alias="infoSnippets")


class _Context7(Remote[ArgumentsT]):
    """What both tools' remotes share."""

    name = "context7"
    service = "context7"
    remedy = f"Set {KEY}, or give --web for its keyless limit."

    def lacking(self, context: ToolContext) -> str:
        """Its key, an address of the user's, or ``web``."""
        return permission.lacking(context.settings, key=KEY, address=context.settings.context7_url, keyless=True)

    def address(self, context: ToolContext) -> str:
        """The user's own server, else the public one."""
        return context.settings.context7_url or PUBLIC

    async def probe(self, context: ToolContext) -> None:
        """Search for one library."""
        await self.libraries("context7", context)

    async def libraries(self, name: str, context: ToolContext) -> list[_Library]:
        """Return the libraries that a name may mean, best first."""
        asked = {"libraryName": name, "query": name}
        return (await self._get("v2/libs/search", asked, _Libraries, context)).results

    async def _get(self, path: str, asked: Mapping[str, str], form: type[ModelT], context: ToolContext) -> ModelT:
        address = self.address(context)
        url = f"{address.rstrip('/')}/{path}"
        async with http.client(address, http.bearer(KEY)) as client:
            for _ in range(REDIRECTS + 1):
                response, data = await http.json_of(client, url, asked)
                if response.status_code == 202:
                    raise ServiceError("context7 is still reading this library", "unavailable")
                if response.status_code != 301:
                    return _read(form, data)
                url, asked = _moved(url, data), {**asked, **_library(data)}
        raise ServiceError("context7 sends from one address to the next without end", "malformed")


class RemoteProjects(_Context7["ProjectsListArguments"]):
    """``GET /v2/libs/search``. Only where no installed library is about it would nothing be found without it."""

    def answers(self, arguments: ProjectsListArguments, context: ToolContext) -> bool:
        """Whether no installed library has that name."""
        return not _installed(arguments.query, context)

    async def find(self, arguments: ProjectsListArguments, context: ToolContext) -> Found:
        """Search once."""
        found = await self.libraries(arguments.query, context)
        note = "" if found else f"Context7 knows no library about {arguments.query!r}."
        return Found(self.name, [_listed(each) for each in found], note)


class RemoteQuery(_Context7["QueryArguments"]):
    """``GET /v2/context``, of the library that a name means."""

    def answers(self, arguments: QueryArguments, context: ToolContext) -> bool:
        """Whether the library is not installed."""
        return not _installed(arguments.library, context)

    async def find(self, arguments: QueryArguments, context: ToolContext) -> Found:
        """Find the library, then ask its documentation."""
        identity = arguments.library if arguments.library.startswith("/") else await self._identity(arguments, context)
        asked = {"libraryId": identity, "query": arguments.query, "type": "json"}
        found = await self._get("v2/context", asked, _Context, context)
        items = [*_snippets(identity, found.snippets), *_passages(identity, found.passages)][: arguments.max_results]
        return Found(self.name, items, "" if items else f"{identity} says nothing about {arguments.query!r}.")

    async def _identity(self, arguments: QueryArguments, context: ToolContext) -> str:
        found = await self.libraries(arguments.library, context)
        if not found:
            said = f"Context7 knows no library {arguments.library!r}, and it is not installed."
            raise ToolError(said, "Find its name with c7_projects_list.")
        return found[0].id


def _installed(name: str, context: ToolContext) -> bool:
    wanted = canonical(name.strip())
    return any(canonical(each.name) == wanted for each in libraries(context.environment))


def _read(form: type[ModelT], data: object) -> ModelT:
    try:
        return form.model_validate(data)
    except pydantic.ValidationError as error:
        raise ServiceError("context7 answered in another form than its API's", "malformed") from error


def _moved(url: str, data: Any) -> str:
    """Return where a library's documentation moved to: the same API, for a path of a library alone stays there."""
    told = data.get("redirectUrl") if isinstance(data, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if not isinstance(told, str) or not told:
        raise ServiceError("context7 says that a library moved, and not where to", "malformed")
    target = urljoin(url, told)
    if urlsplit(target).netloc != urlsplit(url).netloc:
        raise ServiceError(f"context7 sends to another host ({json.dumps(urlsplit(target).netloc)})", "malformed")
    return target if "/v2/" in urlsplit(target).path else url


def _library(data: Any) -> dict[str, str]:
    told = str(data.get("redirectUrl", ""))
    return {} if "/v2/" in urlsplit(told).path else {"libraryId": urlsplit(told).path}


def _listed(found: _Library) -> Item:
    versions = found.versions[:20]
    facts: Facts = {"library": found.id, "version": versions[0] if versions else None, "installed": False}
    facts["versions"] = versions
    return Item(reference=f"context7:{found.id}", title=found.title or found.id, excerpt=found.description, facts=facts)


def _snippets(identity: str, found: list[_Snippet]) -> list[Item]:
    return [
        _item(identity, each.title, "\n\n".join([each.description, *(code.code for code in each.codes)]), each.page)
        for each in found
    ]


def _passages(identity: str, found: list[_Passage]) -> list[Item]:
    return [_item(identity, each.breadcrumb, each.content, each.page) for each in found]


def _item(identity: str, title: str, text: str, page: str) -> Item:
    version = identity.partition("@")[2] or None
    facts: Facts = {"library": identity, "version": version, "installed": False}
    reference = page if page.startswith(("http://", "https://")) else f"context7:{identity}"
    return Item(reference=reference, title=title or identity, excerpt=text.strip()[:EXCERPT_LIMIT], facts=facts)
