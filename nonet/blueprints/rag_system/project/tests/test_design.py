"""Every field of the design changes what comes out, or what it costs."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest

from rag import stages
from rag.design import Design
from rag.documents import folder, model
from rag.system import System

QUESTIONS = [
    "How do I restore a backup of the database?",
    "When are refunds paid to my card?",
    "Who creates accounts and when do passwords expire?",
    "Which package is used on Windows?",
]
LONG = {
    "chunking": "windows",
    "chunk_size": 14,
    "chunk_overlap": 4,
    "retrieval": "hybrid_weighted",
    "embedding": "minilm",
}
CHANGES: list[tuple[str, dict[str, Any], Any]] = [
    ("chunking", {}, "page"),
    ("chunking", {}, "recursive"),
    ("chunking", {}, "headings"),
    ("chunk_unit", {}, "tokens"),
    ("chunk_unit", {"chunk_size": 60}, "characters"),
    ("chunk_size", {}, 30),
    ("chunk_overlap", {}, 0),
    ("title_prefix", {"title_prefix": True}, False),
    ("retrieval", {}, "bm25"),
    ("retrieval", {}, "dense"),
    ("retrieval", {}, "hybrid_rrf"),
    ("bm25_k1", {}, 0.9),
    ("bm25_b", {}, 0.4),
    ("rrf_k", {"retrieval": "hybrid_rrf", "rrf_k": 10}, 60),
    ("dense_weight", {}, 0.3),
    ("embedding", {}, "wordllama"),
    ("rerank", {}, "late_interaction"),
    ("rerank_weight", {"rerank": "late_interaction"}, 1.0),
    ("rerank_depth", {"rerank": "late_interaction", "rerank_depth": 3}, 20),
    ("context_tokens", {"context_tokens": 60}, 120),
]


@pytest.fixture
def outputs(tmp_path: Path, corpus: Path) -> Callable[[Design], str]:
    model.write((d for d in folder.read(corpus) if isinstance(d, model.Document)), tmp_path / "documents.jsonl")

    def run(design: Design) -> str:
        places: dict[str, Path] = {}
        for stage in stages.of(design):
            values = json.dumps([stage.name, stage.values(design), [str(places[name]) for name in stage.parents]])
            places[stage.name] = tmp_path / f"{stage.name}-{abs(hash(values))}"
            if not places[stage.name].exists():
                stages.build(stage.name, design, tmp_path, places, places[stage.name])
        opened = System(design, places)
        rankings = [opened.search(question) for question in QUESTIONS]
        return json.dumps([[asdict(ranking), asdict(opened.pack(ranking))] for ranking in rankings], sort_keys=True)

    return run


def test_every_field_is_covered():
    assert {name for name, _, _ in CHANGES} == {field.name for field in fields(Design)}


@pytest.mark.parametrize(("name", "base", "value"), CHANGES)
def test_changing_a_field_changes_the_output(
    outputs: Callable[[Design], str], name: str, base: dict[str, Any], value: Any
):
    values: dict[str, Any] = {**LONG, **base}
    assert outputs(Design(**values)) != outputs(Design(**{**values, name: value}))
