"""The docket: nominations in order, without repetition, less what cannot run here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.blueprints.rag_system.given_models import GivenModels
from nonet.blueprints.rag_system.naming import describe
from nonet.state import Json
from nonet.trials.contract import Exclusion, Finding, Nomination
from nonet.trials.space import key


@dataclass
class Docket:
    """Collects nominations, exclusions and findings.

    Attributes:
        blocked: (field, value) of a design → the library it lacks and the evidence that says so.
        models: the models that the inputs give; a design that names another place is excluded.
    """

    blocked: Mapping[tuple[str, str], tuple[str, str]]
    models: GivenModels = field(default_factory=GivenModels)
    found: dict[str, Nomination] = field(default_factory=dict[str, Nomination])
    exclusions: list[Exclusion] = field(default_factory=list[Exclusion])
    findings: list[Finding] = field(default_factory=list[Finding])

    def nominate(self, fields: Mapping[str, Json], seat: str, reason: str, evidence: Sequence[str] = ()) -> bool:
        """Put a design on the docket, its other fields as in the default baseline; whether it can be measured.

        One that is there already gains the reason and the evidence; one that lacks a library or a model is excluded;
        one outside the space becomes a finding.
        """
        design = self.design(fields, f"{seat}: {reason}", evidence)
        if design is None:
            return False
        needs = self.needs(design)
        if needs:
            self.exclude(describe(design), "; ".join(needs), sorted({*self.lacking(design).values(), *evidence}))
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
            return Design.model_validate({**BASELINE, **fields}).normalised().model_dump(mode="json")
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the design"
            self.find(f"Not nominated ({what}): outside the design space, {where}: {first['msg']}.", evidence)
            return None

    def needs(self, design: Mapping[str, Json]) -> list[str]:
        """Say what a canonical design would need to be measured here; nothing when it can be."""
        lacking = sorted(self.lacking(design))
        foreign = self.models.foreign(design)
        return [*([f"{' and '.join(lacking)}, not installed"] if lacking else []), *([foreign] if foreign else [])]

    def lacking(self, design: Mapping[str, Json]) -> dict[str, str]:
        """Return the libraries a canonical design lacks, each with the evidence."""
        named = {(name, str(value)) for name, value in design.items()}
        return dict(needed for choice, needed in self.blocked.items() if choice in named)

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
