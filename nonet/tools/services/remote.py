"""What a remote service must say to answer a tool's calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel

from nonet.tools.contract import Found, ToolContext

ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)


class Remote(ABC, Generic[ArgumentsT]):
    """One remote way to answer one tool.

    It makes one attempt and raises a ``ServiceError`` for whatever goes wrong with the service; the caller keeps the
    pace, the time limit, the retries and the cache. Its clients are made on each call, from the environment's key.

    Attributes:
        name: what evidence calls it ("tavily").
        service: the name under ``backends`` in the settings.
        remedy: how to turn it on, in one line.
        keeps: whether its answers may be kept; not those of what changes with each call.
    """

    name: str
    service: ClassVar[str]
    remedy: ClassVar[str]
    keeps: ClassVar[bool] = True

    @abstractmethod
    def lacking(self, context: ToolContext) -> str:
        """Say why it may not be asked, "" when it may: no key, forbidden, a package missing. Asks nobody."""

    def answers(self, arguments: ArgumentsT, context: ToolContext) -> bool:
        """Whether this call is one for it: what lies in the user's folders, for instance, is no service's business."""
        return True

    @abstractmethod
    async def find(self, arguments: ArgumentsT, context: ToolContext) -> Found:
        """Ask once.

        Raises:
            ServiceError: it did not answer as it should.
            ToolError: the question itself is wrong; nobody else could answer it.
        """

    @abstractmethod
    async def probe(self, context: ToolContext) -> None:
        """Make the cheapest request that shows whether it answers and takes the key.

        Raises:
            ServiceError: it does not.
        """

    def address(self, context: ToolContext) -> str:
        """Where it is asked, part of what its kept answers are known by; "" for the service's own address."""
        return ""
