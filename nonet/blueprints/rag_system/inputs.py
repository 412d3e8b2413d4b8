"""What a person gives: the documents, and, if there are any, questions and an existing repository."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Inputs(BaseModel):
    """The inputs of ``rag_system``; the fields are the command's options and the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: str = Field(
        min_length=1,
        description="Folder of documents (Markdown, text, HTML, reStructuredText, notebooks, source code), one such "
        "file, or a BEIR folder (corpus.jsonl, queries.jsonl, qrels.tsv).",
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
