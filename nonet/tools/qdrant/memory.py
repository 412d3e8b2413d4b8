"""The one memory behind tools and workflows: a journal, and where the settings name one, a server.

Without a server the journal is the truth, searched by the index beside it. With one, everything is written to the
journal first and then sent; what the server does not take waits and goes with the next call. The server is what is
read. Where it does not answer, or ``offline`` forbids it, this machine's own entries answer and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from nonet.errors import MissingExtraError, ToolError
from nonet.settings import Settings
from nonet.state import Json
from nonet.tools.qdrant import embedded
from nonet.tools.qdrant.journal import Entry, Journal, Kind
from nonet.tools.qdrant.points import Hit, Question, project_key
from nonet.tools.qdrant.server import Server

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Answer:
    """What was found, who answered (``journal`` or ``server``), and what must be said of it."""

    hits: list[Hit]
    backend: str
    note: str = ""


class Memory:
    """The memory that the settings name.

    Raises:
        StorageError: the disk is full.
        ToolError: the journal is none, or its index cannot be built.
    """

    def __init__(self, settings: Settings) -> None:
        self.journal = Journal.of(settings)
        self.server = Server(settings.qdrant_url) if settings.qdrant_url else None
        self._forbidden = settings.offline and self.server is not None and not self.server.loopback

    def keep(self, kind: Kind, workflow: str, body: Mapping[str, Json]) -> str:
        """Keep an entry and return its key. It is on this disk when this returns, and sent by ``deliver``."""
        return self.journal.append(kind, workflow, body)

    def deliver(self) -> str:
        """Send what waits to the server; return "" or a sentence that says what still waits, and why."""
        server = self.server
        if server is None:
            return ""
        _, problem = self._tried(lambda: server.deliver(self.journal))
        waiting = len(self.journal.waiting(server.url)) if problem else 0
        return f"{problem} {waiting} memories wait in the journal and go there with a later run." if waiting else ""

    def search(self, question: Question) -> Answer:
        """Return the entries near to a question."""
        server, problem = self.server, ""
        if server is not None:
            hits, problem = self._tried(lambda: self._asked(server, question))
            if hits is not None:
                return Answer(hits, "server")
        note = f"{problem} The memories of this machine answered." if problem else ""
        return Answer(embedded.search(self.journal, question), "journal", note)

    def entries(self, kind: Kind, workflow: str = "") -> list[Entry]:
        """Return the entries of a kind and of a workflow, or of all, oldest first."""
        server = self.server
        if server is not None:
            where = {"kind": [kind], **({"workflow": [workflow]} if workflow else {})}
            found, _ = self._tried(lambda: self._listed(server, where))
            if found is not None:
                return found
        return self.journal.entries(kind, workflow)

    def project(self, roots: Sequence[Path], begin: bool = False) -> str:
        """Name the project whose folders are at hand; "" in a memory not yet begun, unless it shall begin now."""
        identity = self.journal.identity(begin)
        return project_key(identity, roots) if identity else ""

    def _asked(self, server: Server, question: Question) -> list[Hit]:
        server.deliver(self.journal)
        return server.search(question)

    def _listed(self, server: Server, where: Mapping[str, Sequence[str]]) -> list[Entry]:
        server.deliver(self.journal)
        return server.entries(where)

    def _tried(self, call: Callable[[], ResultT]) -> tuple[ResultT | None, str]:
        """Return what the server answers, or why there is no answer."""
        if self._forbidden and self.server is not None:
            return None, f"offline: the memory server {self.server.url} was not asked."
        try:
            return call(), ""
        except (ToolError, MissingExtraError) as error:
            return None, str(error)
