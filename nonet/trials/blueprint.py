"""What a workflow must say for its designs to be built and measured.

A blueprint folder holds ``blueprint.py`` (a subclass of ``Blueprint``, its instance named ``blueprint``),
``measure.py`` (the worker, run in the blueprint's own environment; its side of the contract is told in
``harness.py``) and ``project/`` (what ships; a uv project that knows nothing of Nonet).
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from nonet.state import Brief, Evidence, Json
from nonet.trials.contract import (
    Access,
    Metric,
    Objective,
    Proposal,
    Reading,
    Second,
    Sources,
    StandingTarget,
    Target,
    UnitSet,
)

InputsT = TypeVar("InputsT", bound=BaseModel)
DesignT = TypeVar("DesignT", bound=BaseModel)


class Blueprint(ABC, Generic[InputsT, DesignT]):
    """One workflow's inputs, design space, rules, scorer and shipped project."""

    name: ClassVar[str]
    """The workflow's name."""
    version: ClassVar[str] = "1"
    Inputs: ClassVar[type[BaseModel]]
    """Fields become command-line options, the interrupt's form and the docs. Paths are ``str`` fields whose
    ``json_schema_extra`` says ``{"path": True}``; ``{"labels": True}`` beside it keeps every tool away from the file,
    ``{"repository": True}`` names the checkout whose code is searched, ``{"model": True}`` a model's folder, which no
    tool reads. Optional fields with the same ``{"alternative": NAME}`` stand for one another: one of them must be
    given, and is asked for like a required one."""
    Design: ClassVar[type[BaseModel]]
    """Typed, every field with a description and choices (``Literal``) or bounds."""
    metrics: ClassVar[Sequence[Metric]]
    objective: ClassVar[Objective]
    claims: ClassVar[Sequence[str]] = ()
    """Metrics claimed on beside the objective's, at the one opening of the holdout, whose level all of them share."""
    second: ClassVar[Second | None] = None
    """What is decided after the objective, given its winner; ``None`` where one decision is all."""
    standing_targets: ClassVar[Sequence[StandingTarget]] = ()
    default_bars: ClassVar[Sequence[Target]] = ()
    """Bars that stand where neither the request nor ``bars`` says anything of their metric."""
    fit_share: ClassVar[float] = 0.0
    """Share of the units outside the holdout that designs may train on, labels included."""
    whole_at_once: ClassVar[bool] = False
    """Whether every candidate is measured on all selection units at once. Right where running costs nothing beside
    building and a bar is on what is no mean: few units cannot show who holds it, and halving by the objective alone
    would drop the designs that give some of it up to hold the bar."""
    technologies: ClassVar[Mapping[str, str]] = {}
    """Regular expression (case-insensitive, matched in the goal) → canonical name of a technology the rules know."""
    chart: ClassVar[tuple[str, str]] = ("", "")
    """Metrics of the report's picture: (cost on x, quality on y); the objective's own when empty."""

    commands: ClassVar[Sequence[str]] = ()
    """How the shipped project is used, one shell line each."""

    tests: ClassVar[Sequence[str]] = ("pytest", "-q", "-p", "no:cacheprovider", "tests")
    """The Python module, with its arguments, that runs the shipped project's own tests in its folder."""

    account: ClassVar[Sequence[str]] = ()
    """The Python module, with its arguments, whose one line of JSON is what the shipped project says of itself; it runs
    in the project's folder, as its tests do, once it is emitted. Empty: nothing is asked."""

    @property
    def folder(self) -> Path:
        """The blueprint's folder."""
        return Path(inspect.getfile(type(self))).resolve().parent

    # ---- data -------------------------------------------------------------------------------------------------

    @abstractmethod
    def sources(self, inputs: InputsT, exclude: Sequence[Path]) -> Sources:
        """List the user's files without parsing them; ``exclude`` holds run folders and homes never to be read.

        Raises:
            InputError: nothing usable is there.
        """

    @abstractmethod
    def units(self, inputs: InputsT, parsed: Path, out: Path) -> UnitSet:
        """Make the units from what the worker's ``ingest`` left in ``parsed``; write the measuring copy to ``out``.

        Where nothing must be hidden, ``out`` is a copy of ``parsed``.

        Raises:
            InputError: labels are malformed or name what is not in the data.
        """

    def sample(self, data: Path, share: float, out: Path) -> None:
        """Write a smaller data folder, a deterministic ``share`` of ``data``, from which full builds are estimated."""
        raise NotImplementedError

    def scouts(self) -> Sequence[Mapping[str, Json]]:
        """Designs cheap enough to build on all the data, whose outputs choose the pool; none: no pool is made."""
        return ()

    def pool(
        self,
        data: Path,
        outputs: Sequence[Sequence[Json]],
        labels: Sequence[Json],
        counts: Sequence[int],
        most: float,
        out: Path,
    ) -> tuple[int, float] | None:
        """Write the part of ``data`` that telling designs apart on some units needs; its size follows the units.

        Args:
            data: the measuring copy.
            outputs: of every scout, one for each of the units, on all the data.
            labels: of the units; what they name is in the pool.
            counts: how many of the first units it may serve, the best first: the first that keeps it small enough is
                taken. A count beyond the units is all of them.
            most: the largest share of the data that is worth it.
            out: an empty folder; a data folder like ``data`` afterwards.

        Returns:
            The count it serves, and its share of the data by what building costs; ``None`` where every one would be
            larger than ``most``.
        """
        raise NotImplementedError

    def fingerprint(self, parsed: Path, units: UnitSet) -> dict[str, Json]:
        """Describe the data for the memory: sizes, quantiles, language. No text of the user's."""
        return {"units": len(units.units)}

    def bars(self, inputs: InputsT) -> Sequence[Target]:
        """Bars that the inputs set; they count like the targets that a person gives."""
        return ()

    def share_to_fit(self, brief: Brief, inputs: InputsT) -> float:
        """The share of the units outside the holdout that this run's designs may train on; ``fit_share``, else less."""
        return self.fit_share

    def groups(self, brief: Brief, inputs: InputsT) -> Sequence[str]:
        """Groups of the project's dependencies that this run needs besides those of every run."""
        return ()

    # ---- nominations ------------------------------------------------------------------------------------------

    @abstractmethod
    def propose(
        self, brief: Brief, inputs: InputsT, evidence: Sequence[Evidence], data: Mapping[str, Json]
    ) -> Proposal:
        """Nominate by rules from the brief, the evidence and the data's fingerprint; name what cannot run here."""

    def refinements(self, design: Mapping[str, Json], inputs: InputsT) -> Sequence[Mapping[str, Json]]:
        """Return the designs to compare with ``design`` when its ``second`` fields are decided, most telling first."""
        return ()

    def lacking(self, design: Mapping[str, Json], inputs: InputsT, data: Mapping[str, Json]) -> str:
        """What a design of the space would need that inputs and fingerprint do not have; "" where it can be built.

        Such a design is never nominated as a neighbour: it would take the place of one that can be built.
        """
        return ""

    def access(self, design: Mapping[str, Json]) -> Access:
        """What the worker of a design may reach besides its stages: the hosts, folders and keys that it names."""
        return Access()

    # ---- scoring ----------------------------------------------------------------------------------------------

    @abstractmethod
    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Compute every metric of source "score" over a multiset of positions into ``outputs`` and ``labels``.

        Positions may repeat (resampling). For metrics with ``mean`` the value is the mean of single positions.
        """

    def reading(self, features: Mapping[str, Json], output: Json) -> Reading:
        """What a judge's metrics are about: a unit's question, and what a design found to answer it from."""
        raise NotImplementedError

    # ---- what ships -------------------------------------------------------------------------------------------

    def settings(self, design: DesignT, inputs: InputsT) -> dict[str, Json]:
        """What the shipped project reads from its ``settings.json``."""
        return {"design": design.model_dump(mode="json")}

    def documents(self, record: Mapping[str, Any]) -> Mapping[str, str]:
        """Write what of the shipped project can be written only once the holdout has been opened: name → text.

        Args:
            record: ``run``, ``brief``, ``decision``, ``delivery``, ``data``, ``notes``, ``signature`` and ``account``
                as the run folder's files say them (the last two are ``None`` where the workflow has none);
                ``project``, the folder that ships; ``opened``, of the holdout: outputs of winner and baseline, labels,
                and the metrics' paired differences (``None`` where nothing is sealed).
        """
        return {}

    def demo(self, folder: Path) -> tuple[str, dict[str, Json], str]:
        """Write demonstration data of this machine into ``folder``; return (goal, inputs, budget)."""
        raise NotImplementedError

    def describe(self, design: Mapping[str, Json]) -> str:
        """One line naming a design for people, shorter than its JSON."""
        return ", ".join(f"{key}={value}" for key, value in design.items())
