"""Sourcegraph itself: repositories that the user does not have here, by its stream API (server-sent events).

What the user's own code does is answered by the checkout alone: Sourcegraph is asked where a query names another
repository (``repo:``), or where there is no checkout. A query goes there as it is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from nonet.errors import ServiceError, ToolError
from nonet.tools.contract import EXCERPT_LIMIT, Facts, Found, Item, ToolContext
from nonet.tools.services import http, permission
from nonet.tools.services.remote import Remote
from nonet.tools.sourcegraph.checkout import names_another
from nonet.tools.sourcegraph.languages import language_of
from nonet.tools.sourcegraph.scanning import as_value
from nonet.tools.sourcegraph.writing import written

if TYPE_CHECKING:
    import httpx

    from nonet.tools.sourcegraph.search_code import SearchCodeArguments

KEY = "SRC_ACCESS_TOKEN"
PUBLIC = "https://sourcegraph.com"
_PATH = "/.api/search/stream"
_LONGEST_LINE = 2000
_CONTEXT_LINES = 3
_SIZE_LIMIT = 20_000_000
_REPOSITORY = re.compile(r"(?<![^\s(])-?(?:repo|r):\S", re.I)
_OR = re.compile(r"\sor\s", re.I)


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _LineMatch(_Event):
    line: str
    number: int = Field(alias="lineNumber", ge=0)


class _Place(_Event):
    line: int = Field(ge=0)


class _Chunk(_Event):
    content: str
    start: _Place = Field(alias="contentStart")


class _Symbol(_Event):
    name: str
    line: int = Field(default=1, ge=1)


class _Match(_Event):
    """What matches, its lines counted from 0; what was found by its name has none.

    Servers that know chunks send those, older ones lines; what is empty may be null.
    """

    type: str
    repository: str = ""
    path: str = ""
    commit: str = ""
    language: str = ""
    content: str = ""
    chunks: list[_Chunk] | None = Field(default=None, alias="chunkMatches")
    lines: list[_LineMatch] | None = Field(default=None, alias="lineMatches")
    symbols: list[_Symbol] | None = None

    def pieces(self) -> Iterator[tuple[int, str]]:
        """Yield each piece of text and the number of its first line, counted from 1."""
        for chunk in self.chunks or ():
            yield chunk.start.line + 1, chunk.content
        for line in self.lines or ():
            yield line.number + 1, line.line
        for symbol in self.symbols or ():
            yield symbol.line, symbol.name
        if self.content:  # a commit's message or difference
            yield 1, self.content


class _Alert(_Event):
    title: str = ""
    description: str = ""


class _Progress(_Event):
    skipped: list[_Alert] | None = None


class Sourcegraph(Remote["SearchCodeArguments"]):
    """A Sourcegraph server: the user's (``sourcegraph_url``), or the public one."""

    name = "sourcegraph"
    service = "sourcegraph"
    remedy = f"Set SRC_ENDPOINT and {KEY}, or give --web for the public server."

    def lacking(self, context: ToolContext) -> str:
        """An address or a key of the user's, or ``web``."""
        address = context.settings.sourcegraph_url
        return permission.lacking(context.settings, key=KEY, address=address, keyless=True)

    def address(self, context: ToolContext) -> str:
        """The user's server, else the public one."""
        return context.settings.sourcegraph_url or PUBLIC

    def answers(self, arguments: SearchCodeArguments, context: ToolContext) -> bool:
        """Whether the checkout cannot answer: there is none, or the query means another repository."""
        if context.repository is None:
            return True
        if not _REPOSITORY.search(arguments.query):
            return False
        try:
            repositories = arguments.asked().values.repositories
            return bool(names_another(repositories, Path(os.path.abspath(context.repository))))
        except ToolError:  # it means what no checkout has: a revision, a dependency
            return True

    async def find(self, arguments: SearchCodeArguments, context: ToolContext) -> Found:
        """Stream one search until enough was found."""
        heard = _Heard(arguments.max_results)
        await self._stream(_query(arguments), context, heard)
        return Found(self.name, heard.items[: heard.most], heard.note())

    async def probe(self, context: ToolContext) -> None:
        """Make the smallest search."""
        await self._stream("count:1 type:repo", context, _Heard(1))

    async def _stream(self, query: str, context: ToolContext, heard: _Heard) -> None:
        from httpx_sse import EventSource, SSEError

        address = self.address(context)
        # The scheme is Sourcegraph's own: "token", not "Bearer".
        headers = {"Accept": "text/event-stream", **http.bearer(KEY, "token")}
        asked = {"q": query, "v": "V3", "t": "keyword", "display": str(heard.most), "cm": "true",
                 "cl": str(_CONTEXT_LINES), "max-line-len": str(_LONGEST_LINE)}  # fmt: skip
        url = f"{address.rstrip('/')}{_PATH}"
        async with http.client(address, headers) as client, client.stream("GET", url, params=asked) as response:
            bounded = _bounded(response)
            if response.status_code >= 400:
                raise http.fault(response, await bounded.aread())
            try:
                async for event in EventSource(bounded).aiter_sse():
                    heard.hear(event.event, event.data)
                    if heard.done:
                        return
            except SSEError as error:
                raise ServiceError(f"{self.name} answered with no stream of events", "malformed") from error
        raise ServiceError(f"{self.name} broke off in the middle of its answer", "malformed")


def _bounded(response: httpx.Response) -> httpx.Response:
    """Return a response whose body, unpacked, ends with an error where it is too long."""
    import httpx

    class Body(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for block in response.aiter_bytes():
                size += len(block)
                if size > _SIZE_LIMIT:
                    raise ServiceError(f"sourcegraph answered with more than {_SIZE_LIMIT:,} bytes", "malformed")
                yield block

    plain = {"Content-Type": response.headers.get("Content-Type", "")}
    return httpx.Response(response.status_code, headers=plain, stream=Body(), request=response.request)


class _Heard:
    """What a stream told so far."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.items: list[Item] = []
        self.done = False
        self._said: list[str] = []

    def hear(self, event: str, data: str) -> None:
        """Take one event.

        Raises:
            ServiceError: it is no JSON, of another form, or says that the search failed.
        """
        try:
            if event == "matches":
                for match in _MATCHES.validate_json(data):
                    self.items += _items(match)
            elif event == "alert":
                alert = _Alert.model_validate_json(data)
                self._said.append(f"{alert.title}: {alert.description}".strip(": "))
            elif event == "progress":
                self._said += [each.title for each in _Progress.model_validate_json(data).skipped or () if each.title]
            elif event == "error":
                raise ServiceError(f"sourcegraph: {data[:200]}", "unavailable")
        except ValidationError as error:
            raise ServiceError("sourcegraph answered in another form than its stream API's", "malformed") from error
        # Where enough was found the rest of the stream is not waited for.
        self.done = event == "done" or len(self.items) > self.most

    def note(self) -> str:
        """What Sourcegraph said of the search, and whether there was more."""
        more = "More excerpts match." if len(self.items) > self.most else ""
        said = [f"Sourcegraph says: {each[:300]}." for each in dict.fromkeys(self._said)]
        return " ".join([*said, more]).strip()


_MATCHES: TypeAdapter[list[_Match]] = TypeAdapter(list[_Match])


def _items(match: _Match) -> list[Item]:
    """One item a piece of text that matches; of a file or a repository found by its name, one."""
    place = f"{match.repository}/{match.path}" if match.path else match.repository
    facts: Facts = {
        "repository": match.repository,
        "path": match.path,
        "commit": match.commit,
        "language": match.language.lower() or language_of(match.path),
    }
    made: list[Item] = []
    for first, text in match.pieces():
        own: Facts = {**facts, "first_line": first}
        made.append(Item(reference=f"{place}:{first}", title=place, excerpt=text[:EXCERPT_LIMIT], facts=own))
    return made or [Item(reference=place, title=place, excerpt=place[:EXCERPT_LIMIT], facts=facts)]


def _query(arguments: SearchCodeArguments) -> str:
    """Return what is asked, as it is written; a named query is written out, a folder is one more filter."""
    query = written(arguments.asked()) if arguments.pattern else arguments.query
    if not arguments.path:
        return query
    folder = as_value(f"^{re.escape(arguments.path.strip('/'))}(/|$)")
    return f"({query}) file:{folder}" if _OR.search(query) else f"{query} file:{folder}"
