"""Data in the form of a JSON schema: by the provider's own means, and where it refuses them, as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.runnables import Runnable, RunnableLambda

from nonet.providers.faults import rejected

IN_TEXT = "Answer with one JSON object of this schema, and nothing else:\n{schema}"


def in_form(model: BaseChatModel, schema: Mapping[str, Any]) -> Runnable[Any, Any]:
    """Return a model that answers ``{"raw": message, "parsed": data or None}``.

    A request for structured output that is rejected, as servers do that know none, took no tokens: the model is asked
    again with the schema in words, within the same call.
    """
    bound = model.with_structured_output(dict(schema), include_raw=True)

    async def ask(messages: Sequence[BaseMessage]) -> Any:
        try:
            return await bound.ainvoke(list(messages))
        except Exception as error:  # clients raise each their own
            if not rejected(error):
                raise
        said = HumanMessage(IN_TEXT.format(schema=json.dumps(schema, ensure_ascii=False)))
        return {"raw": await model.ainvoke([*messages, said]), "parsed": None}

    return RunnableLambda(ask)
