"""Models that a person brings: what designs with them look like, what these may reach, what is absent without them.

A design may name a place (a folder, a URL) only when the inputs give it: whatever notes, memory or documents suggest,
nothing is read from or sent to a place that nobody named for this run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nonet.blueprints.rag_system.inputs import Inputs
from nonet.state import Json
from nonet.trials.access import of_url
from nonet.trials.contract import Access

Fields = Mapping[str, Json]

KEYS = {"embedding": "RAG_EMBEDDING_KEY", "rerank": "RAG_RERANK_KEY"}
"""Part of a design → the environment variable that holds its endpoint's key."""
PLACES = {"embedding": "embedding_at", "rerank": "rerank_at", "compression": "compression_at"}
_ELSEWHERE = {"embedding": ("folder", "url"), "rerank": ("cross_encoder", "url"), "compression": ("llmlingua",)}
_OPTIONS = {
    "embedding": ("an embedding model of your own", "--embedding-folder FOLDER (ONNX) or --embedding-url URL"),
    "rerank": ("a cross-encoder or another reranker", "--rerank-folder FOLDER (ONNX) or --rerank-url URL"),
    "compression": ("compression by LLMLingua-2", "--compression-folder FOLDER (ONNX)"),
    "query": ("transformed questions (multi-query, HyDE, step-back)", "a chat model: --model or --chat-model NAME"),
}


@dataclass(frozen=True)
class GivenModels:
    """The models that the inputs name, each as the fields of a design that uses it."""

    embeddings: tuple[Fields, ...] = ()
    rerankers: tuple[Fields, ...] = ()
    compression: tuple[Fields, ...] = ()
    query: tuple[Fields, ...] = ()

    def of(self, part: str) -> tuple[Fields, ...]:
        """Return the models of a part of a design: "embedding", "rerank", "compression" or "query"."""
        return {
            "embedding": self.embeddings,
            "rerank": self.rerankers,
            "compression": self.compression,
            "query": self.query,
        }[part]

    def absent(self) -> Iterator[tuple[str, str, str]]:
        """Yield (part, what is absent, the options that would give it) for each part without a model of the user's."""
        for part, (what, options) in _OPTIONS.items():
            if not self.of(part):
                yield part, what, options

    def foreign(self, design: Fields) -> str:
        """Return the options that would give what a canonical design names and the inputs do not; "" if none."""
        for part, place in PLACES.items():
            known = {(fields[part], fields[place]) for fields in self.of(part)}
            if design[part] in _ELSEWHERE[part] and (design[part], design[place]) not in known:
                return _OPTIONS[part][1]
        if design["query_transformation"] != "none":
            known_models = [fields["query_model"] for fields in self.query]
            return "" if design["query_model"] in known_models else _OPTIONS["query"][1]
        return ""


def given(inputs: Inputs) -> GivenModels:
    """Return the models that the inputs name; a name belongs to the URL where there is one, else to the folder."""
    return GivenModels(
        embeddings=(
            *_model(
                "embedding", "folder", inputs.embedding_folder, "" if inputs.embedding_url else inputs.embedding_model
            ),
            *_model("embedding", "url", inputs.embedding_url, inputs.embedding_model),
        ),
        rerankers=(
            *_model("rerank", "cross_encoder", inputs.rerank_folder, "" if inputs.rerank_url else inputs.rerank_model),
            *_model("rerank", "url", inputs.rerank_url, inputs.rerank_model),
        ),
        compression=(
            ({"compression": "llmlingua", "compression_at": inputs.compression_folder},)
            if inputs.compression_folder
            else ()
        ),
        query=({"query_model": inputs.chat_model},) if inputs.chat_model else (),
    )


def access(design: Fields) -> Access:
    """Return what a canonical design's worker may reach: its endpoints with their keys, its folders, its chat model."""
    urls = [part for part in KEYS if design.get(part) == "url"]
    folders = [
        str(design[place])
        for part, place in PLACES.items()
        if design.get(part) in _ELSEWHERE[part] and part not in urls
    ]
    return Access(
        hosts=tuple(dict.fromkeys(of_url(str(design[PLACES[part]])) for part in urls)),
        folders=tuple(dict.fromkeys(map(Path, folders))),
        variables=tuple(KEYS[part] for part in urls),
        chat=str(design.get("query_model", "")),
    )


def _model(part: str, kind: str, place: str | None, name: str) -> Iterator[Fields]:
    if place:
        yield {part: kind, f"{part}_at": place, f"{part}_model": name}
