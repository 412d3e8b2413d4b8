"""What the seats said, on record: one row of ``opinions.jsonl`` for each answer or fault, beside the nominations."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from nonet.graphs.steps.consult.answer import Answer, Checking
from nonet.graphs.steps.desk import Desk
from nonet.providers.secrecy import hidden, struck
from nonet.state import Json
from nonet.tools.clink.opinion import Opinion

OPINIONS = "opinions.jsonl"
COUNCIL = "council.json"
"""What the council was, and what its answers came to."""
KIND = "answer"
_lock = threading.Lock()


class Said(BaseModel):
    """One seat's answer, or why there is none.

    Attributes:
        fault, said, seconds, repaired, late: as in ``clink.opinion.Opinion``.
        answer: in the seat's own words; data of others.
        designs: the canonical designs of it that may be built.
        refused: why its other designs may not.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    seat: str
    provider: str
    fault: str = ""
    said: str = ""
    seconds: float = 0.0
    repaired: bool = False
    late: bool = False
    answer: dict[str, Any] | None = None
    designs: list[dict[str, Any]] = []
    refused: list[str] = []

    @property
    def counts(self) -> bool:
        """Whether it came, and in time."""
        return self.answer is not None and not self.late


def row(opinion: Opinion[Answer], checking: Checking, secret: list[str], *, late: bool = False) -> dict[str, Json]:
    """Return the row of an opinion, secrets struck out."""
    answer = opinion.answer
    found: dict[str, Json] = {
        "seat": opinion.seat,
        "provider": opinion.provider,
        "fault": opinion.fault,
        "said": opinion.said,
        "seconds": opinion.seconds,
        "repaired": opinion.repaired,
        "late": late,
        "answer": answer and answer.model_dump(mode="json"),
        "designs": checking.designs(answer) if answer else [],
        "refused": [*checking.refused],
    }
    struck_out = struck(found, secret)
    assert isinstance(struck_out, dict)
    return {"kind": KIND, **struck_out, "said": str(struck_out["said"])[:2000]}


def keep(desk: Desk, content: Mapping[str, Json]) -> None:
    """Put a row on record; rows of seats that answer at once do not mix."""
    with _lock:
        desk.append(OPINIONS, [content])


def given(desk: Desk) -> dict[str, Said]:
    """Return seat → what it said last: an answer that came late stands for the deadline that it missed."""
    rows = (each for each in desk.rows(OPINIONS) if each.get("kind") == KIND)
    return {each["seat"]: Said.model_validate(each) for each in rows}


def council(desk: Desk) -> dict[str, Any]:
    """Return what is on record of the council; nothing where there was none."""
    return desk.read(COUNCIL) if desk.has(COUNCIL) else {}


def secrets_of(desk: Desk) -> list[str]:
    """Return what must not stand in a row."""
    return hidden(desk.settings)
