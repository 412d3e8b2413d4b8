# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = ["AutoRAG==0.3.27", "onnxruntime>=1.23,<1.33", "tokenizers>=0.22,<0.24"]
# ///
"""AutoRAG chooses module by module, by its own evaluator; its own runner answers the held questions.

    uv run --script evals/peers/autorag_peer.py FOLDER --model MODEL.onnx --tokenizer tokenizer.json

The configuration is that of its documentation, as far as it runs without a key and a model hub: lexical retrieval with
both tokenizers that need no download, semantic retrieval in Chroma with the shared MiniLM, fusion by ranks (77 weights)
and by scores (4 normalisations, 101 weights each). Its rerankers, query expansions and compressors need one or the
other. The strategy's metric is retrieval_ndcg, which is what is scored here. Files are cut by its chunker in the four
ways of its documentation and the best corpus is kept; records of a collection are passages as they are.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["ANONYMIZED_TELEMETRY"] = "False"  # before Chroma is imported

import pandas as pd
import yaml
from autorag import LazyInit
from autorag.chunker import Chunker
from autorag.deploy import Runner, extract_best_config
from autorag.embedding import base as embeddings
from autorag.evaluator import Evaluator
from exchange import MiniLM, pages, read
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

NORMALISATIONS = ("mm", "tmm", "z", "dbsf")
TOKENIZERS = ("porter_stemmer", "space")
CHUNKINGS = tuple((method, size) for method in ("Token", "Sentence") for size in (1024, 512))


@dataclass(frozen=True)
class Search:
    """What AutoRAG searches.

    Attributes:
        chunkings: ways to cut files, each a corpus of its own; none: documents are passages as they are.
        top_k: passages retrieved.
        weights: tried in each fusion by scores; in that by ranks 4, 5, … up to three quarters as many.
    """

    chunkings: tuple[tuple[str, int], ...]
    top_k: int
    weights: int

    @property
    def ranks(self) -> tuple[int, int]:
        """The least and the greatest weight of the fusion by ranks; (4, 80) for 101 weights."""
        return 4, 4 + round(0.76 * (self.weights - 1))

    @property
    def fusions(self) -> int:
        """How many fusions are scored on every question."""
        return self.ranks[1] - self.ranks[0] + 1 + len(NORMALISATIONS) * self.weights


class Shared(BaseEmbedding):
    """The shared embedding model behind LlamaIndex's interface."""

    _model: MiniLM = PrivateAttr()

    def __init__(self, model: str, tokenizer: str) -> None:
        super().__init__(model_name="all-MiniLM-L6-v2 int8")
        self._model = MiniLM(model, tokenizer)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._model.embed(texts)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._model.embed([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._model.embed(texts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--chunkings", type=int, default=len(CHUNKINGS), help="of files: the first so many; 0: none")
    parser.add_argument("--top-k", type=int, default=50, help="passages retrieved; pages are ranked by their best one")
    parser.add_argument("--weights", type=int, default=101, help="tried in each fusion by scores")
    options = parser.parse_args()
    logging.getLogger("AutoRAG").setLevel(logging.ERROR)
    embeddings.embedding_models["minilm"] = LazyInit(Shared, options.model, options.tokenizer)
    began, failed = time.perf_counter(), 1
    try:
        search = Search(CHUNKINGS[: options.chunkings], options.top_k, options.weights)
        out = chosen_and_served(options.folder, search)
        out["seconds"] = time.perf_counter() - began
        (options.folder / "autorag.json").write_text(json.dumps(out), encoding="utf-8")
        failed = 0
    except Exception:
        traceback.print_exc()
    # AutoRAG replaces the hook for exceptions; its vLLM client's exit handler imports torch, which is not installed.
    sys.stderr.flush()
    os._exit(failed)


def chosen_and_served(folder: Path, search: Search) -> dict[str, Any]:
    """Choose on every corpus, keep the best, and answer the held questions from the documents to serve."""
    selection = read(folder / "selection.jsonl")
    choosing, serving = (read(folder / f"{name}.jsonl") for name in ("choosing", "serving"))
    chunkings = search.chunkings or (None,)
    tried: list[tuple[float, int, Path]] = []
    for place, chunking in enumerate(chunkings):
        project = folder / f"autorag-{place}"
        shutil.rmtree(project, ignore_errors=True)  # of an attempt that was broken off
        corpus = cut(choosing, chunking, project / "chunked")
        tried.append((choose(project, corpus, selection, search), -place, project))
    _, place, project = max(tried)
    trial, chunking = project / "0", chunkings[-place]
    if choosing != serving:
        # A trial on one question indexes the documents to serve; what it would choose is not looked at.
        served = cut(serving, chunking, project / "served")
        project = project / "serving"
        choose(project, served, selection[:1], search)
    runner = Runner(extract_best_config(str(trial)), str(project))
    names = dict(pd.read_parquet(project / "data" / "corpus.parquet")[["doc_id", "path"]].itertuples(index=False))
    rankings = {
        question["id"]: pages([names[chunk] for chunk in runner.run(question["text"], "retrieved_ids")])
        for question in read(folder / "held.jsonl")
    }
    retrieved = (len(TOKENIZERS) + 1) * len(tried) * len(selection)
    fused = search.fusions * len(tried) * len(selection)
    best = extract_best_config(str(trial))["node_lines"][0]["nodes"]
    return {
        "rankings": {"AutoRAG": rankings},
        "measurements": retrieved + fused,
        "retrievals": retrieved,
        "chosen": "; ".join(json.dumps(value) for value in (chunking, *(node["modules"][0] for node in best)) if value),
    }


def cut(documents: list[dict[str, Any]], chunking: tuple[str, int] | None, folder: Path) -> pd.DataFrame:
    """Return a corpus: each document a passage, or cut by AutoRAG's chunker; ``path`` names the document."""
    if chunking is None:
        return corpus_of([(row["id"], row["id"], row["text"]) for row in documents])
    folder.mkdir(parents=True)
    raw = pd.DataFrame({"texts": [row["text"] for row in documents], "path": [row["id"] for row in documents]})
    raw["page"], raw["last_modified_datetime"] = 0, pd.Timestamp.now()
    method, size = chunking
    module = {"module_type": "llama_index_chunk", "chunk_method": method, "chunk_size": size, "chunk_overlap": 24}
    (folder / "chunk.yaml").write_text(yaml.safe_dump({"modules": [module]}), encoding="utf-8")
    Chunker(raw, str(folder)).start_chunking(str(folder / "chunk.yaml"))
    found = pd.read_parquet(folder / "0.parquet")
    return corpus_of([(f"{n}", row.path, row.contents) for n, row in enumerate(found.itertuples())])


def corpus_of(passages: list[tuple[str, str, str]]) -> pd.DataFrame:
    when = pd.Timestamp.now()
    return pd.DataFrame(
        [
            {"doc_id": name, "path": path, "contents": text or " ", "metadata": {"last_modified_datetime": when}}
            for name, path, text in passages
        ]
    )


def choose(project: Path, corpus: pd.DataFrame, selection: list[dict[str, Any]], search: Search) -> float:
    """Run AutoRAG's evaluator on the selection questions; return the chosen pipeline's retrieval_ndcg.

    A page is relevant through any of its passages: the inner lists of ``retrieval_gt`` are alternatives.
    """
    passages = corpus.groupby("path")["doc_id"].apply(list)
    asked = [
        {
            "qid": row["id"],
            "query": row["text"],
            "retrieval_gt": [passages[page] for page in row["relevant"] if page in passages],
            "generation_gt": ["-"],
        }
        for row in selection
    ]
    project.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([row for row in asked if row["retrieval_gt"]]).to_parquet(project / "qa.parquet")
    corpus.to_parquet(project / "corpus.parquet")
    (project / "config.yaml").write_text(yaml.safe_dump(configuration(project, search)), encoding="utf-8")
    evaluator = Evaluator(str(project / "qa.parquet"), str(project / "corpus.parquet"), project_dir=str(project))
    evaluator.start_trial(str(project / "config.yaml"), skip_validation=True)
    summary = pd.read_csv(project / "0" / "retrieval" / "hybrid_retrieval" / "summary.csv")
    return float(summary[summary["is_best"]]["retrieval_ndcg"].iloc[0])


def configuration(project: Path, search: Search) -> dict[str, Any]:
    """AutoRAG's configuration: three nodes, each chosen with those before it fixed."""

    def node(kind: str, modules: list[dict[str, Any]]) -> dict[str, Any]:
        strategy = {"metrics": ["retrieval_ndcg"], "strategy": "mean"}
        return {"node_type": kind, "strategy": strategy, "top_k": search.top_k, "modules": modules}

    store = {
        "name": "minilm",
        "db_type": "chroma",
        "client_type": "persistent",
        "embedding_model": "minilm",
        "collection_name": "minilm",
        "path": str(project / "resources" / "chroma"),
    }
    by_scores = {
        "module_type": "hybrid_cc",
        "normalize_method": list(NORMALISATIONS),
        "weight_range": "(0.0, 1.0)",
        "test_weight_size": search.weights,
    }
    nodes = [
        node("lexical_retrieval", [{"module_type": "bm25", "bm25_tokenizer": list(TOKENIZERS)}]),
        node("semantic_retrieval", [{"module_type": "vectordb", "vectordb": "minilm"}]),
        node("hybrid_retrieval", [{"module_type": "hybrid_rrf", "weight_range": str(search.ranks)}, by_scores]),
    ]
    return {"vectordb": [store], "node_lines": [{"node_line_name": "retrieval", "nodes": nodes}]}


if __name__ == "__main__":
    main()
