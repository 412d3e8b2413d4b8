# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = [
#   "langchain-core>=1.4,<2",
#   "langchain-text-splitters>=1.1,<2",
#   "numpy>=2.1,<3",
#   "onnxruntime>=1.23,<1.33",
#   "tokenizers>=0.22,<0.24",
# ]
# ///
"""A RAG as LangChain's tutorial builds it: recursive chunks of 1,000 characters, 200 shared; vectors; the 4 nearest.

    uv run --script evals/peers/langchain_peer.py FOLDER --model MODEL.onnx --tokenizer tokenizer.json

It chooses nothing, so the selection questions are not read. Two rankings are handed back: of the pages of the 4 chunks
that ``similarity_search`` returns by default, and of the pages of so many chunks that ten pages are among them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from exchange import MiniLM, pages, read
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

CHUNK_SIZE, OVERLAP = 1000, 200
MANY = 100


class Shared(Embeddings):
    """The shared embedding model behind LangChain's interface."""

    def __init__(self, model: MiniLM) -> None:
        self._model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed chunks."""
        return self._model.embed(texts)

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        return self._model.embed([text])[0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokenizer", required=True)
    options = parser.parse_args()
    began = time.perf_counter()
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=OVERLAP)
    documents = [
        Document(row["text"], metadata={"document": row["id"]}) for row in read(options.folder / "serving.jsonl")
    ]
    chunks = splitter.split_documents(documents)
    store = InMemoryVectorStore(Shared(MiniLM(options.model, options.tokenizer)))
    store.add_documents(chunks)
    built = time.perf_counter() - began
    default: dict[str, list[str]] = {}
    many: dict[str, list[str]] = {}
    for question in read(options.folder / "held.jsonl"):
        for rankings, count in ((default, {}), (many, {"k": MANY})):
            found = store.similarity_search(question["text"], **count)
            rankings[question["id"]] = pages([each.metadata["document"] for each in found])
    out = {
        "rankings": {"LangChain default, k = 4": default, f"LangChain default, k = {MANY}": many},
        "seconds": built,
        "measurements": 0,
        "retrievals": 0,
        "chosen": f"RecursiveCharacterTextSplitter({CHUNK_SIZE}, {OVERLAP}), MiniLM, {len(chunks)} chunks in memory",
    }
    (options.folder / "langchain.json").write_text(json.dumps(out), encoding="utf-8")


if __name__ == "__main__":
    main()
