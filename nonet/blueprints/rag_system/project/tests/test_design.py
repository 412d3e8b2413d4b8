"""Every field of the design changes what comes out, or what it costs."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import loopback
import onnx_models
import pytest
from chat_endpoint import completion
from loopback import Reply, Request, served

from rag import chat, stages
from rag.design import Design
from rag.documents import folder, model
from rag.system import System

pytestmark = pytest.mark.slow

QUESTIONS = [
    "How do I restore a backup of the database?",
    "When are refunds paid to my card?",
    "Who creates accounts and when do passwords expire?",
    "Which package is used on Windows?",
]
ZOO = (
    "The lion sleeps all day. At night the lion hunts. Tickets cost nine euros. Children pay half of it. "
    "The keeper feeds the seals at noon. Seals eat herring. The restaurant serves soup. A backup generator hums."
)
LONG = {
    "chunking": "windows",
    "chunk_size": 14,
    "chunk_overlap": 4,
    "retrieval": "hybrid_weighted",
    "embedding": "minilm",
}
FOLDER = {"embedding": "folder", "embedding_at": "@embedders"}
ENCODER = {"rerank": "cross_encoder", "rerank_at": "@encoders"}
CHANGES: list[tuple[str, dict[str, Any], Any]] = [
    *(("chunking", {}, kind) for kind in ("page", "sentences", "recursive", "headings", "semantic")),
    ("chunking", {"chunk_unit": "characters", "chunk_size": 60}, "fixed"),
    ("chunking", {"parent_size": 40}, "parent_child"),
    ("chunk_unit", {}, "tokens"),
    ("chunk_unit", {"chunk_size": 60}, "characters"),
    ("chunk_size", {}, 30),
    ("chunk_overlap", {}, 0),
    ("parent_size", {"chunking": "parent_child", "chunk_overlap": 0, "parent_size": 20}, 40),
    ("semantic_percentile", {"chunking": "semantic", "chunk_size": 200, "semantic_percentile": 90}, 20),
    ("title_prefix", {"title_prefix": True}, False),
    *(("retrieval", {}, kind) for kind in ("bm25", "dense", "hybrid_rrf")),
    ("bm25_k1", {}, 0.9),
    ("bm25_b", {}, 0.4),
    ("rrf_k", {"retrieval": "hybrid_rrf", "rrf_k": 10}, 60),
    ("dense_weight", {}, 0.3),
    ("embedding", {}, "wordllama"),
    ("embedding", {"embedding_at": "@embedders"}, "folder"),
    ("embedding", {"embedding_at": "@endpoint"}, "url"),
    ("embedding_at", FOLDER, "@pooled"),
    ("embedding_at", {"embedding": "url", "embedding_at": "@endpoint", "embedding_model": "m"}, "@reversed"),
    ("embedding_model", {**FOLDER, "embedding_model": "model.onnx"}, "other.onnx"),
    ("embedding_model", {"embedding": "url", "embedding_at": "@endpoint", "embedding_model": "m"}, "backwards"),
    ("second_embedding", {}, "wordllama"),
    ("second_embedding", {"retrieval": "hybrid_rrf"}, "wordllama"),
    ("second_embedding", {"embedding": "wordllama"}, "minilm"),
    ("second_weight", {"second_embedding": "wordllama"}, 0.6),
    ("reduction", {"dimensions": 32}, "truncate"),
    ("reduction", {"dimensions": 32, "reduction": "truncate"}, "pca"),
    ("dimensions", {"dimensions": 32, "reduction": "truncate"}, 16),
    ("dimensions", {"dimensions": 8, "reduction": "pca"}, 4),
    ("feedback", {}, 3),
    ("feedback", {"retrieval": "hybrid_rrf", "feedback": 2}, 5),
    ("feedback_weight", {"feedback": 3}, 1.0),
    *(("query_transformation", {}, kind) for kind in ("multi_query", "hyde", "step_back")),
    ("query_model", {"query_transformation": "hyde", "query_model": "m"}, "backwards"),
    ("page_score", {}, "mean_top"),
    ("page_chunks", {"page_score": "mean_top"}, 2),
    ("rerank", {}, "late_interaction"),
    ("rerank", {"rerank_at": "@encoders"}, "cross_encoder"),
    ("rerank", {"rerank_at": "@reranker"}, "url"),
    ("rerank_at", ENCODER, "@negative"),
    ("rerank_at", {"rerank": "url", "rerank_at": "@reranker"}, "@reversed_reranker"),
    ("rerank_model", {**ENCODER, "rerank_model": "model.onnx"}, "other.onnx"),
    ("rerank_model", {"rerank": "url", "rerank_at": "@reranker"}, "backwards"),
    ("rerank_weight", {"rerank": "late_interaction"}, 1.0),
    ("rerank_depth", {"rerank": "late_interaction", "rerank_depth": 3}, 20),
    ("context_tokens", {"context_tokens": 60}, 120),
    ("deduplicate", {}, False),
    *(("order", {}, kind) for kind in ("document", "edges")),
    ("compression", {}, "extractive"),
    ("compression", {"compression_at": "@classifier"}, "llmlingua"),
    ("compression_share", {"compression": "extractive"}, 0.2),
    ("compression_share", {"compression": "llmlingua", "compression_at": "@classifier"}, 0.2),
    ("compression_at", {"compression": "llmlingua", "compression_at": "@classifier"}, "@other_classifier"),
]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make the folders of models that the cases name."""
    made = tmp_path_factory.mktemp("models")
    onnx_models.sentence_model(onnx_models.minilm(made / "embedders"), file="other.onnx")
    onnx_models.minilm(made / "pooled", pooling={"pooling_mode_cls_token": True})
    onnx_models.cross_encoder(onnx_models.cross_encoder(made / "encoders"), file="other.onnx", worth=-1.0)
    onnx_models.cross_encoder(made / "negative", worth=-1.0)
    onnx_models.token_classifier(made / "classifier")
    onnx_models.token_classifier(made / "other_classifier", modulus=5)
    return {f"@{path.name}": str(path) for path in made.iterdir()}


@pytest.fixture(scope="module")
def endpoints() -> Iterator[dict[str, str]]:
    """Serve the endpoints that the cases name; a model called ``backwards`` and the reversed ones say otherwise."""

    def embed(request: Request, backwards: bool) -> Reply:
        texts = [text[::-1] for text in request.body["input"]] if backwards else request.body["input"]
        return loopback.embeddings(Request(request.path, None, {"model": "m", "input": texts}))

    def rerank(request: Request, backwards: bool) -> Reply:
        reply = loopback.reranking(request)
        for result in reply.body["results"] if backwards else ():
            result["relevance_score"] *= -1
        return reply

    def named(request: Request) -> bool:
        return request.body.get("model") == "backwards"

    with ExitStack() as stack:
        answers: dict[str, Callable[[Request], Reply]] = {
            "@endpoint": lambda request: embed(request, named(request)),
            "@reversed": lambda request: embed(request, True),
            "@reranker": lambda request: rerank(request, named(request)),
            "@reversed_reranker": lambda request: rerank(request, True),
        }
        yield {name: stack.enter_context(served(answer))[0] for name, answer in answers.items()}


def _chatting(request: Request) -> Reply:
    text = "The keeper feeds seals with herring.\nWhat do tickets cost?"
    return Reply(completion("Soup in the restaurant" if request.body["model"] == "backwards" else text))


@pytest.fixture
def outputs(tmp_path: Path, corpus: Path) -> Callable[[Design], str]:
    (corpus / "zoo.txt").write_text(ZOO)
    model.write((d for d in folder.read(corpus) if isinstance(d, model.Document)), tmp_path / "documents.jsonl")

    def run(design: Design) -> str:
        places: dict[str, Path] = {}
        for stage in stages.of(design):
            values = json.dumps([stage.name, stage.values(design), [str(places[name]) for name in stage.parents]])
            places[stage.name] = tmp_path / f"{stage.name}-{abs(hash(values))}"
            if not places[stage.name].exists():
                stages.build(stage.name, design, tmp_path, places, places[stage.name])
        with served(_chatting) as (url, _):
            opened = System(design, places, model=chat.Chat(url, chat.DEFAULT))
            rankings = [(question, opened.search(question)) for question in QUESTIONS]
        found = [[asdict(ranking), asdict(opened.pack(ranking, question))] for question, ranking in rankings]
        return json.dumps(found, sort_keys=True)

    return run


def test_every_field_and_every_choice_is_covered():
    hints = get_type_hints(Design)
    for field in fields(Design):
        values = [value for name, _, value in CHANGES if name == field.name]
        assert values, field.name
        choices = {*get_args(hints[field.name])} - ({"none"} if field.name == "embedding" else set())  # that is bm25
        assert choices <= {*values, LONG.get(field.name, field.default)}, field.name


@pytest.mark.parametrize(("name", "base", "value"), CHANGES)
def test_changing_a_field_changes_the_output(
    outputs: Callable[[Design], str],
    folders: dict[str, str],
    request: pytest.FixtureRequest,
    name: str,
    base: dict[str, Any],
    value: Any,
):
    before: dict[str, Any] = {**LONG, **base}
    designs = [before, {**before, name: value}]
    named = {each for design in designs for each in design.values() if isinstance(each, str) and each.startswith("@")}
    places = folders if named <= set(folders) else {**folders, **request.getfixturevalue("endpoints")}
    resolved = [{key: places.get(str(each), each) for key, each in design.items()} for design in designs]
    first, second = (outputs(Design(**design)) for design in resolved)
    assert first != second
