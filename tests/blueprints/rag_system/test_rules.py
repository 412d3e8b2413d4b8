"""The rules' seat: every step's evidence changes what is nominated, excluded, found or taken as the baseline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nonet.blueprints import load
from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.errors import InputError
from nonet.graphs.steps.desk import validated
from nonet.state import Brief, Evidence
from nonet.trials.contract import Access, Exclusion, Proposal
from nonet.trials.space import canonical, key

LONG = {"documents": 289, "words": 150_000, "words_p10": 100, "words_p50": 511, "words_p90": 1500} | {
    "sectioned_share": 0.9,
    "language": "en",
}
SHORT = LONG | {"words_p10": 60, "words_p50": 120, "words_p90": 220, "sectioned_share": 0.0}
CODE = """
splitter = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=200)  # as the guide says
embeddings = HuggingFaceEmbeddings(
    model_name="sentence-transformers/all-MiniLM-L6-v2",
)
store = FAISS.from_documents(splitter.split_documents(docs), embeddings)
"""


def _evidence(step: str, excerpt: str = "", identity: str = "e1", reference: str = "x", **facts: Any) -> Evidence:
    return Evidence(
        id=identity, step=step, tool="t", backend="b", reference=reference, title="A note", excerpt=excerpt, facts=facts
    )


def _propose(*evidence: Evidence, data: Any = LONG, technologies: Any = (), **inputs: Any) -> Proposal:
    blueprint = load("rag_system")
    brief = Brief(workflow="rag_system", goal="", inputs={}, technologies=list(technologies))
    return blueprint.propose(brief, blueprint.Inputs(corpus="docs", **inputs), list(evidence), data)


NOT_GIVEN = {
    "an embedding model of your own": "--embedding-folder FOLDER (ONNX) or --embedding-url URL",
    "a cross-encoder or another reranker": "--rerank-folder FOLDER (ONNX) or --rerank-url URL",
    "compression by LLMLingua-2": "--compression-folder FOLDER (ONNX)",
    "transformed questions (multi-query, HyDE, step-back)": "a chat model: --model or --chat-model NAME",
}


def _excluded(proposal: Proposal) -> list[Exclusion]:
    """The exclusions, less those that say which models were not given."""
    return [each for each in proposal.exclusions if each.what not in NOT_GIVEN]


def _designs(proposal: Proposal) -> dict[str, Any]:
    return {key(each.design): each for each in proposal.nominations}


def _key(**fields: Any) -> str:
    return key(canonical(Design, {**BASELINE, **fields}))


RECURSIVE = {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 50}


@pytest.mark.parametrize("data", [LONG, SHORT, {}])
def test_nominations_without_evidence(data: Any):
    proposal = _propose(data=data)
    assert proposal.baseline.design == BASELINE
    designs = _designs(proposal)
    assert 24 <= len(designs) == len(proposal.nominations) <= 30
    assert _key(**RECURSIVE, rerank="late_interaction") in designs
    assert all(canonical(Design, each.design) == each.design and each.reason for each in proposal.nominations)
    first = [each.design["embedding"] for each in proposal.nominations[:4]]
    assert first[0] != "minilm", "cheap first"
    assert {"minilm", "none"} <= set(first), "cheap and dense alternate"


def test_statistics_of_the_corpus_change_the_nominations():
    def cut(proposal: Proposal) -> set[Any]:
        return {each.design["chunking"] for each in proposal.nominations[:3]}

    assert cut(_propose(data=SHORT)) == {"page"}
    assert "page" not in cut(_propose(data=LONG))
    headings = _propose(data=LONG | {"sectioned_share": 0.1}).nominations
    assert not any(each.design["chunking"] == "headings" for each in headings)
    german = _propose(data=LONG | {"language": "de"})
    assert german.nominations[-1].design["embedding"] == "minilm"
    assert "does not look English (guess: de)" in german.findings[0].text


@pytest.mark.parametrize("step", ["research", "read_guides"])
@pytest.mark.parametrize(
    ("excerpt", "size", "overlap", "unit"),
    [
        ("Start with chunks of 300 tokens with 30 tokens of overlap.", 300, 30, "tokens"),
        ("We use 800-character chunks and 10% overlap", 800, 80, "characters"),
        ("Set chunk_size=700 and chunk_overlap=70 in tokens", 700, 70, "tokens"),
    ],
)
def test_research_names_chunk_sizes(step: str, excerpt: str, size: int, overlap: int, unit: str):
    wanted = _key(
        chunking="recursive",
        chunk_unit=unit,
        chunk_size=size,
        chunk_overlap=overlap,
        retrieval="hybrid_weighted",
        embedding="minilm",
    )
    assert _designs(_propose(_evidence(step, excerpt)))[wanted].evidence == ("e1",)
    assert wanted not in _designs(_propose(_evidence(step, "Chunks matter.")))


def test_research_nominates_by_facts_and_what_is_outside_the_space_is_said():
    patch = {"retrieval": "hybrid_rrf", "embedding": "wordllama", "rrf_k": 60}
    assert _designs(_propose(_evidence("research", nominate=patch)))[_key(**patch)].evidence == ("e1",)
    assert _key(**patch) not in _designs(_propose())
    outside = _propose(_evidence("research", nominate={"chunking": "by meaning"}))
    assert "outside the design space, chunking" in outside.findings[0].text


def test_framework_documentation_nominates_a_librarys_defaults():
    item = _evidence("framework_docs", library="bm25s", version="0.3", defaults={"k1": 1.6, "b": 0.7, "delta": 0.5})
    nomination = _designs(_propose(item))[_key(bm25_k1=1.6, bm25_b=0.7)]
    assert "bm25s 0.3" in nomination.reason
    other = _evidence("framework_docs", library="bm25s", version="0.3", defaults={"k1": 1.7, "b": 0.7})
    assert _key(bm25_k1=1.6, bm25_b=0.7) not in _designs(_propose(other))


def test_a_splitters_defaults_are_nominated_and_unrelated_ones_are_not():
    splitter = {"chunk_size": 900, "chunk_overlap": 90, "separator": "x"}
    proposal = _propose(_evidence("framework_docs", library="langchain-text-splitters", defaults=splitter))
    assert [each.design["chunk_unit"] for each in proposal.nominations if each.design["chunk_size"] == 900] == [
        "characters"
    ]
    unrelated = _evidence("framework_docs", library="requests", defaults={"chunk_size": 900, "b": 0.1, "c": 3})
    assert _propose(unrelated) == _propose()


def test_a_library_that_is_not_installed_excludes_what_needs_it():
    proposal = _propose(_evidence("framework_docs", library="onnxruntime", installed=False))
    designs = [each.design for each in proposal.nominations]
    assert not any(design["embedding"] == "minilm" or design["rerank"] != "none" for design in designs)
    excluded = [each for each in proposal.exclusions if "late interaction" in each.what and "recursive" in each.what]
    assert excluded[0].needs == "onnxruntime, not installed"
    assert excluded[0].evidence == ("e1",)
    installed = _propose(_evidence("framework_docs", library="onnxruntime", installed=True))
    assert not _excluded(installed)


def test_a_runnable_existing_system_is_the_baseline_with_its_exact_sizes():
    code = _evidence("existing_code", CODE, reference="app/index.py:12")
    constant = _evidence("existing_code", "SIZE: int = 1_000", identity="e2", reference="app/settings.py:3")
    proposal = _propose(code, constant, repo=".")
    assert proposal.baseline.seat == "existing"
    assert "app/index.py:12" in proposal.baseline.reason
    assert key(proposal.baseline.design) == _key(
        chunking="recursive",
        chunk_unit="characters",
        chunk_size=1000,
        chunk_overlap=200,
        retrieval="dense",
        embedding="minilm",
        title_prefix=False,
    )
    assert key(dict(BASELINE)) in _designs(proposal)
    assert key(proposal.baseline.design) not in _designs(proposal)
    assert any("vectors are searched exactly" in finding.text for finding in proposal.findings)


def test_an_existing_system_with_foreign_parts_is_excluded_and_the_nearest_nominated():
    text = CODE.replace("SIZE", "900").replace("sentence-transformers/all-MiniLM-L6-v2", "BAAI/bge-small-en")
    proposal = _propose(_evidence("existing_code", text, reference="a.py:1"), repo=".")
    assert proposal.baseline.design == BASELINE
    (exclusion,) = _excluded(proposal)
    assert "a.py:1" in exclusion.what
    assert exclusion.needs == "the embedding HuggingFaceEmbeddings (BAAI/bge-small-en): --embedding-folder"
    (nearest,) = [each for each in proposal.nominations if each.seat == "existing"]
    assert (nearest.design["chunk_size"], nearest.design["retrieval"]) == (900, "dense")
    assert "not that system" in nearest.reason


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        (
            "r = EnsembleRetriever(retrievers=[BM25Retriever.from_documents(d), v], weights=[0.5, 0.5])\n"
            'e = SentenceTransformer("all-MiniLM-L6-v2")',
            {"retrieval": "hybrid_rrf", "embedding": "minilm", "rrf_k": 60, "bm25_k1": 1.5},
        ),
        ("index = BM25Okapi(corpus, k1=1.1, b=0.6)", {"bm25_k1": 1.1, "bm25_b": 0.6}),
        (
            "s = RecursiveCharacterTextSplitter.from_tiktoken_encoder(chunk_size=400, chunk_overlap=0)\nBM25Okapi(s)",
            {"chunking": "recursive", "chunk_unit": "tokens", "chunk_size": 400, "bm25_k1": 1.5},
        ),
    ],
)
def test_existing_systems_are_recognised(code: str, fields: dict[str, Any]):
    assert key(_propose(_evidence("existing_code", code)).baseline.design) == _key(**fields, title_prefix=False)


@pytest.mark.parametrize(
    ("code", "needs"),
    [
        (
            "BM25Okapi(x)\nreranker = CrossEncoder('BAAI/bge-reranker-base')",
            "the reranker CrossEncoder (BAAI/bge-reranker",
        ),
        ("BM25Okapi(x)\nSemanticDocumentSplitter(embeddings)", "the splitter SemanticDocumentSplitter"),
        ("BM25Okapi(x)\nRecursiveCharacterTextSplitter(chunk_size=config.size)", "the value of config.size"),
        ("RecursiveCharacterTextSplitter(chunk_size=100)", "its retrieval, which was not recognised"),
        ("EnsembleRetriever(weights=[0.3, 0.7])\nBM25Retriever(x)\nm='all-MiniLM-L6-v2'", "the unequal weights"),
    ],
)
def test_parts_that_cannot_run_are_named(code: str, needs: str):
    proposal = _propose(_evidence("existing_code", code))
    assert proposal.baseline.design == BASELINE
    assert any(needs in each.needs for each in proposal.exclusions)


def test_a_repository_without_a_system_is_said():
    import_only = _evidence("existing_code", "from langchain_text_splitters import RecursiveCharacterTextSplitter")
    proposal = _propose(import_only, repo=".")
    assert "No retrieval system was recognised" in proposal.findings[0].text
    assert not _propose(import_only).findings


def test_memory_nominates_first():
    won = {"retrieval": "hybrid_rrf", "embedding": "wordllama", "chunking": "headings", "chunk_size": 256}
    proposal = _propose(_evidence("recall", design=won, score=0.71))
    assert key(proposal.nominations[0].design) == _key(**won)
    assert (proposal.nominations[0].seat, proposal.nominations[0].evidence) == ("memory", ("e1",))
    other = _propose(_evidence("recall", design=won | {"chunk_size": 60}, score=0.71))
    assert _key(**won) not in _designs(other)


@pytest.mark.parametrize(
    ("goal", "fields"),
    [
        ("recursive chunking with reranking", RECURSIVE | {"rerank": "late_interaction", "retrieval": "bm25"}),
        ("Use hybrid search with RRF and MiniLM", {"retrieval": "hybrid_rrf", "rrf_k": 10, "embedding": "minilm"}),
        ("BM25 and embeddings", {"retrieval": "hybrid_weighted", "embedding": "minilm"}),
        ("wordllama over our docs", {"retrieval": "hybrid_weighted", "embedding": "wordllama"}),
        (
            "dense retrieval by MiniLM, chunked by headings",
            {"retrieval": "dense", "chunking": "headings", "chunk_size": 200},
        ),
    ],
)
def test_technologies_of_the_request_are_candidates_together(goal: str, fields: dict[str, Any]):
    proposal = _propose(technologies=_named(goal))
    assert key(proposal.nominations[0].design) == _key(**fields)
    assert "the request names" in proposal.nominations[0].reason


def test_rival_technologies_are_each_a_candidate():
    proposal = _propose(technologies=_named("compare wordllama with MiniLM, dense retrieval and BM25"), data={})
    assert {"wordllama", "minilm", "none"} <= {each.design["embedding"] for each in proposal.nominations}


@pytest.mark.parametrize("name", ["Milvus", "SPLADE", "Pinecone", "HyDE", "MMR", "a cross-encoder"])
def test_technologies_that_cannot_run_are_excluded_by_name(name: str):
    (exclusion,) = _excluded(_propose(technologies=_named(f"Build it with {name} please")))
    assert name.removeprefix("a ") in exclusion.what
    assert exclusion.needs
    assert not exclusion.needs.startswith("needs")


@pytest.mark.parametrize(
    ("goal", "fields"),
    [
        ("semantic chunking", {"chunking": "semantic", "chunk_size": 200}),
        ("parent-child retrieval", {"chunking": "parent_child", "chunk_size": 60, "chunk_overlap": 20}),
        ("use a ParentDocumentRetriever, parent document retrieval", {"chunking": "parent_child", "chunk_size": 60}),
        ("sentence windows over our docs", {"chunking": "sentences", "chunk_size": 120, "chunk_overlap": 20}),
        ("fixed-size chunks", {"chunking": "fixed", "chunk_unit": "characters", "chunk_size": 1000}),
        ("Matryoshka embeddings", {"reduction": "truncate", "embedding": "minilm"}),
        ("reduce the vectors by PCA", {"reduction": "pca", "dimensions": 128}),
        ("a ColBERT-like reranker", {"rerank": "late_interaction"}),
        ("pseudo-relevance feedback", {"feedback": 5, "retrieval": "hybrid_weighted"}),
        ("three-way fusion", {"second_embedding": "wordllama", "retrieval": "hybrid_rrf"}),
    ],
)
def test_the_whole_space_can_be_named(goal: str, fields: dict[str, Any]):
    first = _propose(technologies=_named(goal)).nominations[0]
    assert {name: first.design[name] for name in fields} == fields
    assert "the request names" in first.reason
    assert "the request names" not in " ".join(each.reason for each in _propose().nominations)


def test_what_stands_for_a_technology_is_said():
    findings = [finding.text for finding in _propose(technologies=_named("ColBERT")).findings]
    assert any("stands for ColBERT, whose weights are not here" in text for text in findings)


def test_compression_is_left_to_the_second_decision():
    named = _propose(technologies=_named("extractive compression"))
    assert any("compared among the packings" in finding.text for finding in named.findings)
    assert [each.design for each in named.nominations] == [each.design for each in _propose().nominations]


def test_models_that_are_not_given_are_absent_and_named_once():
    proposal = _propose()
    assert {each.what: each.needs for each in proposal.exclusions} == NOT_GIVEN
    designs = [proposal.baseline.design, *(each.design for each in proposal.nominations)]
    assert not any(
        design[name] for design in designs for name in ("embedding_at", "rerank_at", "compression_at", "query_model")
    )
    named = _propose(technologies=_named("rerank with a cross-encoder, compress with LLMLingua")).exclusions
    assert [each.what for each in named] == [
        "cross-encoder, named in the request",
        "LLMLingua, named in the request",
        "an embedding model of your own",
        "transformed questions (multi-query, HyDE, step-back)",
    ]


def test_models_that_are_given_are_nominated_with_the_strongest_partners(tmp_path: Path):
    (tmp_path / "model").mkdir()
    folder, url = str(tmp_path / "model"), "http://localhost:8080/v1"
    proposal = _propose(embedding_url=url, embedding_model="small", rerank_folder=folder)
    first = [each.design for each in proposal.nominations[:6]]
    assert {design["chunking"] for design in first} == {"windows", "recursive"}
    embedded = [design for design in first if design["embedding"] == "url"]
    assert {(design["embedding_at"], design["embedding_model"]) for design in embedded} == {(url, "small")}
    assert {design["retrieval"] for design in embedded} == {"hybrid_weighted", "hybrid_rrf", "dense"}
    reranked = [design for design in first if design["rerank"] == "cross_encoder"]
    assert {design["rerank_at"] for design in reranked} == {folder}
    assert any(design["embedding"] == "url" for design in reranked)
    assert [each.what for each in proposal.exclusions] == list(NOT_GIVEN)[2:]
    requested = _propose(technologies=_named("recursive chunks, a cross-encoder to rerank"), rerank_folder=folder)
    asked = requested.nominations[0].design
    assert (asked["chunking"], asked["rerank"], asked["rerank_at"]) == ("recursive", "cross_encoder", folder)


def test_a_chat_model_transforms_questions_late_and_says_what_that_takes():
    proposal = _propose(chat_model="openai:any")
    asking = {
        place: each for place, each in enumerate(proposal.nominations) if each.design["query_transformation"] != "none"
    }
    assert {each.design["query_transformation"] for each in asking.values()} == {"hyde", "multi_query", "step_back"}
    assert min(asking) >= 4, "what costs nothing a question is measured first"
    assert all("tokens a question" in each.reason for each in asking.values())
    blueprint = load("rag_system")
    assert {blueprint.access(each.design) for each in asking.values()} == {Access(chat="openai:any")}
    assert "transformed questions (multi-query, HyDE, step-back)" not in {each.what for each in proposal.exclusions}


@pytest.mark.parametrize(
    ("goal", "kind"),
    [
        ("use HyDE", "hyde"),
        ("with RAG-Fusion", "multi_query"),
        ("multi-query retrieval", "multi_query"),
        ("step-back prompting", "step_back"),
    ],
)
def test_a_transformation_of_the_request_goes_first_where_there_is_a_model(goal: str, kind: str):
    first = _propose(technologies=_named(goal), chat_model="openai:any").nominations[0]
    assert (first.design["query_transformation"], first.design["query_model"]) == (kind, "openai:any")
    (exclusion,) = _excluded(_propose(technologies=_named(goal)))
    assert exclusion.needs == "a chat model: --model or --chat-model NAME"


def test_no_evidence_makes_a_design_ask_another_chat_model():
    other = {"query_transformation": "hyde", "query_model": "openai:dear"}
    proposal = _propose(_evidence("recall", design=other), chat_model="openai:any")
    assert {each.design["query_model"] for each in proposal.nominations} == {"", "openai:any"}
    (excluded,) = _excluded(proposal)
    assert "--chat-model" in excluded.needs


def test_each_embedding_of_two_is_nominated_under_its_own_name(tmp_path: Path):
    proposal = _propose(embedding_url="https://a.example/v1", embedding_model="m", embedding_folder=str(tmp_path))
    used = {(each.design["embedding"], each.design["embedding_model"]) for each in proposal.nominations}
    assert {("url", "m"), ("folder", "")} <= used
    alone = _propose(embedding_folder=str(tmp_path), embedding_model="model.onnx")
    assert ("folder", "model.onnx") in {
        (each.design["embedding"], each.design["embedding_model"]) for each in alone.nominations
    }


@pytest.mark.parametrize(
    "place",
    [
        {"retrieval": "dense", "embedding": "url", "embedding_at": "https://elsewhere.example/v1"},
        {"retrieval": "dense", "embedding": "folder", "embedding_at": "/somewhere"},
        {"rerank": "url", "rerank_at": "https://elsewhere.example/v1"},
        {"rerank": "cross_encoder", "rerank_at": "/somewhere"},
        {"compression": "llmlingua", "compression_at": "/somewhere"},
    ],
)
@pytest.mark.parametrize(("step", "fact"), [("research", "nominate"), ("recall", "design")])
def test_no_evidence_makes_a_design_reach_what_the_inputs_do_not_name(place: dict[str, Any], step: str, fact: str):
    proposal = _propose(_evidence(step, **{fact: place}), embedding_url="https://other.example/v1")
    blueprint = load("rag_system")
    for each in proposal.nominations:
        assert set(blueprint.access(each.design).hosts) <= {"other.example:443"}
        assert not blueprint.access(each.design).folders
    (excluded,) = _excluded(proposal)
    assert excluded.needs.startswith("--")
    assert excluded.evidence == ("e1",)


def test_memory_of_a_given_model_is_nominated():
    won = {"retrieval": "dense", "embedding": "url", "embedding_at": "https://a.example/v1", "embedding_model": "m"}
    proposal = _propose(_evidence("recall", design=won), embedding_url="https://a.example/v1", embedding_model="m")
    assert proposal.nominations[0].seat == "memory"
    assert not _excluded(proposal)


def test_a_designs_access_is_what_it_names():
    blueprint = load("rag_system")
    both = canonical(
        Design,
        {
            "retrieval": "dense",
            "embedding": "url",
            "embedding_at": "https://a.example/v1",
            "rerank": "cross_encoder",
            "rerank_at": "/models/judge",
            "compression": "llmlingua",
            "compression_at": "/models/dropper",
        },
    )
    access = blueprint.access(both)
    assert (access.hosts, access.variables) == (("a.example:443",), ("RAG_EMBEDDING_KEY",))
    assert access.folders == (Path("/models/judge"), Path("/models/dropper"))
    urls = canonical(Design, {"rerank": "url", "rerank_at": "http://[::1]:9/v1"})
    assert blueprint.access(urls) == Access(("[::1]:9",), (), ("RAG_RERANK_KEY",))
    assert blueprint.access(BASELINE) == Access()


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ({"embedding_folder": "/no/such/folder"}, "is no folder"),
        ({"rerank_url": "rank.example/v1"}, "is no URL"),
        ({"embedding_url": "https://user:key@a.example/v1"}, "holds a user or key"),
        ({"embedding_url": "https://a.example/v1?api_key=abc"}, "holds a user or key"),
    ],
)
def test_malformed_places_are_refused_in_one_line(inputs: dict[str, str], complaint: str):
    with pytest.raises(InputError, match=complaint):
        validated(load("rag_system"), {"corpus": "docs", **inputs})


def test_without_a_library_the_designs_with_a_given_model_are_excluded(tmp_path: Path):
    missing = _evidence("framework_docs", library="fastembed", installed=False)
    proposal = _propose(missing, embedding_folder=str(tmp_path))
    assert not any(each.design["embedding"] == "folder" for each in proposal.nominations)
    assert {each.needs for each in _excluded(proposal)} == {"fastembed, not installed"}


def test_large_corpora_begin_without_minilm_and_try_shorter_vectors():
    proposal = _propose(data=LONG | {"words": 3_000_000})
    first = [each.design["embedding"] for each in proposal.nominations[:4]]
    assert "minilm" not in first
    reduced = {each.design["reduction"] for each in proposal.nominations}
    assert reduced == {"none", "pca", "truncate"}
    assert {each.design["reduction"] for each in _propose().nominations} == {"none"}


def test_source_code_begins_with_its_functions():
    code = _propose(data=LONG | {"kinds": {"code": 200, "markdown": 89}, "sectioned_share": 0.0})
    assert (code.nominations[0].design["chunking"], code.nominations[0].design["bm25_b"]) == ("headings", 0.4)
    prose = _propose(data=LONG | {"kinds": {"markdown": 289}, "sectioned_share": 0.0})
    assert not any(each.design["chunking"] == "headings" for each in prose.nominations)


@pytest.mark.parametrize("data", [LONG, SHORT])
def test_the_whole_space_is_reached(data: Any):
    designs = [each.design for each in _propose(data=data).nominations]
    wanted = {
        "chunking": {"page", "sentences", "parent_child", "semantic", "recursive", "windows"},
        "retrieval": {"bm25", "dense", "hybrid_rrf", "hybrid_weighted"},
        "second_embedding": {"none", "wordllama"},
        "feedback": {0, 5},
        "page_score": {"best", "mean_top"},
        "rerank": {"none", "late_interaction"},
    }
    assert {name: {design[name] for design in designs} >= values for name, values in wanted.items()} == dict.fromkeys(
        wanted, True
    )


def _named(goal: str) -> list[str]:
    patterns = load("rag_system").technologies.items()
    return list(dict.fromkeys(name for pattern, name in patterns if re.search(pattern, goal, re.IGNORECASE)))


def test_many_suggestions_are_capped_and_the_rest_is_named():
    items = [_evidence("read_guides", f"chunks of {size} tokens", identity=f"e{size}") for size in range(300, 310)]
    proposal = _propose(*items)
    assert sum(1 for each in proposal.nominations if 300 <= each.design["chunk_size"] < 310) == 6
    assert [finding.evidence for finding in proposal.findings] == [(f"e{size}",) for size in range(306, 310)]
