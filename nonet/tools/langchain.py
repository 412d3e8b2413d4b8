"""Our tools as LangChain tools."""

from __future__ import annotations

import warnings
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool, ToolException

from nonet.errors import StorageError, ToolError
from nonet.tools.contract import Tool, ToolContext
from nonet.tools.quoting import quoted


def structured(tool: Tool[Any], context: ToolContext) -> BaseTool:
    """Wrap a tool: agents see its name, description and arguments; the context is the caller's.

    The artifact is JSON, not a model of ours: it passes a strictly serialising checkpointer.
    """

    async def run(**arguments: Any) -> tuple[str, dict[str, Any]]:
        try:
            result = await tool.answer(arguments, context)
        except ToolError as error:
            raise ToolException(str(error)) from error
        return quoted(result), result.model_dump(mode="json")

    # The name of an argument of extract_structured_data, and of a method that pydantic's models had once.
    warnings.filterwarnings("ignore", message='Field name "schema" in "extract_structured_data" shadows')
    return StructuredTool.from_function(
        coroutine=run,
        name=tool.name,
        description=tool.description,
        args_schema=tool.Arguments,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def failure(error: Exception) -> str | None:
    """Return what an agent is told of an unexpected failure; ``None`` where the run must stop (a full disk)."""
    if isinstance(error, StorageError):
        return None
    return f"{type(error).__name__}: {error}"
