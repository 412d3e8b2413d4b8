"""Queries, their labels and the measuring copy; inputs that cannot be right are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nonet.blueprints.vector_database import data_folder
from nonet.blueprints.vector_database.blueprint import blueprint
from nonet.blueprints.vector_database.inputs import Inputs, rows
from nonet.errors import InputError


def parsed(folder: Path, count: int = 300, queries: int = 0) -> Path:
    folder.mkdir()
    vectors = np.random.default_rng(1).normal(size=(count, 8)).astype(np.float32)
    np.save(folder / "vectors.npy", vectors)
    meta = {"metric": "l2", "kind": "vectors", "rows": count, "scale": 0, "embeddings": ["given"]}
    (folder / "meta.json").write_text(json.dumps(meta))
    (folder / "ids.json").write_text(json.dumps([f"v{row}" for row in range(count)]))
    (folder / "payloads.jsonl").write_text("".join(json.dumps({"n": row}) + "\n" for row in range(count)))
    if queries:
        np.save(folder / "queries.npy", vectors[:queries] + np.float32(0.1))
        (folder / "query_ids.json").write_text(json.dumps([f"q{row}" for row in range(queries)]))
    return folder


def units(tmp_path: Path, **more: Any):
    out = tmp_path / "out"
    out.mkdir()
    return blueprint.units(Inputs(vectors="v.npy", **more), tmp_path / "parsed", out), out


def test_held_out_vectors_leave_the_copy_with_their_payloads(tmp_path: Path):
    parsed(tmp_path / "parsed")
    found, out = units(tmp_path)
    assert found.hidden
    assert len(found.units) == 60
    ids = json.loads((out / "ids.json").read_text())
    assert (
        len(ids) == len(np.load(out / "vectors.npy")) == len((out / "payloads.jsonl").read_text().splitlines()) == 240
    )
    held = {unit.key.removeprefix("held-") for unit in found.units}
    assert not held & set(ids)
    for unit in found.units:
        assert set(unit.label["exact"]["given"]["near"]) <= set(ids)
        assert "label" not in unit.features
    again = tmp_path / "again"
    again.mkdir()
    assert blueprint.units(Inputs(vectors="v.npy"), tmp_path / "parsed", again).units == found.units


def test_given_queries_are_no_part_of_the_copy(tmp_path: Path):
    parsed(tmp_path / "parsed", queries=70)
    found, out = units(tmp_path)
    assert [unit.key for unit in found.units[:2]] == ["q0", "q1"]
    assert found.units[5].label["exact"]["given"]["first"] == ["v5"]
    assert not list(out.glob("quer*"))
    assert found.timing


def test_relevant_rows_become_labels_and_unknown_ones_are_refused(tmp_path: Path):
    parsed(tmp_path / "parsed", queries=3)
    given = tmp_path / "qrels.tsv"
    given.write_text("query-id\tcorpus-id\tscore\nq0\tv7\t2\nq1\tv8\t0\nq2\tv9\t1\n")
    found, _ = units(tmp_path, queries="q.npy", relevant=str(given))
    assert [(unit.key, unit.label["relevant"], unit.kind) for unit in found.units] == [
        ("q0", {"v7": 2.0}, "given"),
        ("q2", {"v9": 1.0}, "given"),
    ]
    given.write_text("q0\tnowhere\t1\n")
    (tmp_path / "out").rename(tmp_path / "before")
    with pytest.raises(InputError, match="nowhere"):
        units(tmp_path, queries="q.npy", relevant=str(given))


def test_too_few_vectors_are_not_held_out(tmp_path: Path):
    parsed(tmp_path / "parsed", count=40)
    with pytest.raises(InputError, match="40 vectors: too few"):
        units(tmp_path)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "Neither"),
        ({"vectors": "a.npy", "texts": "b.jsonl"}, "Both"),
        ({"vectors": "nowhere.npy"}, "no file"),
        ({"texts": __file__}, "no kind"),
        ({"vectors": "nowhere.npy", "relevant": "q.tsv"}, "without queries"),
    ],
)
def test_inputs_that_cannot_be_right_are_refused(inputs: dict[str, str], said: str):
    with pytest.raises(InputError, match=said):
        blueprint.sources(Inputs(**inputs), ())


@pytest.mark.parametrize(
    ("text", "count"), [("10M", 10**7), ("250k", 250_000), ("1_000_000", 10**6), ("1.5b", 15 * 10**8)]
)
def test_a_scale_is_read(text: str, count: int):
    assert rows(text) == Inputs(vectors="v.npy", scale=text).scale_rows == count


@pytest.mark.parametrize("text", ["many", "-3", "0", "10X"])
def test_a_scale_that_is_none_is_refused(text: str):
    with pytest.raises(ValueError, match="no number of rows"):
        Inputs(vectors="v.npy", scale=text)


def test_a_sample_is_a_data_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(NotImplementedError):
        blueprint.sample(parsed(tmp_path / "few"), 0.1, tmp_path / "none")
    monkeypatch.setattr(data_folder, "FEWEST_SAMPLED", 300)
    blueprint.sample(parsed(tmp_path / "parsed"), 0.1, tmp_path / "sample")
    ids = json.loads((tmp_path / "sample" / "ids.json").read_text())
    assert len(ids) == len(np.load(tmp_path / "sample" / "vectors.npy")) == 30
    payloads = [json.loads(line) for line in (tmp_path / "sample" / "payloads.jsonl").read_text().splitlines()]
    assert [f"v{row['n']}" for row in payloads] == ids
