"""The council as a LangGraph subgraph: seats fan out, each answers alone, and what came in time is merged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from typing_extensions import TypedDict

from nonet.errors import StorageError
from nonet.graphs.steps.consult import late, opinions
from nonet.graphs.steps.consult.answer import Answer, Checking, Refusal, schema
from nonet.graphs.steps.desk import Desk
from nonet.graphs.steps.spending import spending
from nonet.state import merge
from nonet.tools.clink.opinion import Opinion, ask, broken, unheard
from nonet.tools.clink.seat import Seat

LOOK = 0.2
"""Seconds between two looks whether the run was asked to stop."""
STEP = "consult"


class Council(TypedDict, total=False):
    """Which seat is asked (of one branch), and which have been heard (of all); what they say is in the run folder."""

    seat: str
    heard: Annotated[list[str], merge]


@dataclass(frozen=True)
class Asking:
    """One consultation.

    Attributes:
        seats: who is asked; at least one.
        question: the same for all.
        seconds: how long they are waited for.
        why: says why a design is not built.
    """

    desk: Desk
    seats: Sequence[Seat]
    question: str
    seconds: float
    why: Refusal

    def graph(self) -> Any:
        """Build the subgraph. It keeps the checkpoints of the graph around it: a seat once heard is not asked again."""
        builder: StateGraph[Council, None, Council, Council] = StateGraph(Council)
        builder.add_node("open", self._open)  # pyright: ignore[reportUnknownMemberType]
        builder.add_node("seat", self._hear)  # pyright: ignore[reportUnknownMemberType]
        builder.add_node("join", self._join, defer=True)  # pyright: ignore[reportUnknownMemberType]
        builder.add_edge(START, "open")
        builder.add_conditional_edges("open", self._each, ["seat"])
        builder.add_edge("seat", "join")
        builder.add_edge("join", END)
        return builder.compile(name=STEP)  # pyright: ignore[reportUnknownMemberType]

    async def run(self) -> list[str]:
        """Ask all seats at once, whatever else the graph around may run at once; return who was heard."""
        config: Any = {"max_concurrency": len(self.seats) + 1, "recursion_limit": 10}
        found = await self.graph().ainvoke({"heard": []}, config)
        return list(found["heard"])

    async def _open(self, state: Council) -> Council:
        """Let the seats begin at one moment."""
        return {}

    def _each(self, state: Council) -> list[Send]:
        return [Send("seat", {"seat": seat.name}) for seat in self.seats]

    async def _hear(self, state: Council) -> Council:
        """Ask one seat and put what it says on record. It never fails the others; only a full disk ends the run."""
        (seat,) = (each for each in self.seats if each.name == state.get("seat"))
        checking = Checking(self.desk.blueprint, self.why)
        task = asyncio.create_task(self._asked(seat, checking), name=f"{STEP}:{seat.name}")
        try:
            opinion = task.result() if await self._waited(task) else self._missed(seat, checking, task)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if opinion.fault == StorageError.code:
            raise StorageError(opinion.said)
        row = opinions.row(opinion, checking, opinions.secrets_of(self.desk))
        await asyncio.to_thread(opinions.keep, self.desk, row)
        await asyncio.to_thread(
            self.desk.emit, {"event": "seat", "seat": seat.name, "fault": opinion.fault, "seconds": opinion.seconds}
        )
        return {"heard": [seat.name]}

    async def _join(self, state: Council) -> Council:
        """All have answered, failed or run out of time."""
        return {}

    async def _waited(self, task: asyncio.Task[Any]) -> bool:
        until = time.monotonic() + self.seconds
        while not task.done():
            left = until - time.monotonic()
            if left <= 0 or self.desk.stop.is_set():
                return False
            await asyncio.wait({task}, timeout=min(LOOK, left))
        return True

    def _missed(self, seat: Seat, checking: Checking, task: asyncio.Task[Opinion[Answer]]) -> Opinion[Answer]:
        """Go on without a seat. What it says after all is written when it comes."""

        def keep(opinion: Opinion[Answer]) -> None:
            opinions.keep(self.desk, opinions.row(opinion, checking, opinions.secrets_of(self.desk), late=True))

        late.let_go(self.desk.folder, seat.name, task, keep)
        stopped = self.desk.stop.is_set()
        said = "the run was stopped first" if stopped else f"it had not answered after {self.seconds:g} s"
        return unheard(seat, "deadline", said, self.seconds)

    async def _asked(self, seat: Seat, checking: Checking) -> Opinion[Answer]:
        """Ask; whatever goes wrong in a client is this seat's fault alone."""
        settings, form = self.desk.settings, schema(self.desk.blueprint)
        try:
            spent = await asyncio.to_thread(spending, self.desk)
            return await ask(seat, self.question, form, settings, spent, step=STEP, check=checking.check)
        except Exception as error:
            found = broken(seat, error)
            return replace(found, fault=error.code) if isinstance(error, StorageError) else found
