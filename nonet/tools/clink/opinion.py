"""Asking one seat: a question, the schema of its answer, and what came of it. A seat that fails stops nobody."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ValidationError

from nonet.errors import NonetError, ServiceError
from nonet.providers.retrying import retried
from nonet.providers.spending import Spending
from nonet.settings import Settings
from nonet.tools.clink.seat import Seat

ANSWER_LIMIT = 100_000
"""Characters of an answer's data; a longer one is refused."""
QUOTED = 4_000
"""Characters of an answer that cannot be used which its author is shown again."""
AnswerT = TypeVar("AnswerT", bound=BaseModel)
Check = Callable[[AnswerT], str]


@dataclass(frozen=True)
class Opinion(Generic[AnswerT]):
    """What one seat said, or why it said nothing.

    Attributes:
        answer: what it said, in the schema asked for; ``None`` where it failed.
        fault: why it failed: the fault of a ``ServiceError``, ``spent``, ``invalid``, ``absent`` or ``deadline``.
        said: the fault in a sentence.
        repaired: whether its first answer was sent back with what was wrong with it.
        late: whether it came after the deadline: kept for the record, no part of what follows.
    """

    seat: str
    provider: str
    answer: AnswerT | None
    fault: str = ""
    said: str = ""
    seconds: float = 0.0
    repaired: bool = False
    late: bool = False


def unheard(seat: Seat, fault: str, said: str, seconds: float = 0.0) -> Opinion[Any]:
    """What stands on record of a seat that said nothing."""
    return Opinion(seat.name, seat.provider.name, None, fault, f"{seat.name}: {said}", seconds)


def broken(seat: Seat, error: Exception) -> Opinion[Any]:
    """Whatever goes wrong in a client is its seat's fault alone."""
    return unheard(seat, "unavailable", " ".join(f"{type(error).__name__}: {error}".split())[:300])


async def ask(
    seat: Seat,
    question: str,
    schema: type[AnswerT],
    settings: Settings,
    spending: Spending,
    *,
    step: str,
    check: Check[AnswerT] | None = None,
    history: Sequence[BaseMessage] = (),
) -> Opinion[AnswerT]:
    """Ask a seat once; what passes is asked again, an answer that does not fit goes back once with what is wrong.

    Args:
        seat: who is asked.
        question: the question with all that it quotes.
        schema: the answer's form.
        settings: the configuration; its keys reach the client and nothing else.
        spending: the run's journal and limits.
        step: the step that asks, for the record.
        check: says what is wrong with an answer that fits the schema, "" when nothing.
        history: earlier turns of the same conversation.
    """
    began = time.monotonic()

    def opinion(answer: AnswerT | None, fault: str = "", said: str = "", repaired: bool = False) -> Opinion[AnswerT]:
        seconds = round(time.monotonic() - began, 3)
        return Opinion(seat.name, seat.provider.name, answer, fault, said, seconds, repaired)

    if seat.lack:
        return opinion(None, "absent", f"{seat.name}: {seat.lack}")
    messages: list[BaseMessage] = [SystemMessage(seat.role), *history, HumanMessage(question)]
    try:
        # Clients are large to import, and some start a server: not on the loop that everyone shares.
        model = await asyncio.to_thread(_model, seat, schema, settings, spending, step)
        data = await _answered(model, messages)
        answer, wrong = _fitting(data, schema, check)
        if not wrong:
            return opinion(answer)
        said = AIMessage(json.dumps(data, default=str)[:QUOTED])
        messages += [said, HumanMessage(f"Your answer cannot be used: {wrong}\nAnswer the question again, whole.")]
        answer, wrong = _fitting(await _answered(model, messages), schema, check)
    except NonetError as error:
        return opinion(None, error.fault if isinstance(error, ServiceError) else error.code, error.message)
    return opinion(None, "invalid", wrong, repaired=True) if wrong else opinion(answer, repaired=True)


def _model(seat: Seat, schema: type[BaseModel], settings: Settings, spending: Spending, step: str) -> Any:
    from nonet.providers.metered import MeteredModel

    model = MeteredModel.of(settings, seat.provider, spending, f"{step}:{seat.name}")
    return model.structured(schema.model_json_schema())


async def _answered(model: Any, messages: Sequence[BaseMessage]) -> object:
    message = await retried(lambda: model.ainvoke(list(messages)))
    return message.additional_kwargs["data"]


def _fitting(data: object, schema: type[AnswerT], check: Check[AnswerT] | None) -> tuple[AnswerT | None, str]:
    """Validate an answer; return it, or what is wrong with it in words that its author can act on."""
    if data is None:
        return None, "it holds no JSON object."
    if len(str(data)) > ANSWER_LIMIT:
        return None, f"it is longer than {ANSWER_LIMIT:,} characters."
    try:
        answer = schema.model_validate(data)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, each['loc'])) or 'the answer'}: {each['msg']}" for each in error.errors()[:5]]
        return None, "; ".join(wrong) + "."
    wrong = check(answer) if check else ""
    return (None, wrong) if wrong else (answer, "")
