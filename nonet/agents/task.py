"""What a specialist is asked, and how much its model may take for it."""

from __future__ import annotations

from dataclasses import dataclass

MODEL_CALLS = 8
TOOL_CALLS = 32
"""Calls of one conversation: of its model, and of tools by a model. A playbook's are as many as its queries ask for."""
SECONDS = 240.0
"""Wall time that a model may take for one task, its tools' time included."""


@dataclass(frozen=True)
class Task:
    """What a specialist is asked.

    Attributes:
        step: the graph's node that asks; it stands in every piece of evidence.
        goal: the request in the user's words.
        queries: what to find out, written by the workflow; their form is the specialist's own.
        seconds: wall time that a model may take; the playbook goes on where it is over.
    """

    step: str
    goal: str
    queries: tuple[str, ...] = ()
    seconds: float = SECONDS
