"""How an existing system finds passages: lexical search, vectors, their fusion, the store, and what follows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nonet.blueprints.rag_system.existing.code import Call
from nonet.blueprints.rag_system.existing.system import Existing
from nonet.blueprints.rag_system.existing.values import Unknown, Values

_BM25: Mapping[str, tuple[float, float]] = {
    "BM25Retriever": (1.5, 0.75),
    "BM25Okapi": (1.5, 0.75),
    "BM25": (1.5, 0.75),
    "BM25SRetriever": (1.5, 0.75),
    "ElasticSearchBM25Retriever": (1.2, 0.75),
    "ElasticsearchBM25Retriever": (1.2, 0.75),
    "OpenSearchBM25Retriever": (1.2, 0.75),
}
"""Class → its k1 and b."""
_OTHER_LEXICAL = (
    "BM25Plus|BM25L|TfidfVectorizer|TFIDFRetriever|InMemoryBM25Retriever|SVMRetriever|FastEmbedSparse|"
    "SparseTextEmbedding|PineconeHybridSearchRetriever|BM25Encoder|SpladeEncoder"
)
_STORES = (
    "FAISS|Chroma|ChromaVectorStore|Qdrant|QdrantVectorStore|QdrantClient|Milvus|MilvusVectorStore|Pinecone\\w*|"
    "Weaviate\\w*|PGVector\\w*|InMemoryVectorStore|LanceDB\\w*|Redis\\w*|ElasticsearchStore|OpenSearchVectorSearch|"
    "InMemoryDocumentStore|\\w+DocumentStore|VectorStoreIndex|Index(Flat|IVF|HNSW|PQ|ID)\\w*|index_factory|"
    "PersistentClient|AnnoyIndex|SimpleVectorStore|FaissVectorStore|SupabaseVectorStore"
)
_NOT_HELD: Mapping[str, str] = {
    "MultiQueryRetriever": "questions that a chat model rewrites (MultiQueryRetriever)",
    "HypotheticalDocumentEmbedder": "passages that a chat model imagines (HyDE)",
    "HyDEQueryTransform": "passages that a chat model imagines (HyDE)",
    "SelfQueryRetriever": "filters that a chat model writes (SelfQueryRetriever)",
    "TimeWeightedVectorStoreRetriever": "a weight for age (TimeWeightedVectorStoreRetriever)",
    "AutoMergingRetriever": "the merging of leaves only where enough of them match (the parent of every leaf is read)",
    "KnowledgeGraphIndex": "a graph of entities (KnowledgeGraphIndex)",
    "PropertyGraphIndex": "a graph of entities (PropertyGraphIndex)",
    "MultiVectorRetriever": "vectors of summaries (MultiVectorRetriever)",
    "EmbeddingsFilter": "a threshold of similarity (EmbeddingsFilter)",
    "LLMChainExtractor": "extracts that a chat model writes (LLMChainExtractor)",
}
_MMR = re.compile(
    r"search_type\s*=\s*[\"']mmr[\"']|max_marginal_relevance_search|vector_store_query_mode\s*=\s*[\"']mmr"
)
_RRF = re.compile(
    r"1(?:\.0)?\s*/\s*\(\s*(?P<left>\w+)\s*\+\s*(?:[\w+ ]*rank\w*|\w+\s*\+\s*1)"
    r"|/\s*\(\s*rank\w*\s*\+\s*(?P<k>\w+)"
)
_WEIGHTED = re.compile(
    r"(?P<weight>[\w.]+)\s*\*\s*\w*(?P<kind>dense|vector|semantic|embed|cos|sim|bm25|lex|sparse|keyword)\w*[^\n+]*\+\s*"
    r"\(\s*1(?:\.0)?\s*-\s*(?P=weight)\s*\)\s*\*"
)
NAMES = re.compile(
    "|".join((*_BM25, _OTHER_LEXICAL, _STORES, *_NOT_HELD, "EnsembleRetriever|QueryFusionRetriever|DocumentJoiner"))
)


def read(found: Sequence[Call], values: Values, code: str, vectors: bool, system: Existing) -> None:
    """Put lexical search, vectors and fusion into a system's fields."""
    lexical = next((call for call in found if call.name in _BM25), None)
    other = next((call for call in found if re.fullmatch(_OTHER_LEXICAL, call.name)), None)
    if lexical is not None:
        system.parts.append(f"lexical search {lexical.name}")
        _read_bm25(lexical, values, system)
    elif other is not None:
        system.parts.append(f"lexical search {other.name}")
        system.missing.append(f"the lexical search {other.name} (BM25 as it is here stands in for it)")
    _read_store(found, system)
    both = lexical is not None or other is not None
    if both and vectors:
        _read_fusion(found, values, code, system)
    elif not _read_service_hybrid(found, values, system):
        if vectors:
            system.fields["retrieval"] = "dense"
        elif both:
            system.fields["retrieval"] = "bm25"
        elif system.parts:
            system.missing.append("its retrieval, which was not recognised")
    _read_what_follows(found, code, system)


def _read_bm25(call: Call, values: Values, system: Existing) -> None:
    """``k1`` and ``b``, given by name or in LangChain's ``bm25_params``."""
    for name, default in zip(("k1", "b"), _BM25[call.name], strict=True):
        given = call.given(name)
        params = call.given("bm25_params", "bm25_parameters")
        if given is None and params is not None:
            pairs = zip(getattr(params, "keys", []), getattr(params, "values", []), strict=False)
            given = next((value for key, value in pairs if getattr(key, "value", None) == name), None)
        system.fields[f"bm25_{name}"] = float(system.known(values.number(given, default), default))


def _read_store(found: Sequence[Call], system: Existing) -> None:
    stores = [call.name for call in found if re.fullmatch(_STORES, call.name)]
    if not stores:
        return
    system.parts += [f"vector store {name}" for name in dict.fromkeys(stores)]
    system.remarks.append("Its vectors are searched exactly here, which the store may only approximate.")


def _read_fusion(found: Sequence[Call], values: Values, code: str, system: Existing) -> None:
    """How the two rankings are joined: LangChain's weighted RRF, LlamaIndex' modes, Haystack's, or by hand."""
    call = next((call for call in found if call.name in _FUSIONS), None)
    if call is not None:
        system.parts.append(f"fusion {call.name}")
        _FUSIONS[call.name](call, values, system)
    elif _read_service_hybrid(found, values, system):
        return
    elif (match := _RRF.search(code)) is not None:
        system.parts.append("fusion by reciprocal ranks, by hand")
        _rrf(_constant(match, values), system)
    elif (match := _WEIGHTED.search(code)) is not None:
        system.parts.append("fusion by a weighted sum, by hand")
        weight = values.named(match["weight"]) if not match["weight"][0].isdigit() else float(match["weight"])
        share = system.known(weight if isinstance(weight, int | float | Unknown) else None, 0.5)
        lexical_first = match["kind"] in ("bm25", "lex", "sparse", "keyword")
        _weighted(1 - share if lexical_first else share, system)
        system.remarks.append("Both scores are brought to [0, 1] by minimum and maximum before they are added.")
    else:
        system.missing.append("the way its two rankings are joined, which was not recognised")
        _rrf(60, system)


def _ensemble(call: Call, values: Values, system: Existing) -> None:
    """LangChain's ``EnsembleRetriever``: a weighted sum of 1 / (c + rank)."""
    weights = values.numbers(call.given("weights"))
    if isinstance(weights, Sequence) and len({*weights}) > 1:
        shown = ", ".join(f"{weight:g}" for weight in weights)
        system.missing.append(f"the unequal weights of its reciprocal rank fusion ({shown}); here both weigh the same")
    elif isinstance(weights, Unknown):
        system.missing.append(f"the value of {weights.text}")
    if isinstance(weights, Sequence) and len(weights) > 2:
        system.missing.append(f"its {len(weights)} rankings")
    _rrf(system.known(values.number(call.given("c"), 60), 60), system)


def _query_fusion(call: Call, values: Values, system: Existing) -> None:
    """LlamaIndex' ``QueryFusionRetriever``: four generated questions unless ``num_queries=1``."""
    asked = values.number(call.given("num_queries"), 4)
    if asked != 1:
        system.missing.append("questions that a chat model adds (num_queries of QueryFusionRetriever is not 1)")
    mode = str(values.of(call.given("mode"), "simple")).rpartition(".")[2].lower()
    weights = values.numbers(call.given("retriever_weights"))
    if mode in ("reciprocal_rerank", "reciprocal_rank"):
        _rrf(60, system)
    elif mode == "relative_score" and (weights is None or isinstance(weights, Sequence)):
        _weighted(weights[0] / sum(weights) if weights and sum(weights) else 0.5, system)
        system.remarks.append("The first of its retrievers is taken to be the one by vectors.")
    else:
        system.missing.append(f"the fusion mode {mode}")
        _rrf(60, system)


def _joiner(call: Call, values: Values, system: Existing) -> None:
    """Haystack's ``DocumentJoiner``."""
    mode = str(values.of(call.given("join_mode"), "concatenate")).lower()
    weights = values.numbers(call.given("weights"))
    if mode != "reciprocal_rank_fusion":
        system.missing.append(f"the join mode {mode}")
    elif isinstance(weights, Sequence) and len({*weights}) > 1:
        system.missing.append("the unequal weights of its reciprocal rank fusion; here both weigh the same")
    _rrf(61, system)


_FUSIONS = {"EnsembleRetriever": _ensemble, "QueryFusionRetriever": _query_fusion, "DocumentJoiner": _joiner}


def _read_service_hybrid(found: Sequence[Call], values: Values, system: Existing) -> bool:
    """Weaviate's hybrid search: relative scores, that is minimum and maximum, with ``alpha`` for the vectors."""
    call = next(
        (c for c in found if c.name == "WeaviateHybridSearchRetriever" or (c.name == "hybrid" and c.module)), None
    )
    if call is None:
        return False
    system.parts.append("hybrid search of the vector store")
    _weighted(system.known(values.number(call.given("alpha"), 0.5), 0.5), system)
    return True


def _read_what_follows(found: Sequence[Call], code: str, system: Existing) -> None:
    if _MMR.search(code):
        system.parts.append("maximal marginal relevance")
        system.missing.append("maximal marginal relevance, which is not in the design space")
    for call in found:
        if call.name in _NOT_HELD:
            system.parts.append(call.name)
            system.missing.append(_NOT_HELD[call.name])
        elif call.name in ("LongContextReorder", "LostInTheMiddleRanker"):
            system.parts.append(call.name)
            system.fields["order"] = "edges"


def _constant(match: re.Match[str], values: Values) -> float:
    names = [name for name in (match["k"], match["left"]) if name and "rank" not in name]
    value = (float(names[0]) if names[0].isdigit() else values.named(names[0])) if names else 60
    return value if isinstance(value, int | float) else 60


def _rrf(constant: float, system: Existing) -> None:
    system.fields |= {"retrieval": "hybrid_rrf", "rrf_k": max(1, round(constant))}


def _weighted(share: float, system: Existing) -> None:
    system.fields |= {"retrieval": "hybrid_weighted", "dense_weight": round(min(1.0, max(0.0, share)), 4)}
