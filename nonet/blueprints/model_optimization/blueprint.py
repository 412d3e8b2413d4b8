"""The blueprint of ``model_optimization``: a trained model made faster or smaller, by latency and fidelity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nonet.blueprints.model_optimization import curves, demo, fingerprint, rules, scoring, sources, technologies, units
from nonet.blueprints.model_optimization.design import Design
from nonet.blueprints.model_optimization.inputs import Inputs
from nonet.blueprints.model_optimization.metrics import FIDELITY, METRICS, OBJECTIVE, STANDING_TARGETS
from nonet.blueprints.model_optimization.naming import describe
from nonet.state import Brief, Evidence, Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Proposal, Sources, Target, UnitSet


class ModelOptimization(Blueprint[Inputs, Design]):
    """Runtimes, precisions and smaller models: the fastest that loses no more than a bar allows."""

    name = "model_optimization"
    Inputs = Inputs
    Design = Design
    metrics = METRICS
    objective = OBJECTIVE
    default_bars = (FIDELITY,)
    standing_targets = STANDING_TARGETS
    fit_share = units.FIT_SHARE
    whole_at_once = True
    technologies = technologies.PATTERNS
    chart = ("p50_latency_ms", "fidelity")
    # What a trial may do: servers need sockets, which it has not, and training is tested with the template.
    tests = (*Blueprint.tests[:-1], "tests/test_parity.py", "tests/test_examples.py", "tests/test_logs.py")
    commands = (
        "uv run pytest",
        "uv run optimization predict inputs.npz outputs.npz",
        "uv run optimization parity",
        "uv run optimization serve",
        "uv run optimization load --rate 50 --seconds 10",
    )

    def sources(self, inputs: Inputs, exclude: Sequence[Path]) -> Sources:
        """List the given files; see ``sources.listed``."""
        return sources.listed(inputs)

    def bars(self, inputs: Inputs) -> Sequence[Target]:
        """The loss that a person accepts, where one is given."""
        return [] if inputs.max_loss is None else [Target("fidelity", ">=", round(1 - inputs.max_loss, 12))]

    def units(self, inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
        """One unit an example; see ``units.make``."""
        return units.make(inputs, parsed, out)

    def fingerprint(self, parsed: Path, units: UnitSet) -> dict[str, Json]:
        """Kind, size and shapes of the model; see ``fingerprint.of``."""
        return fingerprint.of(parsed, units)

    def propose(self, brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
        """Nominate by rules; see ``rules.propose``."""
        return rules.propose(brief, inputs, evidence, data)

    def lacking(self, design: Mapping[str, Json], inputs: Inputs, data: Mapping[str, Json]) -> str:
        """What this model or machine does not have; see ``rules.beyond``."""
        return rules.beyond(design, data)

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Score outputs; see ``scoring.score``."""
        return scoring.score(outputs, labels, index)

    def settings(self, design: Design, inputs: Inputs) -> dict[str, Json]:
        """The winning design, the loss it may have, and the threads it may use."""
        least = 1 - inputs.max_loss if inputs.max_loss is not None else FIDELITY.value
        return {
            "design": design.normalised().model_dump(mode="json"),
            "fidelity": round(least, 12),
            "threads": inputs.threads,
        }

    def documents(self, record: Mapping[str, Any]) -> Mapping[str, str]:
        """The training curves that were read; see ``curves.drawn``."""
        return curves.drawn(record["project"].parent)

    def demo(self, folder: Path) -> tuple[str, dict[str, Json], str]:
        """Write a model that a package ships; see ``demo.write``."""
        return demo.write(folder)

    def describe(self, design: Mapping[str, Json]) -> str:
        """Name a design in one line."""
        return describe(design)


blueprint = ModelOptimization()
