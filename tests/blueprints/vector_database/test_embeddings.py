"""Embeddings as candidates: folders that the inputs name, tuning, dimensions, and what is refused in one line."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.blueprints import vector_database
from nonet.blueprints.vector_database import data_folder, exact, scoring
from nonet.blueprints.vector_database.blueprint import blueprint
from nonet.blueprints.vector_database.inputs import Inputs
from nonet.errors import InputError
from nonet.state import Brief, Evidence

PROJECT = Path(vector_database.__file__).parent / "project"
DATA = {
    "rows": 5000, "metric": "cosine", "kind": "texts", "embeddings": "wordllama,minilm", "scale": 0, "payloads": False,
    "labels": "given", "units": 500, "words_total": 9000, "pairs": 40,
}  # fmt: skip
TUNE = {"technologies": ["fine-tuning"]}


def brief(goal: str = "Embeddings for search", **more: Any) -> Brief:
    return Brief(workflow="vector_database", goal=goal, inputs={}, **more)


def inputs(**more: Any) -> Inputs:
    return Inputs(texts="t.jsonl", queries="q.jsonl", **more)


def folder(place: Path, *files: str, **config: Any) -> Path:
    place.mkdir(parents=True)
    (place / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": 48, **config}))
    for name in files:
        (place / name).write_bytes(b"")
    return place


def proposed(given: Inputs, data: dict[str, Any] = DATA, goal: str = "Embeddings for search", **more: Any) -> Any:
    return blueprint.propose(brief(goal, **more), given, [], data)


def test_a_folder_of_the_inputs_is_a_candidate_with_its_own_width(tmp_path: Path):
    place = folder(tmp_path / "scibert", "model.safetensors")
    designs = [dict(each.design) for each in proposed(inputs(model=[str(place)])).nominations]
    mine = [design for design in designs if design["embedding"] == "folder"]
    assert {design["model_at"] for design in mine} == {str(place)}
    assert {24, 16, 12} <= {design["dimensions"] for design in mine}
    assert blueprint.access(mine[0]).folders == (place,)
    assert {design["engine"] for design in mine} >= {"faiss_hnsw", "qdrant", "usearch"}
    assert "scibert" in blueprint.describe(mine[0])
    assert blueprint.access({**designs[0], "embedding": "minilm", "model_at": ""}).folders == ()


def test_a_folder_that_nobody_named_for_this_run_is_not_read():
    known = {"embedding": "folder", "model_at": "/somewhere", "engine": "faiss_flat"}
    recalled = Evidence(
        id="r", step="recall", tool="t", backend="b", reference="r", title="r", excerpt="",
        facts={"design": known, "likeness": 0.9},
    )  # fmt: skip
    found = blueprint.propose(brief(), inputs(), [recalled], DATA)
    assert all(each.design["model_at"] == "" for each in found.nominations)
    assert any("--model FOLDER" in each.needs for each in found.exclusions)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "no weights"),
        (("pytorch_model.bin",), "pickled"),
    ],
)
def test_folders_that_cannot_be_used_are_refused_in_one_line(tmp_path: Path, files: tuple[str, ...], said: str):
    place = folder(tmp_path / "model", *files)
    (tmp_path / "t.jsonl").write_text('{"id": "a", "text": "b"}\n')
    given = Inputs(texts=str(tmp_path / "t.jsonl"), model=[str(place)])
    with pytest.raises(InputError, match=said) as refused:
        blueprint.sources(given, [])
    assert "\n" not in refused.value.message
    if files:
        assert blueprint.sources(given.model_copy(update={"pickle": True}), [])


def test_models_need_texts_and_a_folder_that_is_there(tmp_path: Path):
    np.save(tmp_path / "v.npy", np.ones((3, 2), dtype=np.float32))
    (tmp_path / "t.jsonl").write_text('{"id": "a", "text": "b"}\n')
    for files, said in (
        (Inputs(vectors=str(tmp_path / "v.npy"), model=["m"]), "no texts"),
        (Inputs(vectors=str(tmp_path / "v.npy"), pairs="p.jsonl"), "no texts"),
        (Inputs(texts=str(tmp_path / "t.jsonl"), model=[str(tmp_path / "none")]), "no folder"),
        (Inputs(texts=str(tmp_path / "t.jsonl"), model=[str(tmp_path)]), "holds no model"),
        (Inputs(texts=str(tmp_path / "t.jsonl"), pairs=str(tmp_path / "p.jsonl")), "no file"),
    ):
        with pytest.raises(InputError, match=said):
            blueprint.sources(files, [])


def test_tuning_is_nominated_at_pairs_or_at_the_request_and_never_without_anything_to_learn():
    def tuned(found: Any) -> set[str]:
        return {str(each.design["tuning"]) for each in found.nominations} - {"none"}

    assert tuned(proposed(inputs(pairs="p.jsonl"))) == {"ranking", "matryoshka"}
    assert tuned(proposed(inputs(relevant="r.tsv"), **TUNE)) == {"ranking", "matryoshka"}
    assert tuned(proposed(inputs(relevant="r.tsv"))) == set()
    assert tuned(proposed(inputs(), {**DATA, "pairs": 3}, **TUNE)) == set()
    refused = proposed(inputs(), {**DATA, "pairs": 3}, **TUNE).exclusions
    assert any(each.what.startswith("fine-tuning") and "--pairs" in each.needs for each in refused)


def test_named_dimensions_are_tried_by_every_means():
    found = proposed(inputs(pairs="p.jsonl", dimensions=[200]), goal="Embeddings down to 256 dimensions")
    for number in (200, 256):
        means = {
            (each.design["tuning"], each.design["reduction"])
            for each in found.nominations
            if each.design["dimensions"] == number
        }
        assert means >= {("none", "pca"), ("none", "truncate"), ("matryoshka", "truncate"), ("ranking", "truncate")}


def test_dimensions_that_no_vector_has_are_refused():
    with pytest.raises(ValueError, match="no number of dimensions"):
        Inputs(texts="t", dimensions=[0])
    assert Inputs.model_validate({"texts": "t", "dimensions": "256, 64"}).dimensions == [256, 64]


def test_pytorch_is_installed_only_where_it_is_needed(tmp_path: Path):
    ready = folder(tmp_path / "onnx", "model.onnx", "tokenizer.json")
    raw = folder(tmp_path / "raw", "model.safetensors", "tokenizer.json")
    assert blueprint.groups(brief(), inputs()) == ()
    assert blueprint.groups(brief(**TUNE), Inputs(vectors="v.npy")) == ()
    assert blueprint.groups(brief(), inputs(model=[str(ready)])) == ()
    assert blueprint.groups(brief(), inputs(model=[str(ready), str(raw)])) == ("models",)
    assert blueprint.groups(brief(**TUNE), inputs()) == ("models",)
    assert blueprint.groups(brief(), inputs(pairs="p.jsonl")) == ("models",)


def test_questions_are_learned_from_only_where_nothing_else_is_given():
    assert blueprint.share_to_fit(brief(**TUNE), inputs(relevant="r.tsv")) > 0
    assert blueprint.share_to_fit(brief(**TUNE), inputs(relevant="r.tsv", pairs="p.jsonl")) == 0
    assert blueprint.share_to_fit(brief(), inputs(relevant="r.tsv")) == 0


def test_a_sample_of_the_data_has_fewer_pairs(tmp_path: Path):
    meta = {"metric": "cosine", "kind": "texts", "rows": 1000, "scale": 0, "embeddings": ["wordllama"]}
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    (tmp_path / "ids.json").write_text(json.dumps(list(map(str, range(1000)))))
    lines = [json.dumps({"id": str(row), "text": "a"}) + "\n" for row in range(1000)]
    (tmp_path / "texts.jsonl").write_text("".join(lines))
    (tmp_path / "pairs.jsonl").write_text("".join(lines * 5))
    data_folder.sample(tmp_path, 0.1, tmp_path / "small")
    assert len((tmp_path / "small" / "pairs.jsonl").read_text().splitlines()) == 500
    assert len((tmp_path / "small" / "texts.jsonl").read_text().splitlines()) == 100


def test_recall_of_texts_is_against_the_exact_neighbours_of_their_own_embedding():
    label = {"exact": {}, "filtered": {}, "percents": [10], "relevant": {"a": 1.0}}
    truth = {"near": ["a", "b"], "tied": [], "first": ["a"]}
    output = {
        "embedding": "folder", "ids": ["b", "a"], "by_vectors": ["a", "c"], "filtered": [["b"]],
        "exact": {"plain": truth, "filtered": [{"near": ["b"], "tied": [], "first": ["b"]}]},
    }  # fmt: skip
    found = scoring.score([output], [label], [0])
    assert (found["recall@10"], found["filtered_recall@10_of_10_percent"]) == (0.5, 1.0)
    assert found["ndcg@10"] == pytest.approx(1 / np.log2(3))


def project_exact() -> Any:
    spec = importlib.util.spec_from_file_location("project_exact", PROJECT / "src/vectordb/exact.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SHIPPED = project_exact()


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**16), st.booleans())
def test_the_shipped_exact_search_agrees_with_the_evaluators(rows: int, width: int, seed: int, masked: bool):
    random = np.random.default_rng(seed)
    vectors = random.integers(-2, 3, size=(rows, width)).astype(np.float32)  # so that many rows are equally near
    query = random.integers(-2, 3, size=width).astype(np.float32)
    mask = random.random(rows) < 0.5 if masked else None
    (truth,) = exact.search(vectors, query[None], "dot", mask)
    assert vars(SHIPPED.neighbours(vectors @ query, mask)) == vars(truth)
