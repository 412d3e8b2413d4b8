"""An index that the repository's code builds today, read from the excerpts that the code search found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nonet.state import Evidence, Json

STEP = "existing_code"

_ENGINES: Sequence[tuple[str, Mapping[str, Json], str]] = (
    (r"IndexIVFPQ\(|IVF\d+,\s*PQ", {"engine": "faiss_ivfpq"}, "FAISS IVF-PQ"),
    (r"IndexIVFFlat\(|IVF\d+,\s*Flat", {"engine": "faiss_ivf"}, "FAISS IVF"),
    (r"IndexHNSWFlat\(|[\"']HNSW\d+", {"engine": "faiss_hnsw"}, "FAISS HNSW"),
    (r"IndexScalarQuantizer\(|[\"']SQ8[\"']", {"engine": "faiss_sq8"}, "FAISS SQ8"),
    (r"IndexFlat(IP|L2)?\(|[\"']Flat[\"']", {"engine": "faiss_flat"}, "FAISS flat"),
    (r"\busearch\b", {"engine": "usearch"}, "usearch"),
    (r"BinaryQuantization", {"engine": "qdrant", "quantization": "binary"}, "Qdrant, binary"),
    (r"ScalarQuantization", {"engine": "qdrant", "quantization": "scalar"}, "Qdrant, scalar"),
    (r"\bQdrantClient\(|\bqdrant_(client|edge)\b|\bEdgeShard\b", {"engine": "qdrant"}, "Qdrant"),
    (r"\blancedb\b", {"engine": "lancedb"}, "LanceDB"),
    (r"\bchromadb\b|\bChroma\(", {"engine": "chroma"}, "Chroma"),
    (r"vector_(cosine|l2|ip)_ops|\bpgvector\b", {"engine": "pgvector"}, "pgvector"),
)
_ELSEWHERE: Mapping[str, str] = {
    r"\bhnswlib\b": "hnswlib",
    r"\bpymilvus\b|\bMilvusClient\(": "Milvus",
    r"\bPinecone\(|\bpinecone\b": "Pinecone",
    r"\bweaviate\b": "Weaviate",
}
"""What stands in code and runs nowhere here → its name; the graph's numbers beside it are kept."""
_NUMBERS: Sequence[tuple[str, str]] = (
    ("hnsw_m", r"\b(?:M|m|hnsw_m|connectivity|max_neighbors|max_connections|maxConnections)\s*[=:]\s*(\d+)"),
    ("hnsw_m", r"IndexHNSWFlat\(\s*[^,()]+,\s*(\d+)"),
    ("hnsw_m", r"[\"']HNSW(\d+)"),
    ("hnsw_m", r"hnsw:M[\"']\s*:\s*(\d+)"),
    ("ef_construction", r"(?:ef_?construct(?:ion)?|efConstruction|expansion_add)[\"']?\s*[=:]\s*(\d+)"),
    ("ef_search", r"(?:ef_?search|efSearch|hnsw_ef|expansion_search|hnsw:search_ef)[\"']?\s*[=:]\s*(\d+)"),
    ("lists", r"(?:nlist|num_partitions|n_lists)\s*[=:]\s*(\d+)"),
    ("lists", r"IndexIVF(?:Flat|PQ)\(\s*[^,()]+,\s*[^,()]+,\s*(\d+)"),
    ("lists", r"[\"']IVF(\d+),"),
    ("probes", r"nprobes?\s*[=:]\s*(\d+)"),
)


@dataclass(frozen=True)
class Existing:
    """What was recognised.

    Attributes:
        fields: of the design it comes to.
        name: what it is called.
        missing: what it would need to be measured as it is; "" where it can be.
        references: where it stands.
        evidence: ids of what says so.
    """

    fields: Mapping[str, Json]
    name: str
    missing: str
    references: tuple[str, ...]
    evidence: tuple[str, ...]


def recognise(evidence: Sequence[Evidence]) -> Existing | None:
    """Return the index that the code builds; the first engine in the order of the list above where several stand."""
    items = [item for item in evidence if item.step == STEP]
    for pattern, fields, name in _ENGINES:
        if found := [item for item in items if re.search(pattern, item.excerpt)]:
            return _existing({**fields, **_numbers(found)}, name, "", found)
    for pattern, name in _ELSEWHERE.items():
        if found := [item for item in items if re.search(pattern, item.excerpt)]:
            needs = f"{name}: it is not among the engines that run here"
            return _existing({"engine": "faiss_hnsw", **_numbers(found)}, name, needs, found)
    return None


def _existing(fields: Mapping[str, Json], name: str, missing: str, found: Sequence[Evidence]) -> Existing:
    references = tuple(dict.fromkeys(item.reference for item in found))
    return Existing(fields, name, missing, references, tuple(item.id for item in found))


def _numbers(found: Sequence[Evidence]) -> dict[str, Json]:
    """Read the index's numbers, each where it first stands."""
    text = "\n".join(item.excerpt for item in found)
    numbers: dict[str, Json] = {}
    for name, pattern in _NUMBERS:
        match = re.search(pattern, text)
        if match and name not in numbers:
            numbers[name] = int(match[1])
    return numbers
