"""Technologies a request may name: those that designs can use, and those that are not measured here and why."""

from __future__ import annotations

from collections.abc import Mapping

from nonet.state import Json

MATRYOSHKA = "Matryoshka truncation"
HOSTED = "hosted embeddings"
MULTI_VECTOR = "multi-vector search"
OTHERS = "other embedding models"
PATTERNS: Mapping[str, str] = {
    r"\bhnsw\b": "HNSW",
    r"\bivf[- _]?pq\b|\bproduct quanti[sz]": "IVF-PQ",
    r"\bivf\b(?![- _]?pq)|\binverted file": "IVF",
    r"\bscalar quanti[sz]|\bsq8\b|\bint8\b": "scalar quantization",
    r"\bbinary quanti[sz]": "binary quantization",
    r"\bfaiss\b": "FAISS",
    r"\busearch\b": "usearch",
    r"\bqdrant\b": "Qdrant",
    r"\blance(db)?\b": "LanceDB",
    r"\bchroma(db)?\b": "Chroma",
    r"\bhybrid\b|\bbm25\b": "hybrid search",
    r"\brrf\b|\breciprocal rank": "reciprocal rank fusion",
    r"\bmini-?lm\b": "MiniLM",
    r"\bwordllama\b|\bstatic (embedding|vector)": "wordllama",
    r"\bmatryoshka\b|\btruncat": MATRYOSHKA,
    r"\bpca\b|\bprincipal component": "PCA",
    r"\bpgvector\b|\bpostgres": "pgvector",
    r"\bmilvus\b": "Milvus",
    r"\bpinecone\b": "Pinecone",
    r"\bweaviate\b": "Weaviate",
    r"\belastic\s?search\b": "Elasticsearch",
    r"\bopensearch\b": "OpenSearch",
    r"\bdisk-?ann\b": "DiskANN",
    r"\bscann\b": "ScaNN",
    r"\bannoy\b": "Annoy",
    r"\bfine-?tun": "fine-tuning",
    r"\bsbert\b|\bsentence-?(bert|transformers?)\b": "Sentence-BERT",
    r"\b(code|sci|legal-?)bert\b|\bbge\b|\be5\b": OTHERS,
    r"\bclip\b|\bmulti-?modal": "CLIP",
    r"\bcol-?bert|\bmulti-?vector|\blate[- ]interaction|\bmax-?sim\b": MULTI_VECTOR,
    r"\bopenai\b|\bcohere\b|\bgemini\b|\bvoyage\b": HOSTED,
}
"""Regular expression, matched in the goal whatever the case → canonical name."""

PARTS: Mapping[str, Mapping[str, Json]] = {
    "HNSW": {"engine": "faiss_hnsw"},
    "FAISS": {"engine": "faiss_hnsw"},
    "usearch": {"engine": "usearch"},
    "Qdrant": {"engine": "qdrant"},
    "LanceDB": {"engine": "lancedb"},
    "Chroma": {"engine": "chroma"},
    "pgvector": {"engine": "pgvector"},
    "IVF": {"engine": "faiss_ivf"},
    "IVF-PQ": {"engine": "faiss_ivfpq", "oversample": 10},
    "scalar quantization": {"engine": "qdrant", "quantization": "scalar"},
    "binary quantization": {"engine": "qdrant", "quantization": "binary", "oversample": 10},
}
"""Technology → the fields that use it, whatever the data."""

OF_TEXTS: Mapping[str, Mapping[str, Json]] = {
    "hybrid search": {"hybrid": "weighted"},
    "reciprocal rank fusion": {"hybrid": "rrf"},
    "MiniLM": {"embedding": "minilm"},
    "Sentence-BERT": {"embedding": "minilm"},
    "wordllama": {"embedding": "wordllama"},
    MULTI_VECTOR: {"embedding": "minilm", "multi_vector": "rerank"},
}
"""Technology → fields that need texts."""

NEEDS_TEXTS = "texts (--texts FILE): given vectors have neither words nor tokens"

REDUCTIONS: Mapping[str, str] = {MATRYOSHKA: "truncate", "PCA": "pca"}

_SERVER = "a running server: its time to answer is the network's and its machine's too, so it is measured there"
NOT_MEASURED: Mapping[str, str] = {
    "Milvus": f"{_SERVER}: --server milvus=URL; its local form (milvus-lite) searches by brute force and says nothing "
    "of its latency",
    "Pinecone": "an account, since it runs nowhere but at its provider: --server pinecone=HOST_OF_AN_INDEX",
    "Weaviate": f"{_SERVER}: --server weaviate=URL",
    "Elasticsearch": _SERVER,
    "OpenSearch": _SERVER,
    "DiskANN": "an engine that holds its graph on disk; none of those here does",
    "ScaNN": "its own wheel, which is not part of the project",
    "Annoy": "a compiler: it has no wheels",
    OTHERS: "the model's folder on this machine, in safetensors or ONNX: --model FOLDER",
    "CLIP": "its folder (--model FOLDER), which embeds texts; images are not read, their vectors can be given by "
    "--vectors and --queries",
    HOSTED: "the service's key and its model: --hosted openai:MODEL, cohere:MODEL or gemini:MODEL",
}

NEAREST: Mapping[str, str] = {
    MULTI_VECTOR: "MiniLM's token vectors stand for a model trained for late interaction (ColBERT), whose weights are "
    "not here; they order what a search by one vector a text finds (MaxSim), and an index over all of them is not "
    "measured",
    "Milvus": "its indexes (IVF, HNSW, quantized) are FAISS's and those are measured here",
    "Weaviate": "its index is HNSW with quantization, as Qdrant's, which is measured here",
    "Elasticsearch": "its index is HNSW beside BM25, measured here as hybrid search over other engines",
    "OpenSearch": "its index is HNSW (FAISS) beside BM25, measured here as hybrid search over FAISS",
}
