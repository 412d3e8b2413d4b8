"""What a seat answers: designs of the blueprint's space, why, what may go wrong, how sure it is, what would sway it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from nonet.errors import NonetError
from nonet.state import Json, Scalar
from nonet.trials import access, space
from nonet.trials.blueprint import Blueprint
from nonet.trials.contract import Access

MOST_DESIGNS = 4
"""Designs that one seat may nominate."""
Refusal = Callable[[Mapping[str, Json]], str]


class Answer(BaseModel):
    """What a seat says. Its designs are checked against the space one by one, so that one amiss costs no other."""

    model_config = ConfigDict(extra="ignore")

    candidates: list[dict[str, Scalar]] = Field(
        max_length=MOST_DESIGNS, description="Designs to build and measure next, the one to build first being first."
    )
    rationale: str = Field(default="", max_length=4000, description="Why these, in a few sentences.")
    risks: list[Annotated[str, Field(max_length=1000)]] = Field(
        default=[], max_length=10, description="What may go wrong with them."
    )
    confidence: float = Field(default=0.5, ge=0, le=1, description="Probability that one of them measures best.")
    change_of_mind: str = Field(default="", max_length=2000, description="What would change your mind.")


def schema(blueprint: Blueprint[Any, Any]) -> type[Answer]:
    """Return the answer's form for one blueprint: its designs described field by field."""
    design: Any = Annotated[dict[str, Scalar], WithJsonSchema(design_schema(blueprint))]
    described = Answer.model_fields["candidates"].description
    designs: Any = (list.__class_getitem__(design), Field(max_length=MOST_DESIGNS, description=described))
    made = create_model("Opinion", __base__=Answer, candidates=designs)
    made.__doc__ = "What you nominate, and why."
    return made


def fields(blueprint: Blueprint[Any, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields that a seat chooses, as JSON schema; what is decided second is not among them."""
    second = blueprint.second.fields if blueprint.second else ()
    properties: Mapping[str, Mapping[str, Any]] = blueprint.Design.model_json_schema()["properties"]
    return {
        name: {key: value for key, value in field.items() if key not in ("title", "choices")}
        for name, field in properties.items()
        if name not in second
    }


def design_schema(blueprint: Blueprint[Any, Any]) -> dict[str, Any]:
    """Return the JSON schema of one design; a space with models inside is described in the question alone."""
    described: dict[str, Any] = {"type": "object", "description": "A design; a field left out has its default."}
    if "$defs" in blueprint.Design.model_json_schema():
        return described
    return {**described, "properties": fields(blueprint), "additionalProperties": False}


def refusal(
    blueprint: Blueprint[Any, Any],
    known: Sequence[Mapping[str, Json]],
    offline: bool,
    lacking: Refusal = lambda _: "",
) -> Refusal:
    """Return what says why a canonical design of a seat is not built, "" when it is.

    A seat may choose, it may not open doors: a host, folder or key that no design of the rules or of a person names is
    out of its reach. Neither is built what these inputs lack something for, as ``lacking`` says.
    """
    granted = [blueprint.access(design) for design in known]

    def why(design: Mapping[str, Json]) -> str:
        wanted = blueprint.access(design)
        if _beyond(wanted, granted):
            return (
                "it names a host, a folder, a key, a chat model or an embedding service that the request does not give"
            )
        if offline and access.elsewhere(wanted):
            return "it calls another machine, which --offline forbids"
        return lacking(design)

    return why


def _beyond(wanted: Access, granted: Sequence[Access]) -> bool:
    if wanted.chat and wanted.chat not in {each.chat for each in granted}:
        return True
    if wanted.embedding and wanted.embedding not in {each.embedding for each in granted}:
        return True
    return any(
        set(cast("tuple[object, ...]", getattr(wanted, part)))
        - {item for each in granted for item in cast("tuple[object, ...]", getattr(each, part))}
        for part in ("hosts", "folders", "variables")
    )


class Checking:
    """Says what is wrong with an answer. The first time all must be right; the second time what is right is kept.

    Attributes:
        refused: why designs of the last answer looked at are not built.
    """

    def __init__(self, blueprint: Blueprint[Any, Any], why: Refusal) -> None:
        self._blueprint, self._why = blueprint, why
        self._again = False
        self.refused: list[str] = []

    def check(self, answer: Answer) -> str:
        """Return what is wrong, in words that its author can act on; "" when the answer is taken."""
        self.refused = [said for design in answer.candidates if (said := self._wrong(design))]
        taken = not self.refused or (self._again and len(self.refused) < len(answer.candidates))
        self._again = True
        return "" if taken else " ".join(self.refused)[:4000]

    def designs(self, answer: Answer) -> list[dict[str, Json]]:
        """Return the canonical designs of an answer that may be built, what is decided second left as by default."""
        return [self._canonical(design) for design in answer.candidates if not self._wrong(design)]

    def _canonical(self, design: Mapping[str, Json]) -> dict[str, Json]:
        second = self._blueprint.second.fields if self._blueprint.second else ()
        chosen = {name: value for name, value in design.items() if name not in second}
        return space.canonical(self._blueprint.Design, chosen)

    def _wrong(self, design: Mapping[str, Json]) -> str:
        try:
            why = self._why(self._canonical(design))
        except NonetError as error:
            return error.message[:500]
        return f"A design is not built: {why}." if why else ""
