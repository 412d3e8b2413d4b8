"""Existing systems, read from small repositories by the step's own specialist and tool, become candidates."""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nonet.agents.code_reader import code_reader
from nonet.agents.specialist import Task
from nonet.blueprints import load
from nonet.blueprints.rag_system.design import BASELINE, Design
from nonet.graphs.rag_system import CODE
from nonet.state import Brief
from nonet.trials.contract import Proposal
from nonet.trials.space import canonical, key

MINILM = "sentence-transformers/all-MiniLM-L6-v2"

LANGCHAIN = {
    "app/settings.py": """
        from pydantic_settings import BaseSettings

        class Settings(BaseSettings):
            chunk_size: int = 800
            chunk_overlap: int = 80
            embedding_model: str = "sentence-transformers/all-MiniLM-L6-v2"
            top_k: int = 8

        settings = Settings()
        """,
    "app/ingest.py": '''
        """Builds the index. RecursiveCharacterTextSplitter(chunk_size=1) would be too small."""
        from langchain_community.document_loaders import DirectoryLoader
        from langchain_community.vectorstores import FAISS
        from langchain_huggingface import HuggingFaceEmbeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        from app.settings import settings


        def build(folder):
            documents = DirectoryLoader(folder).load()
            splitter = RecursiveCharacterTextSplitter(
                chunk_size=settings.chunk_size,  # not CharacterTextSplitter(chunk_size=1)
                chunk_overlap=settings.chunk_overlap,
            )
            chunks = splitter.split_documents(documents)
            embeddings = HuggingFaceEmbeddings(model_name=settings.embedding_model)
            return FAISS.from_documents(chunks, embeddings), chunks
        ''',
    "app/search.py": """
        from langchain.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever


        def retriever(store, chunks):
            words = BM25Retriever.from_documents(chunks, bm25_params={"k1": 1.2, "b": 0.6})
            dense = store.as_retriever(search_kwargs={"k": 8})
            return EnsembleRetriever(retrievers=[words, dense], weights=[0.5, 0.5], c=40)
        """,
    "tests/test_ingest.py": """
        def test_small():
            splitter = CharacterTextSplitter(chunk_size=10, chunk_overlap=0)
        """,
}
PARENTS = {
    "index.py": """
        child = RecursiveCharacterTextSplitter(chunk_size=400)
        parent = RecursiveCharacterTextSplitter(chunk_size=2000)
        store = Chroma(collection_name="docs", embedding_function=HuggingFaceEmbeddings(model_name="all-MiniLM-L6-v2"))
        retriever = ParentDocumentRetriever(
            vectorstore=store,
            docstore=InMemoryStore(),
            child_splitter=child,
            parent_splitter=parent,
        )
        """
}
LLAMA_INDEX = {
    "rag/index.py": """
        import os

        from llama_index.core import Settings, SimpleDirectoryReader, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        CHUNK = int(os.getenv("CHUNK_TOKENS", "512"))
        Settings.embed_model = HuggingFaceEmbedding(model_name="sentence-transformers/all-MiniLM-L6-v2")
        parser = SentenceSplitter(chunk_size=CHUNK, chunk_overlap=CHUNK // 8)
        nodes = parser.get_nodes_from_documents(SimpleDirectoryReader("docs").load_data())
        index = VectorStoreIndex(nodes)
        engine = index.as_query_engine(similarity_top_k=6)
        """
}
PLAIN = {
    "config.yaml": """
        chunking:
          size: 900
          overlap: 150
        model: all-MiniLM-L6-v2
        """,
    "search.py": """
        import faiss
        import yaml
        from sentence_transformers import SentenceTransformer

        config = yaml.safe_load(open("config.yaml"))
        model = SentenceTransformer(config["model"])


        def chunk_text(text):
            size, overlap = config["chunking"]["size"], config["chunking"]["overlap"]
            return [text[i : i + size] for i in range(0, len(text), size - overlap)]


        def build(texts):
            vectors = model.encode([c for t in texts for c in chunk_text(t)], normalize_embeddings=True)
            index = faiss.IndexFlatIP(vectors.shape[1])
            index.add(vectors)
            return index
        """,
}
HAYSTACK = {
    "pipelines/indexing.py": """
        from haystack.components.embedders import SentenceTransformersDocumentEmbedder
        from haystack.components.preprocessors import DocumentSplitter

        pipeline.add_component("split", DocumentSplitter(split_by="word", split_length=150, split_overlap=30))
        pipeline.add_component("embed", SentenceTransformersDocumentEmbedder(model=MODEL))
        """,
    "pipelines/constants.py": 'MODEL = "sentence-transformers/all-MiniLM-L6-v2"\n',
    "pipelines/query.py": """
        store = InMemoryDocumentStore()
        query.add_component("retrieve", InMemoryEmbeddingRetriever(document_store=store, top_k=5))
        """,
}
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "source": ["# CharacterTextSplitter(chunk_size=5) was tried"]},
            {"cell_type": "code", "source": ["import bm25s\n", "words = text.split()\n"]},
            {
                "cell_type": "code",
                "source": [
                    "SIZE = 100\n",
                    "parts = [words[i : i + SIZE] for i in range(0, len(words), SIZE)]\n",
                    "retriever = bm25s.BM25(k1=1.3, b=0.7)\n",
                ],
            },
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)


@pytest.fixture
def proposed(tmp_path: Path, context: Callable[..., Any]) -> Callable[..., Proposal]:
    """Write a repository, search it as the step does, and propose."""

    def propose(files: Mapping[str, str], **inputs: Any) -> Proposal:
        repository = tmp_path / "repository"
        for name, text in files.items():
            (repository / name).parent.mkdir(parents=True, exist_ok=True)
            (repository / name).write_text(textwrap.dedent(text).lstrip())
        found = asyncio.run(code_reader.run(Task("existing_code", "", CODE), context(repository=repository)))
        assert not [note for note in found.notes if "failed" in note]
        blueprint = load("rag_system")
        given = blueprint.Inputs(corpus="docs", repo=str(repository), **inputs)
        brief = Brief(workflow="rag_system", goal="", inputs={})
        return blueprint.propose(brief, given, found.evidence, {"words_p90": 1000})

    return propose


DENSE = {"retrieval": "dense", "embedding": "minilm"}


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        pytest.param(
            LANGCHAIN,
            {
                "chunking": "recursive",
                "chunk_unit": "characters",
                "chunk_size": 800,
                "chunk_overlap": 80,
                "retrieval": "hybrid_rrf",
                "embedding": "minilm",
                "rrf_k": 40,
                "bm25_b": 0.6,
            },
            id="LangChain",
        ),
        pytest.param(
            PARENTS,
            {"chunking": "parent_child", "chunk_unit": "characters", "chunk_size": 400, "parent_size": 2000, **DENSE},
            id="LangChain, parents",
        ),
        pytest.param(
            LLAMA_INDEX,
            {"chunking": "sentences", "chunk_unit": "tokens", "chunk_size": 512, "chunk_overlap": 64, **DENSE},
            id="LlamaIndex",
        ),
        pytest.param(
            PLAIN,
            {"chunking": "fixed", "chunk_unit": "characters", "chunk_size": 900, "chunk_overlap": 150, **DENSE},
            id="sentence-transformers and faiss",
        ),
        pytest.param(
            HAYSTACK,
            {"chunking": "windows", "chunk_unit": "words", "chunk_size": 150, "chunk_overlap": 30, **DENSE},
            id="Haystack",
        ),
        pytest.param(
            {"explore.ipynb": NOTEBOOK},
            {"chunking": "windows", "chunk_unit": "words", "chunk_size": 100, "bm25_k1": 1.3, "bm25_b": 0.7},
            id="a notebook",
        ),
    ],
)
def test_a_repositorys_system_is_the_baseline(
    proposed: Callable[..., Proposal], files: Mapping[str, str], fields: dict[str, Any]
):
    proposal = proposed(files)
    wanted = canonical(Design, {**BASELINE, "title_prefix": False, **fields})
    assert proposal.baseline.design == wanted, [each.needs for each in proposal.exclusions]
    assert proposal.baseline.seat == "existing"
    assert key(dict(BASELINE)) in {key(each.design) for each in proposal.nominations}


FOREIGN = {
    "app.py": """
        embeddings = OpenAIEmbeddings(model="text-embedding-3-small", base_url=os.environ["EMBEDDINGS"])
        splitter = CharacterTextSplitter.from_tiktoken_encoder(chunk_size=300, chunk_overlap=30)
        store = Chroma.from_documents(splitter.split_documents(documents), embeddings)
        words = BM25Retriever.from_documents(documents)
        both = EnsembleRetriever(retrievers=[words, store.as_retriever()], weights=[0.3, 0.7])
        reranked = ContextualCompressionRetriever(
            base_compressor=CohereRerank(model="rerank-v3.5", top_n=5), base_retriever=both
        )
        """
}


def test_what_is_not_here_is_named_and_the_nearest_is_a_candidate_under_that_name(proposed: Callable[..., Proposal]):
    proposal = proposed(FOREIGN)
    assert proposal.baseline.design == BASELINE
    (excluded,) = [each for each in proposal.exclusions if each.what.startswith("the existing system (app.py:")]
    for missing in (
        "the embedding OpenAIEmbeddings (text-embedding-3-small): --embedding-url and --embedding-model",
        "the unequal weights of its reciprocal rank fusion (0.3, 0.7)",
        "the reranker CohereRerank (rerank-v3.5): --rerank-url and --rerank-model",
    ):
        assert missing in excluded.needs
    (nearest,) = [each for each in proposal.nominations if each.seat == "existing"]
    assert "not that system: it lacks the embedding OpenAIEmbeddings" in nearest.reason
    fields = {"chunking": "fixed", "chunk_unit": "tokens", "chunk_size": 300, "chunk_overlap": 30}
    wanted = {**fields, "retrieval": "hybrid_rrf", "rrf_k": 60, "embedding": "minilm", "bm25_k1": 1.5}
    assert nearest.design == canonical(Design, {**BASELINE, **wanted, "title_prefix": False})


def test_models_that_the_inputs_give_stand_for_its_own(proposed: Callable[..., Proposal], tmp_path: Path):
    even = {"app.py": FOREIGN["app.py"].replace("[0.3, 0.7]", "[0.5, 0.5]")}
    url = {"embedding_url": "http://localhost:1/v1", "rerank_url": "http://localhost:2/v1", "rerank_model": "judge"}
    baseline = proposed(even, **url).baseline
    assert baseline.seat == "existing"
    design = baseline.design
    assert (design["embedding"], design["embedding_model"]) == ("url", "text-embedding-3-small")
    assert (design["rerank"], design["rerank_model"], design["rerank_weight"]) == ("url", "judge", 1.0)
    # A folder does not stand for a model behind a URL.
    assert proposed(even, embedding_folder=str(tmp_path)).baseline.design == BASELINE


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("CharacterTextSplitter(separator='', chunk_size=500, chunk_overlap=50)", ("fixed", "characters", 500, 50)),
        ("NLTKTextSplitter(chunk_size=700)", ("sentences", "characters", 700, 200)),
        ("SpacyTextSplitter(chunk_size=700, chunk_overlap=0)", ("sentences", "characters", 700, 0)),
        ("SentenceTransformersTokenTextSplitter(tokens_per_chunk=200)", ("fixed", "tokens", 200, 50)),
        ("TokenTextSplitter(chunk_size=256, chunk_overlap=16)", ("fixed", "tokens", 256, 16)),
        ("from llama_index.core import x\nTokenTextSplitter(chunk_size=256)", ("windows", "tokens", 256, 20)),
        ("SentenceSplitter()", ("sentences", "tokens", 1024, 200)),
        ("SentenceSplitter(256, 32)", ("sentences", "tokens", 256, 32)),
        (
            "RecursiveCharacterTextSplitter(chunk_size=90, chunk_overlap=9, length_function=lambda t: len(t.split()))",
            ("recursive", "words", 90, 9),
        ),
        ("RecursiveDocumentSplitter(split_length=120)", ("recursive", "words", 120, 0)),
        (
            "MarkdownHeaderTextSplitter(headers)\nRecursiveCharacterTextSplitter(chunk_size=1500)",
            ("headings", "characters", 1500, 0),
        ),
        (
            "def cut(words, size=80, step=60):\n    return [words[i : i + size] for i in range(0, len(words), step)]",
            ("windows", "words", 80, 20),
        ),
        (
            "parser.add_argument('--chunk-size', type=int, default=640)\n"
            "SentenceSplitter(chunk_size=args.chunk_size, chunk_overlap=0)",
            ("sentences", "tokens", 640, 0),
        ),
    ],
)
def test_splitters_and_their_sizes(proposed: Callable[..., Proposal], code: str, fields: tuple[Any, ...]):
    design = proposed({"a.py": f"{code}\nmodel = SentenceTransformer('{MINILM}')\n"}).baseline.design
    assert tuple(design[f"chunk{name}"] for name in ("ing", "_unit", "_size", "_overlap")) == fields


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("SemanticChunker(e, breakpoint_threshold_amount=90)", {"chunking": "semantic", "semantic_percentile": 90}),
        (
            "SemanticSplitterNodeParser(breakpoint_percentile_threshold=85, embed_model=e)",
            {"chunking": "semantic", "semantic_percentile": 85},
        ),
        ("EnsembleRetriever(retrievers=r)\nBM25Retriever(docs)", {"retrieval": "hybrid_rrf", "rrf_k": 60}),
        (
            "QueryFusionRetriever([v, BM25Retriever(n)], mode='reciprocal_rerank', num_queries=1)",
            {"retrieval": "hybrid_rrf", "rrf_k": 60},
        ),
        (
            "retriever = QueryFusionRetriever(\n    [v, BM25Retriever(n)],\n    mode='relative_score',\n"
            "    num_queries=1,\n    retriever_weights=[0.6, 0.4],\n)",
            {"retrieval": "hybrid_weighted", "dense_weight": 0.6},
        ),
        ("c.query.hybrid(query=q, alpha=0.75)", {"retrieval": "hybrid_weighted", "dense_weight": 0.75}),
        (
            "index = BM25Okapi(t)\nfor rank, d in enumerate(r):\n    s[d] += 1 / (K + rank)\nK = 20",
            {"retrieval": "hybrid_rrf", "rrf_k": 20},
        ),
        (
            "index = BM25Okapi(t)\nALPHA = 0.7\nscore = ALPHA * dense_score + (1 - ALPHA) * bm25_score",
            {"retrieval": "hybrid_weighted", "dense_weight": 0.7},
        ),
        ("LongContextReorder()", {"retrieval": "dense", "order": "edges"}),
    ],
)
def test_retrieval_and_what_follows_it(proposed: Callable[..., Proposal], code: str, fields: dict[str, Any]):
    proposal = proposed({"a.py": f"{code}\nmodel = SentenceTransformer('{MINILM}')\n"})
    assert proposal.baseline.seat == "existing", [each.needs for each in proposal.exclusions]
    assert {name: proposal.baseline.design[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("code", "needs", "fields"),
    [
        ("r = s.as_retriever(search_type='mmr')", "maximal marginal relevance", {"retrieval": "dense"}),
        ("SentenceWindowNodeParser(window_size=2)", "single sentences as chunks", {"parent_size": 125}),
        (
            "HierarchicalNodeParser.from_defaults(chunk_sizes=[1024, 256, 64])",
            "the merging of leaves",
            {"chunking": "parent_child", "chunk_size": 64, "parent_size": 256},
        ),
        (
            "SemanticChunker(e, breakpoint_threshold_type='gradient')",
            "the breakpoints of SemanticChunker by gradient",
            {"chunking": "semantic"},
        ),
        ("DocumentSplitter(split_by='sentence', split_length=5)", "chunks of 5 × sentence", {"chunk_size": 100}),
        ("reranker = CrossEncoder('ms-marco')", "the reranker CrossEncoder (ms-marco): --rerank-folder", {}),
        ("RAGPretrainedModel.from_pretrained('colbert')", "RAGPretrainedModel", {"rerank": "late_interaction"}),
        ("MultiQueryRetriever.from_llm(r, llm)", "questions that a chat model rewrites", {}),
        ("QueryFusionRetriever([v, BM25Retriever(n)])", "questions that a chat model adds", {}),
        ("SentenceSplitter(chunk_size=cfg.unknown)", "the value of cfg.unknown", {"chunk_size": 1024}),
        ("TfidfVectorizer()", "the lexical search TfidfVectorizer", {}),
    ],
)
def test_parts_that_are_not_held_leave_the_nearest(
    proposed: Callable[..., Proposal], code: str, needs: str, fields: dict[str, Any]
):
    proposal = proposed({"a.py": f"{code}\nmodel = SentenceTransformer('{MINILM}')\n"})
    assert proposal.baseline.design == BASELINE
    assert any(needs in each.needs for each in proposal.exclusions if "the existing system" in each.what)
    (nearest,) = [each for each in proposal.nominations if each.seat == "existing"]
    assert {name: nearest.design[name] for name in fields} == fields


def test_defaults_of_llama_index_are_a_system_too(proposed: Callable[..., Proposal]):
    proposal = proposed({"a.py": "Settings.chunk_size = 256\nindex = VectorStoreIndex.from_documents(documents)\n"})
    (nearest,) = [each for each in proposal.nominations if each.seat == "existing"]
    assert (nearest.design["chunking"], nearest.design["chunk_size"]) == ("sentences", 256)
    assert "OpenAIEmbedding (LlamaIndex' default)" in nearest.reason


def test_chromas_default_model_is_minilm(proposed: Callable[..., Proposal]):
    code = "import chromadb\ncollection = chromadb.PersistentClient('db').get_or_create_collection('docs')\n"
    assert proposed({"a.py": code}).baseline.design["embedding"] == "minilm"


@pytest.mark.parametrize(
    "code",
    [
        "from langchain_text_splitters import RecursiveCharacterTextSplitter\n",
        "class SentenceSplitter:\n    pass\n\ndef CrossEncoder(x):\n    return x\n",
        '"""Use SentenceTransformer("all-MiniLM-L6-v2") or FAISS.from_documents(chunks)."""\n',
        "# splitter = TokenTextSplitter(chunk_size=10)\n",
    ],
)
def test_what_is_only_spoken_of_is_no_system(proposed: Callable[..., Proposal], code: str):
    proposal = proposed({"a.py": code})
    assert proposal.baseline.design == BASELINE
    assert not [each for each in proposal.nominations if each.seat == "existing"]
    assert any("No retrieval system was recognised" in finding.text for finding in proposal.findings)


def test_configuration_goes_before_the_defaults_of_the_code(proposed: Callable[..., Proposal]):
    code = "def build(chunk_size=512):\n    SentenceSplitter(chunk_size=chunk_size)\n"
    code += f"m = SentenceTransformer('{MINILM}')\n"
    assert proposed({"a.py": code}).baseline.design["chunk_size"] == 512
    settings = {"a.py": code, "settings.toml": "[index]\nchunk_size = 384\n"}
    assert proposed(settings).baseline.design["chunk_size"] == 384
