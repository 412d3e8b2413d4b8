"""What the rules nominate, exclude and say, and that each gathering step's evidence changes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from nonet.blueprints.vector_database.blueprint import blueprint
from nonet.blueprints.vector_database.design import Design
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.errors import InputError
from nonet.state import Brief, Evidence
from nonet.trials import space
from nonet.trials.contract import Access

VECTORS = {
    "rows": 5000, "width": 128, "metric": "cosine", "kind": "vectors", "embeddings": "given",
    "scale": 0, "payloads": True, "labels": "computed", "units": 500,
}  # fmt: skip
TEXTS = {**VECTORS, "kind": "texts", "embeddings": "wordllama,minilm", "labels": "made", "words_total": 9000}


def propose(
    data: dict[str, Any],
    goal: str = "Vector search",
    *evidence: Evidence,
    repo: str | None = None,
    server: Sequence[str] = (),
    **more: Any,
):
    brief = Brief(workflow="vector_database", goal=goal, inputs={}, **more)
    return blueprint.propose(brief, Inputs(vectors="v.npy", repo=repo, server=list(server)), evidence, data)


def item(step: str, excerpt: str = "", **facts: Any) -> Evidence:
    return Evidence(
        id=f"{step}-1", step=step, tool="t", backend="b", reference="a.py:3", title="a", excerpt=excerpt, facts=facts
    )


def engines(proposal: Any) -> set[str]:
    return {str(each.design["engine"]) for each in proposal.nominations}


def test_every_engine_is_a_candidate_and_every_nomination_canonical():
    for data in (VECTORS, TEXTS):
        proposal = propose(data)
        assert engines(proposal) | {"faiss_flat"} == {
            "faiss_flat", "faiss_sq8", "faiss_ivf", "faiss_ivfpq", "faiss_hnsw", "usearch", "qdrant",
            "lancedb", "chroma", "pgvector",
        }  # fmt: skip
        for each in proposal.nominations:
            assert space.canonical(Design, each.design) == each.design
        assert proposal.baseline.design["engine"] == "faiss_flat"


def test_texts_bring_hybrid_search_and_vectors_do_not():
    assert {each.design["hybrid"] for each in propose(TEXTS).nominations} == {"none", "rrf", "weighted"}
    assert {each.design["hybrid"] for each in propose(VECTORS).nominations} == {"none"}


def test_dimensions_are_tried_at_shares_and_at_the_number_that_the_request_names():
    wanted = {each.design["dimensions"] for each in propose(VECTORS, "Reduce them to 100 dimensions").nominations}
    assert {64, 42, 32, 100} <= wanted
    refused = propose(VECTORS, "Reduce them to 256 dimensions")
    assert any("more than 128 dimensions" in each.needs for each in refused.exclusions)


def test_l1_leaves_the_engines_that_know_it():
    proposal = propose({**VECTORS, "metric": "l1"})
    assert engines(proposal) <= {"faiss_flat", "faiss_hnsw", "qdrant", "pgvector"}
    assert all(each.design["reduction"] == "none" for each in proposal.nominations)


@pytest.mark.parametrize("name", ["Milvus", "Pinecone", "Weaviate", "fine-tuning", "hybrid search"])
def test_what_the_request_names_and_cannot_run_is_said_with_its_reason(name: str):
    proposal = propose(VECTORS, technologies=[name])
    assert [each.needs for each in proposal.exclusions if each.what.startswith(name)]


def test_a_given_server_is_a_candidate_and_reaches_its_host_alone():
    given = ["milvus=http://db.example:19530", "pgvector=postgresql://me@db.example/x"]
    proposal = propose(VECTORS, technologies=["Milvus"], server=given)
    assert not [each for each in proposal.exclusions if each.what.startswith("Milvus")]
    found = {str(each.design["server_at"]): each.design for each in proposal.nominations if each.design["server_at"]}
    assert set(found) == set(given)
    assert blueprint.access(found[given[0]]) == Access(hosts=("db.example:19530",), variables=("MILVUS_TOKEN",))
    assert blueprint.access(found[given[1]]) == Access(hosts=("db.example:5432",), variables=("PGPASSWORD",))
    assert blueprint.access({"engine": "pgvector", "server_at": ""}) == Access(system_v=True)
    assert blueprint.access(Design().model_dump()) == Access()


def test_a_server_that_nobody_gave_is_not_reached():
    design = {"engine": "milvus", "server_at": "milvus=http://elsewhere.example:19530"}
    proposal = propose(VECTORS, "Vector search", item("recall", design=design, likeness=0.9))
    assert not [each for each in proposal.nominations if each.design["server_at"]]
    assert any("--server milvus=URL" in each.needs for each in proposal.exclusions)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("redis=http://x", "no kind of server"),
        ("milvus=localhost", "no URL"),
        ("pgvector=postgresql://me:secret@h/x", "PGPASSWORD"),
    ],
)
def test_a_server_that_cannot_be_right_is_refused(server: str, said: str):
    with pytest.raises(ValueError, match=said):
        Inputs(vectors="v.npy", server=[server])


def test_a_server_of_another_kind_is_outside_the_space():
    for fields in ({"engine": "milvus"}, {"engine": "milvus", "server_at": "qdrant=http://h:6333"}):
        with pytest.raises(ValueError, match="needs a server of its kind"):
            Design.model_validate(fields)


def test_payloads_and_a_scale_set_bars_that_a_person_can_move():
    assert not blueprint.bars(Inputs(vectors="v.npy"))
    given = Inputs(vectors="v.npy", payloads="p.jsonl", scale="10M")
    assert [str(bar) for bar in blueprint.bars(given)] == ["filtered_recall@10>=0.9", "scale_latency_ms<50"]
    moved = given.model_copy(update={"filtered_recall": 0.0, "scale_latency_ms": 5.0})
    assert [str(bar) for bar in blueprint.bars(moved)] == ["scale_latency_ms<5"]


def test_what_the_request_names_comes_first():
    first = propose(VECTORS, technologies=["Chroma"]).nominations[0]
    assert first.design["engine"] == "chroma"


def test_the_existing_index_is_the_baseline_with_its_own_numbers():
    code = item("existing_code", "index = faiss.IndexHNSWFlat(dim, 24)\nindex.hnsw.efConstruction = 90\nefSearch = 50")
    proposal = propose(VECTORS, "Vector search", code, repo=".")
    assert proposal.baseline.seat == "existing"
    expected = {"engine": "faiss_hnsw", "hnsw_m": 24, "ef_construction": 90, "ef_search": 50}
    assert expected.items() <= dict(proposal.baseline.design).items()
    elsewhere = propose(VECTORS, "Vector search", item("existing_code", "from pymilvus import MilvusClient  # M=48"))
    assert elsewhere.baseline.design["engine"] == "faiss_flat"
    assert any("Milvus" in each.needs for each in elsewhere.exclusions)
    assert any(each.seat == "existing" and each.design["hnsw_m"] == 48 for each in elsewhere.nominations)


def test_documentation_nominates_defaults_and_excludes_what_is_not_installed():
    defaults = item("index_docs", library="lancedb", version="1", defaults={"m": 20, "ef_construction": 300})
    assert any(
        each.design["engine"] == "lancedb" and each.design["hnsw_m"] == 20
        for each in propose(VECTORS, "Vector search", defaults).nominations
    )
    absent = propose(VECTORS, "Vector search", item("index_docs", library="chromadb", installed=False))
    assert "chroma" not in engines(absent)
    assert any("chromadb, not installed" in each.needs for each in absent.exclusions)


def test_research_and_memory_nominate():
    note = item("research", "M edges a node (16 to 48); ef at construction sets build time (100 to 400); more.")
    assert any(each.design["hnsw_m"] == 48 for each in propose(VECTORS, "Vector search", note).nominations)
    design = {"engine": "qdrant", "hnsw_m": 12}
    remembered = propose(VECTORS, "Vector search", item("recall", design=design, likeness=0.9)).nominations[0]
    assert (remembered.seat, remembered.design["hnsw_m"]) == ("memory", 12)


@pytest.mark.parametrize("field", [name for name in Design.model_fields if name != "embedding"])
def test_fields_are_reset_where_they_do_nothing_and_kept_where_they_do(field: str):
    uses = {
        "quantization": {"engine": "qdrant", "quantization": "scalar"},
        "oversample": {"engine": "faiss_sq8", "oversample": 4},
        "lists": {"engine": "faiss_ivf", "lists": 7},
        "probes": {"engine": "faiss_ivf", "probes": 3},
        "code_bytes": {"engine": "faiss_ivfpq", "code_bytes": 8},
        "hnsw_m": {"engine": "chroma", "hnsw_m": 9},
        "ef_construction": {"engine": "usearch", "ef_construction": 33},
        "ef_search": {"engine": "lancedb", "ef_search": 33},
        "dense_weight": {"embedding": "wordllama", "hybrid": "weighted", "dense_weight": 0.3},
        "rrf_k": {"embedding": "wordllama", "hybrid": "rrf", "rrf_k": 10},
        "hybrid": {"embedding": "wordllama", "hybrid": "rrf"},
        "multi_vector": {"embedding": "minilm", "multi_vector": "rerank"},
        "multi_depth": {"embedding": "minilm", "multi_vector": "rerank", "multi_depth": 20},
        "reduction": {"reduction": "pca", "dimensions": 8},
        "dimensions": {"reduction": "pca", "dimensions": 8},
        "engine": {"engine": "qdrant"},
        "model_at": {"embedding": "folder", "model_at": "/m"},
        "pickled": {"embedding": "folder", "model_at": "/m", "pickled": True},
        "tuning": {"embedding": "minilm", "tuning": "ranking"},
        "epochs": {"embedding": "minilm", "tuning": "ranking", "epochs": 3},
        "exact_below": {"engine": "faiss_hnsw", "exact_below": 10},
        "server_at": {"engine": "qdrant_server", "server_at": "qdrant=http://h:6333"},
    }[field]
    kept = space.canonical(Design, uses)
    assert kept[field] == uses[field]
    assert kept[field] != Design.model_fields[field].default
    alone = {**uses, "engine": "faiss_flat", "hybrid": "none", "reduction": "none", "dimensions": 0}
    alone |= {"embedding": "given", "tuning": "none", "model_at": "", "multi_vector": "none"}
    assert space.canonical(Design, alone)[field] == Design.model_fields[field].default


MULTI = {"embedding": "minilm", "multi_vector": "rerank", "engine": "faiss_flat"}


@pytest.mark.parametrize("name", ["multi-vector search", "late interaction", "ColBERTv2", "MaxSim"])
def test_multi_vector_search_is_a_candidate_first_where_it_is_named_and_needs_texts(name: str):
    from nonet.blueprints.vector_database.technologies import PATTERNS

    found = [canonical for pattern, canonical in PATTERNS.items() if re.search(pattern, name, re.IGNORECASE)]
    assert found == ["multi-vector search"]
    named = propose(TEXTS, technologies=found)
    assert MULTI.items() <= dict(named.nominations[0].design).items()
    assert not [each for each in named.exclusions if each.what.startswith(found[0])]
    refused = propose(VECTORS, technologies=found)
    assert [each.needs for each in refused.exclusions if each.what.startswith(found[0])] == [
        "texts (--texts FILE): given vectors have neither words nor tokens"
    ]


def test_multi_vector_search_waits_for_the_engines_unless_a_target_is_of_quality():
    def place(*targets: str) -> tuple[int, int]:
        designs = [each.design for each in propose(TEXTS, targets=list(targets)).nominations]
        first = next(i for i, each in enumerate(designs) if MULTI.items() <= dict(each).items())
        return first, next(i for i, each in enumerate(designs) if each["engine"] == "faiss_ivf")

    late, engine = place("p95_latency_ms<50")
    assert late > engine
    early, engine = place("ndcg@10>=0.4")
    assert early < engine
    without = propose({**TEXTS, "embeddings": "wordllama"}).nominations
    assert {each.design["multi_vector"] for each in without} == {"none"}


@pytest.mark.parametrize("other", [{"embedding": "wordllama"}, {"embedding": "given"}, {"tuning": "ranking"}])
def test_multi_vector_search_without_its_model_is_outside_the_space(other: dict[str, str]):
    with pytest.raises(InputError, match=r"MiniLM's tokens.*untuned"):
        space.canonical(Design, {**MULTI, **other})
