"""What a person gives: vectors or texts, and, if there are any, payloads, queries, relevant documents and a scale."""

from __future__ import annotations

import re
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from nonet.blueprints.vector_database import servers

_SCALE = re.compile(r"(\d+(?:[._,]\d+)*)\s*([kKmMbB]?)")
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}


class Inputs(BaseModel):
    """The inputs of ``vector_database``; the fields are the command's options and the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vectors: str | None = Field(
        default=None,
        description="Vectors to search: .npy of shape (rows, width), .parquet with one column of lists (and an id "
        "column, if any), or .fvecs.",
        json_schema_extra={"path": True, "model": True, "alternative": "data"},
    )
    texts: str | None = Field(
        default=None,
        description='Texts to embed and search instead: JSONL {"id", "text", "title"?}.',
        json_schema_extra={"path": True, "alternative": "data"},
    )
    queries: str | None = Field(
        default=None,
        description="Queries: vectors in one of those formats, or for texts JSONL {id, text}. Without it a share of "
        "the vectors is held out, or questions are made of the texts.",
        json_schema_extra={"path": True, "labels": True},
    )
    relevant: str | None = Field(
        default=None,
        description="Relevant texts of the queries: TSV query-id, text-id, grade (qrels), or JSONL {id, relevant: "
        "[text id or {doc, grade}]}.",
        json_schema_extra={"path": True, "labels": True},
    )
    payloads: str | None = Field(
        default=None,
        description="Payloads to filter by: JSONL, one object of scalars for each vector or text, in their order.",
        json_schema_extra={"path": True},
    )
    log: str | None = Field(
        default=None,
        description="Questions in the order they came, repeats as they came: JSONL {text}, or vectors. By them a cache "
        "of answers is measured: how often it hits, and what it costs in recall.",
        json_schema_extra={"path": True, "labels": True},
    )
    metric: Literal["cosine", "dot", "l2", "l1"] = Field(
        default="cosine", description="How vectors are compared: cosine, dot product, Euclidean or L1 distance."
    )
    embeddings: str = Field(
        default="auto",
        description="Models to embed texts with, separated by commas: wordllama, minilm; auto takes both unless the "
        "texts are so long that MiniLM would take hours.",
    )
    filtered_recall: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="Where payloads are given: the least recall@10 under the filter for which it is lowest; it counts "
        "as a target does. 0 asks for none.",
    )
    scale: str | None = Field(
        default=None,
        description="How many rows to plan for, such as 10M: size, build time and latency are extrapolated to it from "
        "builds of several sizes.",
    )
    scale_latency_ms: float = Field(
        default=50.0,
        ge=0,
        description="Where a scale is given: the engine's median latency at that scale, extrapolated, that may not be "
        "exceeded; it counts as a target does. 0 asks for none.",
    )
    price_per_gb_hour: float | None = Field(
        default=None, gt=0, description="What a gigabyte of memory costs an hour, in any currency: the scale's cost."
    )
    replicas: int = Field(default=2, ge=1, le=100, description="Copies of every shard to plan the scale for.")
    server: list[str] = Field(
        default=[],
        description="A server as a candidate, KIND=URL, once for each: qdrant, milvus, weaviate, pinecone (the host of "
        "an index of yours), pgvector (postgresql://USER@HOST/DATABASE). Keys: QDRANT_API_KEY, MILVUS_TOKEN, "
        "WEAVIATE_API_KEY, PINECONE_API_KEY, PGPASSWORD. What is made there has names of ours and is removed.",
    )
    repo: str | None = Field(
        default=None,
        description="Repository of an existing system, whose index becomes the baseline where it can run here.",
        json_schema_extra={"path": True, "repository": True},
    )

    @field_validator("server", mode="before")
    @classmethod
    def _lines(cls, value: Any) -> Any:
        """Read ``qdrant=http://…, milvus=http://…`` as two: a form's answer is one line."""
        names = cast("Any", value.split(",") if isinstance(value, str) else value)
        if not isinstance(names, list | tuple):
            return names
        return [str(name).strip() for name in cast("list[object]", names) if str(name).strip()]

    @field_validator("server")
    @classmethod
    def _servers(cls, server: list[str]) -> list[str]:
        """Refuse what names no server, or holds a password."""
        for each in server:
            servers.parse(each)
        return server

    @field_validator("scale")
    @classmethod
    def _scale(cls, scale: str | None) -> str | None:
        """Refuse what is no count of rows."""
        if scale is not None:
            rows(scale)
        return scale

    @property
    def scale_rows(self) -> int:
        """The scale as a number of rows; 0 where none is given."""
        return rows(self.scale) if self.scale else 0


def rows(text: str) -> int:
    """Read a count such as ``10M``, ``1_000_000`` or ``1.5b``.

    Raises:
        ValueError: it is none.
    """
    match = _SCALE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no number of rows; write 10M, 250k or 1000000")
    number = match[1].replace("_", "").replace(",", "")
    found = int(float(number) * _FACTORS[match[2].lower()])
    if found < 1:
        raise ValueError(f"{text!r} is no number of rows; write 10M, 250k or 1000000")
    return found
