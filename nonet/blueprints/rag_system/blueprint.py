"""The blueprint of ``rag_system``: question answering over a folder of documents."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nonet.blueprints.rag_system import (
    corpus_statistics,
    demo,
    documents,
    given_models,
    made,
    packed,
    pool,
    question_files,
    questions,
    refinements,
    rules,
    scoring,
    sources,
)
from nonet.blueprints.rag_system.design import Design
from nonet.blueprints.rag_system.inputs import Inputs
from nonet.blueprints.rag_system.metrics import METRICS, OBJECTIVE, STANDING_TARGETS
from nonet.blueprints.rag_system.naming import describe
from nonet.blueprints.rag_system.refinements import SECOND
from nonet.blueprints.rag_system.technologies import PATTERNS
from nonet.errors import storage
from nonet.state import Brief, Evidence, Json
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Access, Proposal, Reading, Sources, UnitSet
from nonet.trials.splits import SEALED_FROM


class RagSystem(Blueprint[Inputs, Design]):
    """Chunking, retrieval, reranking and packing, chosen by the questions of the user or made ones."""

    name = "rag_system"
    Inputs = Inputs
    Design = Design
    metrics = METRICS
    objective = OBJECTIVE
    standing_targets = STANDING_TARGETS
    second = SECOND
    technologies = PATTERNS
    chart = ("operations", "ndcg@10")
    tests = (*Blueprint.tests, "-m", "not slow")

    def sources(self, inputs: Inputs, exclude: Sequence[Path], file_size_limit: int | None = None) -> Sources:
        """List the documents; see ``sources.listed``."""
        return sources.listed(inputs, exclude, file_size_limit)

    def units(self, inputs: Inputs, parsed: Path, out: Path) -> UnitSet:
        """Given questions on the data as they are; made ones hidden in the measuring copy; both where few are given."""
        pages = documents.read(parsed)
        given = question_files.given(inputs)
        if not given.questions:
            unit_set, copy = made.units(pages)
            documents.write(copy, out)
            return unit_set
        units, notes = questions.units(given, pages, documents.skipped(parsed))
        if len(units) < SEALED_FROM:
            unit_set, copy = made.beside(units, pages)
            documents.write(copy, out)
            return replace(unit_set, notes=[*notes, *unit_set.notes])
        out.mkdir(parents=True, exist_ok=True)
        with storage(out / documents.FILE):
            shutil.copyfile(parsed / documents.FILE, out / documents.FILE)
        return UnitSet(units=units, notes=notes, timing=made.timing(pages, units))

    def sample(self, data: Path, share: float, out: Path) -> None:
        """Write about a ``share`` of the documents, by the hash of their ids."""
        documents.write(corpus_statistics.sampled(documents.read(data), share), out)

    def scouts(self) -> Sequence[Mapping[str, Json]]:
        """Whole pages by words, and by static vectors."""
        return pool.SCOUTS

    def pool(
        self,
        data: Path,
        outputs: Sequence[Sequence[Json]],
        labels: Sequence[Json],
        counts: Sequence[int],
        most: float,
        out: Path,
    ) -> tuple[int, float] | None:
        """Write the pages that telling designs apart needs; see ``pool.write``."""
        return pool.write(data, outputs, labels, counts, most, out)

    def refinements(self, design: Mapping[str, Json], inputs: Inputs) -> Sequence[Mapping[str, Json]]:
        """Return the packings to compare; see ``refinements.of``."""
        return list(refinements.of(design, inputs.compression_folder or ""))

    def fingerprint(self, parsed: Path, units: UnitSet) -> dict[str, Json]:
        """Counts, word quantiles, structure, language and kind of labels."""
        return corpus_statistics.fingerprint(documents.read(parsed), units.units)

    def propose(self, brief: Brief, inputs: Inputs, evidence: Sequence[Evidence], data: Mapping[str, Json]) -> Proposal:
        """Nominate by rules; see ``rules.propose``."""
        return rules.propose(brief, inputs, evidence, data)

    def access(self, design: Mapping[str, Json]) -> Access:
        """The endpoints, keys and model folders that a design names; see ``given_models.access``."""
        return given_models.access(design)

    def score(self, outputs: Sequence[Json], labels: Sequence[Json], index: Sequence[int]) -> dict[str, float]:
        """Score rankings and contexts; see ``scoring.score``."""
        return scoring.score(outputs, labels, index)

    def reading(self, features: Mapping[str, Json], output: Json) -> Reading:
        """The question and the packed context; see ``packed.reading``."""
        return packed.reading(features, output)

    def settings(self, design: Design, inputs: Inputs) -> dict[str, Json]:
        """The winning design and the corpus that ``rag index`` reads again."""
        corpus = str(Path(inputs.corpus).expanduser().absolute())
        return {"design": design.normalised().model_dump(mode="json"), "corpus": corpus}

    def demo(self, folder: Path) -> tuple[str, dict[str, Json], str]:
        """Write the documentation of the libraries installed here; see ``demo.write``."""
        return demo.write(folder)

    def describe(self, design: Mapping[str, Json]) -> str:
        """Name a design in one line."""
        return describe(design)


blueprint = RagSystem()
