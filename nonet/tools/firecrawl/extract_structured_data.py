"""``extract_structured_data``: what a page says, in the form that a JSON Schema wants."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from typing import Any

from pydantic import Field, field_validator

from nonet.errors import ToolError
from nonet.tools.contract import Arguments, Found, Tool, ToolContext
from nonet.tools.firecrawl import sources
from nonet.tools.firecrawl.data import schemas
from nonet.tools.firecrawl.data.filling import Filled
from nonet.tools.firecrawl.data.inferring import completed
from nonet.tools.firecrawl.data.presenting import presented
from nonet.tools.firecrawl.service import RemoteExtract
from nonet.tools.services.remote import Remote

with warnings.catch_warnings():
    # The service calls this argument "schema", which pydantic's models had as a method once.
    warnings.filterwarnings("ignore", message='Field name "schema"')

    class ExtractArguments(Arguments):
        """Which page, and what of it."""

        url: str = Field(
            min_length=1,
            max_length=2000,
            description="The page: http(s)://HOST/PATH, or a document of the user's (path or file:// URL).",
        )
        schema: dict[str, Any] = Field(  # pyright: ignore[reportIncompatibleMethodOverride, reportIncompatibleVariableOverride]
            description="JSON Schema of the object wanted: its properties with their types; lists of objects for rows."
        )

        @field_validator("schema", mode="before")
        @classmethod
        def _parsed(cls, value: object) -> object:
            """A person gives it as text."""
            if not isinstance(value, str):
                return value
            try:
                return json.loads(value)
            except (ValueError, RecursionError) as error:
                raise ValueError("it is no JSON") from error


class ExtractStructuredData(Tool[ExtractArguments]):
    """The tool. Without a model it reads what a page marks up itself; with one, the model reads the rest."""

    name = "extract_structured_data"
    service = "firecrawl"
    description = (
        "Return a page's data in the form of a JSON Schema, from its marked-up data, tables and lists, each value with "
        "its place in the page; what is not found is null."
    )
    Arguments = ExtractArguments

    def remotes(self) -> Sequence[Remote[ExtractArguments]]:
        """Firecrawl, by its key or at an address of the user's."""
        return (RemoteExtract(),)

    async def find(self, arguments: ExtractArguments, context: ToolContext) -> Found:
        """Read the page, then look for what is wanted."""
        wanted, unchecked = schemas.read(arguments.schema)
        source = await sources.read(arguments.url, context, arguments.schema)
        filled = source.reading.filled or Filled(dict.fromkeys(wanted.properties), missing=list(wanted.properties))
        if context.extract is not None:
            text = "\n\n".join(text for _, text in source.reading.parts)
            filled = await completed(filled, wanted, text, context.extract)
        elif source.reading.filled is None:
            said = f"{source.reference} is no HTML: it has no marked-up data, and no model is configured to read it."
            raise ToolError(said, "Name a model in the settings, or an HTML page.")
        return presented(
            source.where, source.reference, source.title, filled, unchecked, source.where, source.reading.note
        )
