"""The tools in Studio: one graph a tool, so that its arguments show as a form and its calls as a trace.

A graph reads the working folder, as ``nonet tool`` does. Studio looks its graphs up in the module's own names, so each
tool has one here: ``search_code``, ``tavily_search`` …
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from nonet import settings as configuration
from nonet import tools
from nonet.settings import Settings


class Answer(TypedDict):
    """What a tool found, as the ``ToolResult`` it is (JSON)."""

    result: dict[str, Any]


def graph(name: str) -> StateGraph[Answer, Settings, Any, Answer]:
    """Return the uncompiled graph of one tool: its arguments in, its result out.

    Raises:
        UsageError: there is no tool of that name.
    """
    tool = tools.get(name)

    async def call(state: Any, runtime: Runtime[Settings]) -> Answer:
        given = runtime.context.model_dump(exclude_unset=True) if runtime.context else None
        context = await asyncio.to_thread(lambda: tools.working(configuration.load(given)))
        result = await tool.call(state, context)
        return {"result": result.model_dump(mode="json")}

    builder = StateGraph(Answer, context_schema=Settings, input_schema=tool.Arguments, output_schema=Answer)
    # LangGraph validates the input by this schema, so that ``call`` gets the tool's own arguments.
    builder.add_node(  # pyright: ignore[reportUnknownMemberType]
        name, call, input_schema=tool.Arguments, metadata={"title": tool.description}
    )
    builder.add_edge(START, name)
    builder.add_edge(name, END)
    return builder


def variable(name: str) -> str:
    """Return the name that a tool's graph has in this module."""
    return name.replace("-", "_")


globals().update({variable(name): partial(graph, name) for name in tools.names()})
