"""What is asked of a person: required inputs, and of alternatives one."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field

from nonet.graphs.steps.brief import form, missing, needs


class Inputs(BaseModel):
    label: str
    vectors: str | None = Field(default=None, json_schema_extra={"path": True, "alternative": "data"})
    texts: str | None = Field(default=None, json_schema_extra={"alternative": "data"})
    seen: str | None = None


@pytest.mark.parametrize(
    ("given", "lacking", "said"),
    [
        ({}, ["label", "vectors", "texts"], "label, vectors or texts"),
        ({"label": "y"}, ["vectors", "texts"], "vectors or texts"),
        ({"vectors": "v.npy", "texts": ""}, ["label"], "label"),
        ({"label": "y", "texts": "t.jsonl"}, [], ""),
    ],
)
def test_one_of_the_alternatives_is_enough(given: dict[str, str], lacking: list[str], said: str):
    assert missing(Inputs, given) == lacking
    assert needs(Inputs, lacking) == said


def test_the_form_offers_every_alternative_and_demands_none():
    asked = form(Inputs, ["label", "vectors", "texts"])
    assert list(asked["properties"]) == ["label", "vectors", "texts"]
    assert asked["required"] == ["label"]
