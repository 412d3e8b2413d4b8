"""The design space: canonical designs, bounds, neighbours, names."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints import load
from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.blueprints.rag_system.naming import describe
from nonet.errors import InputError
from nonet.trials.space import canonical, choices, neighbours

FIELDS = {name: choices(Design, name) for name in Design.model_fields if choices(Design, name)}
DESIGNS = st.fixed_dictionaries({name: st.sampled_from(list(values)) for name, values in FIELDS.items()}).filter(
    lambda design: design["chunk_overlap"] < design["chunk_size"]
)


@given(DESIGNS)
def test_normalising_twice_changes_nothing(design: dict[str, object]):
    once = Design.model_validate(design).normalised()
    assert once.normalised() == once
    assert (once.embedding == "none") == (once.retrieval == "bm25")


@pytest.mark.parametrize(
    "meaningless",
    [
        {"chunk_size": 512, "chunk_unit": "tokens", "chunk_overlap": 50},
        {"rrf_k": 60},
        {"dense_weight": 0.3},
        {"embedding": "minilm"},
        {"rerank_weight": 1.0, "rerank_depth": 50},
    ],
)
def test_fields_that_mean_nothing_are_reset(meaningless: dict[str, object]):
    assert canonical(Design, {**BASELINE, **meaningless}) == dict(BASELINE)  # pyright: ignore[reportArgumentType]


def test_dense_designs_have_no_bm25_and_need_an_embedding():
    assert canonical(Design, {"retrieval": "dense", "bm25_k1": 0.9}) == canonical(
        Design, {"retrieval": "dense", "embedding": "minilm"}
    )


@pytest.mark.parametrize(
    "outside",
    [
        {"chunking": "semantic"},
        {"size": 1},
        {"chunking": "windows", "chunk_size": 60, "chunk_overlap": 60},
        {"rrf_k": 0},
    ],
)
def test_designs_outside_the_space_are_refused(outside: dict[str, str | int]):
    with pytest.raises(InputError, match="outside its space"):
        canonical(Design, outside)


def test_exact_sizes_of_existing_systems_are_inside():
    sizes = {"chunking": "recursive", "chunk_unit": "characters", "chunk_size": 750, "chunk_overlap": 75}
    assert canonical(Design, sizes)["chunk_size"] == 750


def test_every_retrieval_is_one_step_from_the_baseline():
    steps = list(neighbours(Design, BASELINE))
    assert {step["retrieval"] for step in steps} == {"bm25", "dense", "hybrid_rrf", "hybrid_weighted"}
    assert {step["chunking"] for step in steps} == {"page", "windows", "recursive", "headings"}
    assert any(step["rerank"] == "late_interaction" for step in steps)


@given(DESIGNS, DESIGNS)
def test_different_systems_have_different_names(left: dict[str, object], right: dict[str, object]):
    one, other = Design.model_validate(left).normalised(), Design.model_validate(right).normalised()
    assert (describe(one.model_dump()) == describe(other.model_dump())) == (one == other)


def test_names_are_short():
    assert describe(BASELINE) == "whole page · BM25"
    design = {"chunking": "windows", "chunk_overlap": 20, "retrieval": "hybrid_weighted", "rerank": "late_interaction"}
    assert describe(design) == "windows of 120/20 words · BM25 + 0.6 MiniLM · late interaction 0.3 on the top 20"


def test_the_project_reads_the_same_fields_and_choices():
    """``project/`` knows nothing of Nonet: the two designs are held together here."""
    import sys

    source = str(load("rag_system").folder / "project" / "src")
    sys.path.insert(0, source)
    try:
        from rag.design import Design as Shipped  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
        from rag.design import parse  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
    finally:
        sys.path.remove(source)
    assert {field.name for field in dataclasses.fields(Shipped)} == Design.model_fields.keys()
    for design in (BASELINE, *neighbours(Design, BASELINE)):
        assert parse(design).json() == design


def test_settings_name_the_design_and_the_corpus(tmp_path):
    blueprint = load("rag_system")
    settings = blueprint.settings(Design(), blueprint.Inputs(corpus=str(tmp_path)))
    assert settings == {"design": dict(BASELINE), "corpus": str(tmp_path)}
