"""Data out of a text by a chat model's structured output: what ``extract_structured_data`` asks for, given from here.

Tools know no models, so they are handed a function. What it returns is held against the text by the tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from langchain_core.messages import HumanMessage, SystemMessage

from nonet import configs
from nonet.agents.models import Chosen, choose
from nonet.agents.playbook import NAME, PlaybookModel, listed
from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.contract import Extract
from nonet.tools.quoting import quoted_lines

FORM = "page_data"


def extractor(chosen: Chosen) -> Extract | None:
    """Return the function for the model that an agent thinks with; ``None`` for the playbook, which reads nothing."""
    if chosen.name == NAME:
        return None

    async def extract(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        form = {"title": FORM, "description": "What the document says.", **schema}
        document = quoted_lines(text)
        messages = [SystemMessage(configs.text("prompts", "extraction.md")), HumanMessage(document)]
        try:
            found = cast("object", await chosen.model.with_structured_output(form).ainvoke(messages))
        except Exception as error:  # providers fail each with an error class of their own
            reason = " ".join(str(error).split())[:200]
            raise ToolError(f"{chosen.name}: {reason or type(error).__name__}.") from error
        if not isinstance(found, Mapping):
            raise ToolError(f"{chosen.name} returned no data.")
        return cast("Mapping[str, Any]", found)

    return extract


def configured(settings: Settings) -> Extract | None:
    """Return the function for the model of the settings, chosen when it is first asked; ``None`` for the playbook.

    Asked, it raises what ``choose`` does: the model's package or key may be missing.
    """
    if settings.model == NAME:
        return None

    async def extract(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        chosen = choose(settings, PlaybookModel(playbook=listed()))
        asked = extractor(chosen)
        if asked is None:
            raise ToolError(" ".join(chosen.notes) or f"{settings.model} may not be asked.")
        return await asked(text, schema)

    return extract
