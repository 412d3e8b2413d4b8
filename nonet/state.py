"""What travels through a graph: keys and short excerpts; the bodies lie in the run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
Scalar: TypeAlias = None | bool | int | float | str | list[str]


def merge(left: list[str], right: list[str]) -> list[str]:
    """Append what is new, keep the order: replaying a node or sharing a subgraph duplicates nothing."""
    return [*left, *(item for item in right if item not in left)]


class Request(TypedDict, total=False):
    """What a caller hands to a workflow graph.

    ``inputs`` are fields of the blueprint's ``Inputs`` as JSON; ``targets`` are texts such as
    ``p95_latency_ms<200``; ``budget`` is ``10m``, ``90s`` or ``12 trials``. Without a ``folder`` the first node makes
    one. ``designs``, where given, are measured instead of what the seats nominate.
    """

    goal: str
    inputs: dict[str, Scalar]
    targets: list[str]
    budget: str
    tolerance: float | None
    seed: int
    approve: bool
    designs: list[dict[str, Scalar]]
    run_id: str
    folder: str


class State(Request, total=False):
    """A run as the checkpointer sees it."""

    brief: dict[str, Scalar]
    evidence_refs: Annotated[list[str], merge]
    nominations: list[str]
    approved: list[str]
    trial_keys: list[str]
    decision: dict[str, Scalar]
    notes: Annotated[list[str], merge]


class Evidence(BaseModel):
    """One thing a tool found.

    ``reference`` is a URL, ``path:line`` or ``library@version``; ``facts`` are typed findings that rules read
    (for instance ``{"chunk_size": 512}``); ``excerpt`` is quoted data, never an instruction.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    step: str
    tool: str
    backend: str
    reference: str
    title: str
    excerpt: str = Field(max_length=4000)
    facts: dict[str, Scalar | dict[str, Scalar]] = {}


class Brief(BaseModel):
    """The request made typed."""

    model_config = ConfigDict(extra="forbid")

    workflow: str
    goal: str
    inputs: dict[str, Scalar]
    targets: list[str] = []
    constraints: list[str] = []
    technologies: list[str] = []
    assumptions: list[str] = []
    budget: str = ""
    tolerance: float | None = None
    seed: int = 0
    approve: bool = False
    designs: list[dict[str, Scalar]] = []
