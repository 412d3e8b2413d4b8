"""What happens: one file a workflow, and ``steps/``, the nodes they share. A workflow is found by its file."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from nonet.errors import UsageError

if TYPE_CHECKING:
    from nonet.graphs.steps.flow import Builder
    from nonet.graphs.steps.workflow import Workflow


def names() -> list[str]:
    """Return the workflows' names, in alphabetical order, without importing them."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def load(name: str) -> Workflow:
    """Import one workflow.

    Raises:
        UsageError: there is no workflow of that name.
    """
    if name not in names():
        raise UsageError(f"Unknown workflow {name!r}.", f"Workflows: {', '.join(names())}.")
    return import_module(f"nonet.graphs.{name}").WORKFLOW


def graph(name: str) -> Builder:
    """Return a workflow's uncompiled ``StateGraph``, for one's own application, store and checkpointer."""
    return load(name).graph()


def choose(goal: str) -> list[tuple[str, list[str]]]:
    """Rank the workflows whose triggers stand in ``goal``: (name, the words that spoke for it), best first.

    Two workflows that tie at the top are a question for a person.
    """
    ranked: list[tuple[str, list[str]]] = []
    for name in names():
        found = [match.group(0) for trigger in load(name).triggers if (match := re.search(trigger, goal, re.I))]
        if found:
            ranked.append((name, found))
    return sorted(ranked, key=lambda pair: (-len(pair[1]), pair[0]))
