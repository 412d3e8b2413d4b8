"""The blueprint of ``vector_database``: nearest-neighbour search over the user's vectors or texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nonet.blueprints.vector_database import data_folder, demo, rules, scoring, servers, sources, units
from nonet.blueprints.vector_database.design import Design
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.blueprints.vector_database.metrics import FILTERED, METRICS, OBJECTIVE, STANDING_TARGETS
from nonet.blueprints.vector_database.naming import describe
from nonet.blueprints.vector_database.technologies import PATTERNS
from nonet.state import Brief, Evidence, Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Access, Proposal, Sources, Target, UnitSet


class VectorDatabase(Blueprint[Inputs, Design]):
    """Embedding, dimensions, index and hybrid search, chosen by exact neighbours and relevant texts."""

    name = "vector_database"
    Inputs = Inputs
    Design = Design
    metrics = METRICS
    objective = OBJECTIVE
    standing_targets = STANDING_TARGETS
    technologies = PATTERNS
    chart = ("p95_latency_ms", "recall@10")
    tests = (*Blueprint.tests, "-m", "not slow")
    commands = (
        'uv run vectordb search --text "…" --k 10 --where "year>=2020"',
        "uv run vectordb ingest more.jsonl",
        "uv run vectordb backup backups/today",
        "uv run vectordb plan --rows 10M --memory-gb 64 --replicas 2",
        "uv run vectordb load --rate 50 --seconds 10",
    )

    def sources(self, inputs: Inputs, exclude: Sequence[Path]) -> Sources:
        """List the given files; see ``sources.listed``."""
        return sources.listed(inputs)

    def units(self, inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
        """Make queries with their exact neighbours; see ``units.make``."""
        return units.make(inputs, parsed, out)

    def sample(self, data: Path, share: float, out: Path) -> None:
        """Write about a ``share`` of the rows; see ``data_folder.sample``."""
        data_folder.sample(data, share, out)

    def fingerprint(self, parsed: Path, units: UnitSet) -> dict[str, Json]:
        """Sizes, metric and models; see ``data_folder.fingerprint``."""
        return data_folder.fingerprint(parsed, units)

    def bars(self, inputs: Inputs) -> Sequence[Target]:
        """What a search under a filter must find, which a graph can lose without a trace; what a scale may cost."""
        found: list[Target] = []
        if inputs.payloads and inputs.filtered_recall:
            found.append(Target(FILTERED, ">=", inputs.filtered_recall))
        if inputs.scale and inputs.scale_latency_ms:
            found.append(Target("scale_latency_ms", "<", inputs.scale_latency_ms))
        return found

    def propose(self, brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
        """Nominate by rules; see ``rules.propose``."""
        return rules.propose(brief, inputs, evidence, data)

    def access(self, design: Mapping[str, Json]) -> Access:
        """The server that a design names, with its key; see ``servers.access``."""
        return servers.access(design)

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Score what was found; see ``scoring.score``."""
        return scoring.score(outputs, labels, index)

    def settings(self, design: Design, inputs: Inputs) -> dict[str, Json]:
        """The winning design and the metric."""
        return {"design": design.normalised().model_dump(mode="json"), "metric": inputs.metric}

    def demo(self, folder: Path) -> tuple[str, dict[str, Json], str]:
        """Write texts that this machine has; see ``demo.write``."""
        return demo.write(folder)

    def describe(self, design: Mapping[str, Json]) -> str:
        """Name a design in one line."""
        return describe(design)


blueprint = VectorDatabase()
