"""Asking a person: the graph waits; an answer that cannot be used is asked for again, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from langgraph.types import interrupt

from nonet.errors import InputError
from nonet.state import Json

T = TypeVar("T")


def ask(question: str, form: Mapping[str, Json], use: Callable[[Mapping[str, Any]], T], **shown: Json) -> T:
    """Interrupt the graph with a form and return what ``use`` makes of the answer.

    ``use`` raises ``InputError`` for an answer that will not do; it must have no effect before it is sure. Everything
    before this call in a node runs again with the answer, so it must be free of effects too.
    """
    fields = list(cast("Mapping[str, Json]", form["properties"]))
    reason = ""
    while True:
        payload = {"question": f"{reason} {question}".strip(), "fields": fields, "form": form, **shown}
        answer = interrupt(payload)
        try:
            if not isinstance(answer, Mapping):
                raise InputError(f"An answer is a mapping of {', '.join(fields)}.")
            given = {str(k): v for k, v in cast("Mapping[object, Any]", answer).items() if v is not None}
            unknown = sorted(set(given) - set(fields))
            if unknown:
                raise InputError(f"{unknown[0]!r} was not asked for.", f"Fields: {', '.join(fields)}.")
            return use(given)
        except InputError as error:
            reason = str(error)
