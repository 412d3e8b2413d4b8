"""Stringing steps into a LangGraph: every node opens the desk, says that it started, and books its time.

Nodes share one event loop with a whole server: what waits for a disk is done in a thread, here and in every step.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any, TypeAlias

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from nonet import settings as configuration
from nonet.graphs.steps import bench, folders
from nonet.graphs.steps.desk import Desk, Emit
from nonet.settings import Settings
from nonet.state import Json, Request, State
from nonet.trials.blueprint import Blueprint

Builder: TypeAlias = "StateGraph[State, Settings, Request, State]"
Update: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[Desk, State], Awaitable[Update]]


class Flow:
    """A workflow under construction.

    Args:
        blueprint: loads the workflow's blueprint when a node first needs it.
    """

    def __init__(self, blueprint: Callable[[], Blueprint[Any, Any]]) -> None:
        self._blueprint = blueprint
        self._builder: Builder = StateGraph(State, context_schema=Settings, input_schema=Request)

    def step(
        self, name: str, step: Step, title: str, *, after: str | Sequence[str] | None = None, booked: bool = False
    ) -> None:
        """Add a node that runs when all of ``after`` have run (``None``: at the start).

        Args:
            title: what a person reads in Studio and in the progress.
            booked: whether its wall time counts against a budget in time.
        """

        async def node(state: State, runtime: Runtime[Settings]) -> Update:
            desk = await asyncio.to_thread(self._desk, state, runtime.context)
            await asyncio.to_thread(desk.emit, {"event": "step", "step": name, "title": title})
            began = time.time()
            async with _booked(desk, name) if booked else nullcontext():
                update = await step(desk, state)
            seconds = round(time.time() - began, 3)
            await asyncio.to_thread(desk.emit, {"event": "step_done", "step": name, "seconds": seconds})
            return update

        node.__name__ = name
        node.__doc__ = title
        self._builder.add_node(  # pyright: ignore[reportUnknownMemberType]
            name, node, metadata={"title": title}
        )
        if after is None:
            self._builder.add_edge(START, name)
        elif isinstance(after, str):
            self._builder.add_edge(after, name)
        else:
            self._builder.add_edge(list(after), name)

    def finish(self, last: str) -> Builder:
        """End the graph after ``last`` and return it uncompiled."""
        self._builder.add_edge(last, END)
        return self._builder

    def _desk(self, state: State, context: Settings | None) -> Desk:
        # A server hands down what its client set, perhaps nothing; the configuration says the rest.
        settings = configuration.load(context.model_dump(exclude_unset=True) if context else None)
        blueprint = self._blueprint()
        folder = folders.of(state, blueprint.name, settings)
        desk = Desk(folder, settings, blueprint)
        desk.emit = _emitter(desk)
        return desk


@asynccontextmanager
async def _booked(desk: Desk, name: str) -> AsyncGenerator[None]:
    """Book the block's time in the run's ledger; its writes wait for the disk, so they are made in a thread."""
    operation = bench.ledger(desk).operation(f"step:{name}")
    await asyncio.to_thread(operation.__enter__)
    try:
        yield
    except BaseException as error:
        await asyncio.to_thread(operation.__exit__, type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(operation.__exit__, None, None, None)


def _emitter(desk: Desk) -> Emit:
    """Send events to whoever streams the graph and to the run's log."""
    write = get_stream_writer()

    def emit(event: Mapping[str, Json]) -> None:
        row = {"at": round(time.time(), 3), **event}
        write(row)
        desk.append("log.jsonl", [row])

    return emit
