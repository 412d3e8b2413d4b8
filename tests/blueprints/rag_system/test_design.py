"""The design space: canonical designs, bounds, neighbours, names."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints import load
from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.blueprints.rag_system.naming import describe
from nonet.errors import InputError
from nonet.trials.space import canonical, choices, neighbours

FIELDS = {name: choices(Design, name) for name in Design.model_fields if choices(Design, name)}
PLACES = {"embedding_at": "/models/small", "rerank_at": "/models/judge", "compression_at": "/models/dropper"}
URLS = {"embedding_at": "http://localhost:8000/v1", "rerank_at": "https://rank.example/v1"}


def _placed(design: dict[str, object]) -> dict[str, object]:
    """The design with a place for every part that needs one."""
    for part, place in (("embedding", "embedding_at"), ("rerank", "rerank_at"), ("compression", "compression_at")):
        design[place] = URLS[place] if design[part] == "url" else PLACES[place]
    design["query_model"] = "openai:any"
    return design


DESIGNS = (
    st.fixed_dictionaries({name: st.sampled_from(list(values)) for name, values in FIELDS.items()})
    .filter(lambda design: design["chunk_overlap"] < design["chunk_size"] < design["parent_size"])
    .map(_placed)
)

# What a field needs beside it to mean something: a design in which every choice of the field is another system.
MEANINGFUL: dict[str, dict[str, object]] = {
    "chunking": {"chunking": "windows", "chunk_unit": "tokens"},
    **{name: {"chunking": "windows"} for name in ("chunk_unit", "chunk_size", "chunk_overlap", "page_score")},
    "parent_size": {"chunking": "parent_child", "chunk_size": 60},
    "semantic_percentile": {"chunking": "semantic"},
    "title_prefix": {},
    "retrieval": {},
    **{name: {} for name in ("bm25_k1", "bm25_b")},
    "rrf_k": {"retrieval": "hybrid_rrf"},
    "dense_weight": {"retrieval": "hybrid_weighted"},
    "embedding": {"retrieval": "dense"},
    "embedding_at": {"retrieval": "dense", "embedding": "folder", "embedding_at": "/models/a"},
    "embedding_model": {"retrieval": "dense", "embedding": "folder", "embedding_at": "/models/a"},
    "second_embedding": {"retrieval": "hybrid_rrf", "embedding": "minilm"},
    "second_weight": {"retrieval": "hybrid_weighted", "second_embedding": "wordllama"},
    "reduction": {"retrieval": "dense"},
    "dimensions": {"retrieval": "dense", "reduction": "pca"},
    "feedback": {"retrieval": "dense"},
    "feedback_weight": {"retrieval": "dense", "feedback": 5},
    "page_chunks": {"chunking": "windows", "page_score": "mean_top"},
    "query_transformation": {"query_model": "openai:any"},
    "query_model": {"query_transformation": "hyde", "query_model": "openai:any"},
    "rerank": {},
    "rerank_at": {"rerank": "cross_encoder", "rerank_at": "/models/a"},
    "rerank_model": {"rerank": "cross_encoder", "rerank_at": "/models/a"},
    **{name: {"rerank": "late_interaction"} for name in ("rerank_weight", "rerank_depth")},
    **{name: {} for name in ("context_tokens", "deduplicate", "order", "compression")},
    "compression_share": {"compression": "extractive"},
    "compression_at": {"compression": "llmlingua", "compression_at": "/models/a"},
}


@given(DESIGNS)
def test_normalising_twice_changes_nothing(design: dict[str, object]):
    once = Design.model_validate(design).normalised()
    assert once.normalised() == once
    assert (once.embedding == "none") == (once.retrieval == "bm25")
    assert bool(once.embedding_at) == (once.embedding in ("folder", "url"))
    assert bool(once.rerank_at) == (once.rerank in ("cross_encoder", "url"))


def test_every_field_is_covered():
    assert MEANINGFUL.keys() == Design.model_fields.keys()


@pytest.mark.parametrize(
    "name", [name for name in MEANINGFUL if name not in ("chunking", "retrieval", "rerank", "query_transformation")]
)
def test_a_field_counts_where_it_means_something_and_is_reset_where_it_does_not(name: str):
    beside = MEANINGFUL[name]
    values = list(choices(Design, name)) or ["/models/a", "/models/b"]
    if name == "embedding":
        values = ["wordllama", "minilm"]
    elif name == "compression":
        values = ["none", "extractive"]
    elif name == "chunk_size":
        values = [value for value in values if value > 20]
    elif name == "chunk_overlap":
        values = [value for value in values if value < 120]
    elif name == "second_embedding":
        values = ["none", "wordllama"]  # MiniLM is the first already
    told = {json.dumps(canonical(Design, {**beside, name: value})) for value in values}
    assert len(told) == len(values), "every value is another system"
    if beside:
        plain = canonical(Design, {})
        assert all(canonical(Design, {name: value, **_off(name)}) == plain for value in values)


@pytest.mark.parametrize("kind", ["multi_query", "hyde", "step_back"])
def test_a_transformation_is_that_of_its_model_and_shares_every_stage(kind: str):
    one, other = (canonical(Design, {"query_transformation": kind, "query_model": name}) for name in ("a:b", "a:c"))
    assert one != other
    assert canonical(Design, {"query_model": "a:b"}) == canonical(Design, {})
    joined = canonical(Design, {"query_transformation": kind, "query_model": "a:b", "rrf_k": 60})
    assert (joined != one) == (kind != "hyde")
    assert "a:b" in describe(one)


def _off(name: str) -> dict[str, str]:
    """What switches a field's meaning off, where the field itself would switch it on."""
    return {"rerank": "none"} if name.startswith("rerank_") else {}


@pytest.mark.parametrize(
    "meaningless",
    [
        {"chunk_size": 512, "chunk_unit": "tokens", "chunk_overlap": 50},
        {"embedding": "minilm"},
        {"second_embedding": "wordllama", "reduction": "pca", "feedback": 5},
        {"embedding": "url", "embedding_at": "http://localhost/v1", "embedding_model": "any"},
        {"page_score": "mean_top", "page_chunks": 5},
    ],
)
def test_fields_that_mean_nothing_together_are_reset(meaningless: dict[str, object]):
    assert canonical(Design, {**BASELINE, **meaningless}) == dict(BASELINE)


def test_dense_designs_have_no_bm25_and_need_an_embedding():
    assert canonical(Design, {"retrieval": "dense", "bm25_k1": 0.9}) == canonical(
        Design, {"retrieval": "dense", "embedding": "minilm"}
    )


def test_a_second_embedding_like_the_first_is_none():
    twice = {"retrieval": "hybrid_rrf", "embedding": "minilm", "second_embedding": "minilm"}
    assert canonical(Design, twice)["second_embedding"] == "none"
    assert (
        canonical(Design, {**twice, "retrieval": "dense", "second_embedding": "wordllama"})["second_embedding"]
        == "none"
    )


@pytest.mark.parametrize(
    "outside",
    [
        {"chunking": "by meaning"},
        {"size": 1},
        {"chunking": "windows", "chunk_size": 60, "chunk_overlap": 60},
        {"chunking": "parent_child", "chunk_size": 400, "parent_size": 400},
        {"rrf_k": 0},
        {"retrieval": "dense", "embedding": "folder"},
        {"retrieval": "dense", "embedding": "url", "embedding_at": "/models/a"},
        {"retrieval": "dense", "embedding": "url", "embedding_at": "http://user:key@host/v1"},
        {"retrieval": "dense", "embedding": "folder", "embedding_at": "http://localhost:8000/v1"},
        {"rerank": "cross_encoder"},
        {"rerank": "url", "rerank_at": "rank.example"},
        {"compression": "llmlingua"},
        {"query_transformation": "hyde"},
    ],
)
def test_designs_outside_the_space_are_refused(outside: dict[str, str | int]):
    with pytest.raises(InputError, match="outside its space"):
        canonical(Design, outside)


def test_exact_sizes_of_existing_systems_are_inside():
    sizes = {"chunking": "recursive", "chunk_unit": "characters", "chunk_size": 750, "chunk_overlap": 75}
    assert canonical(Design, sizes)["chunk_size"] == 750


def test_every_choice_is_one_step_from_a_base():
    """From the baseline, or where a field needs company from the design that gives it: what can be reached at all."""
    for name in Design.model_fields:
        base = canonical(Design, {**BASELINE, **MEANINGFUL[name]})
        listed = [value for value in choices(Design, name) if not isinstance(value, int | float) or value is True]
        reached = {step[name] for step in neighbours(Design, base)} | {base[name]}
        need_a_place = {"folder", "url", "cross_encoder", "llmlingua", "hyde", "multi_query", "step_back"}
        meaningless = {"embedding": {"none"}, "second_embedding": {base["embedding"]}}.get(name, set())
        assert reached >= set(listed) - need_a_place - meaningless, name


def test_a_numbers_neighbours_are_the_next_smaller_and_larger_choice():
    base = canonical(Design, {"chunking": "windows", "chunk_size": 200})
    assert {step["chunk_size"] for step in neighbours(Design, base)} == {120, 200, 256}


def test_a_model_behind_a_url_and_one_in_a_folder_are_no_neighbours():
    for kind, place in (("url", "http://localhost:8000/v1"), ("folder", "/models/small")):
        base = canonical(Design, {"retrieval": "dense", "embedding": kind, "embedding_at": place})
        assert {step["embedding"] for step in neighbours(Design, base)} == {kind, "none", "wordllama", "minilm"}


def test_a_choice_that_needs_a_place_is_no_step_from_a_design_without_one():
    base = canonical(Design, {"retrieval": "dense"})
    assert not {"folder", "url"} & {step["embedding"] for step in neighbours(Design, base)}
    assert not {"cross_encoder", "url"} & {step["rerank"] for step in neighbours(Design, base)}
    assert "llmlingua" not in {step["compression"] for step in neighbours(Design, base)}


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
    bases = [canonical(Design, {**BASELINE, **beside}) for beside in MEANINGFUL.values()]
    for base in bases:
        for design in (base, *neighbours(Design, base)):
            assert parse(design).json() == design


def test_settings_name_the_design_and_the_corpus(tmp_path):
    blueprint = load("rag_system")
    settings = blueprint.settings(Design(), blueprint.Inputs(corpus=str(tmp_path)))
    assert settings == {"design": dict(BASELINE), "corpus": str(tmp_path)}
