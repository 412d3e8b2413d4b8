"""What a person gives: the documents, and, if there are any, questions, an existing repository and models."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

_SECRET = re.compile(r"key|token|secret|password|signature", re.I)


class Inputs(BaseModel):
    """The inputs of ``rag_system``; the fields are the command's options and the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = Field(
        min_length=1,
        description="Folder of documents (Markdown, text, HTML, PDF, reStructuredText, notebooks, source code), one "
        "such file, or a BEIR folder (corpus.jsonl, queries.jsonl, qrels.tsv).",
        json_schema_extra={"path": True},
    )
    questions: str | None = Field(
        default=None,
        description="Questions with their answers' documents: JSONL {id?, text, relevant: [doc or {doc, grade}], "
        "answer_quote?}, or a folder with queries.jsonl and qrels.tsv. Without it, questions are made of the "
        "documents.",
        json_schema_extra={"path": True, "labels": True},
    )
    repo: str | None = Field(
        default=None,
        description="Repository of an existing system, whose chunking and retrieval become the baseline where they "
        "can run here.",
        json_schema_extra={"path": True, "repository": True},
    )
    embedding_folder: str | None = Field(
        default=None,
        description="Folder of an embedding model in ONNX with its tokenizer.json, to be measured beside the others.",
        json_schema_extra={"path": True, "model": True},
    )
    embedding_url: str | None = Field(
        default=None,
        description="Base URL, up to /v1, of an endpoint with /embeddings: chunks and questions are sent there, with "
        "the key in RAG_EMBEDDING_KEY.",
    )
    embedding_model: str = Field(
        default="",
        max_length=200,
        description="Name of the embedding model at that URL, or else in that folder.",
    )
    rerank_folder: str | None = Field(
        default=None,
        description="Folder of a cross-encoder in ONNX with its tokenizer.json.",
        json_schema_extra={"path": True, "model": True},
    )
    rerank_url: str | None = Field(
        default=None,
        description="Base URL, up to /v1, of an endpoint with /rerank: questions and chunks are sent there, with the "
        "key in RAG_RERANK_KEY.",
    )
    rerank_model: str = Field(
        default="", max_length=200, description="Name of the reranker at that URL, or else in that folder."
    )
    compression_folder: str | None = Field(
        default=None,
        description="Folder of a token classifier in ONNX (LLMLingua-2), to compress contexts with.",
        json_schema_extra={"path": True, "model": True},
    )

    chat_model: str = Field(
        default="",
        max_length=200,
        description="Chat model that may transform questions before they are searched, which are sent to it: a "
        "provider of the settings, or FAMILY:MODEL; unless named, the settings' model.",
        json_schema_extra={"chat": True},
    )

    @field_validator("embedding_folder", "rerank_folder", "compression_folder")
    @classmethod
    def _folder(cls, path: str | None) -> str | None:
        """Make a model's folder absolute: designs name it, and they are measured from elsewhere."""
        if path is None:
            return None
        folder = Path(path).expanduser().absolute()
        if not path or not folder.is_dir():
            raise ValueError(f"{path!r} is no folder")
        return str(folder)

    @field_validator("embedding_url", "rerank_url")
    @classmethod
    def _url(cls, url: str | None) -> str | None:
        """Refuse what is no URL, and one that holds a key: URLs are written down, keys are not."""
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no URL (http://… or https://…, up to /v1)")
        if "@" in parts.netloc or _SECRET.search(parts.query):
            raise ValueError(
                f"the URL of {parts.hostname} holds a user or key; set RAG_EMBEDDING_KEY or RAG_RERANK_KEY"
            )
        return url.rstrip("/")
