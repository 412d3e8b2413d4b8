"""What a graph file declares: one workflow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nonet.graphs.steps.flow import Builder
from nonet.trials.blueprint import Blueprint


@dataclass(frozen=True)
class Workflow:
    """A workflow: its name, how a goal is recognised as its own, its graph and what it builds.

    Attributes:
        triggers: regular expressions; each that matches a goal speaks for this workflow.
        graph: makes the uncompiled graph.
        blueprint: loads the blueprint (late: its modules import numpy and more).
    """

    name: str
    title: str
    triggers: tuple[str, ...]
    graph: Callable[[], Builder]
    blueprint: Callable[[], Blueprint[Any, Any]]
