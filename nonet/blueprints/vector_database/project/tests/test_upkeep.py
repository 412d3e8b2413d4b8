"""Rows come and go, backups are whole or refused, versions of a model are never mixed, plans follow measured sizes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectordb import cli, growth, load, plan, scaling, settings, sharding, upkeep
from vectordb.conditions import Columns
from vectordb.design import ENGINES, SERVERS
from vectordb.embedding import wordllama
from vectordb.errors import DataError, SettingsError

Make = Callable[..., settings.Settings]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_texts_are_added_replaced_and_deleted(of_texts: Make, tmp_path: Path):
    shipped = of_texts(hybrid="weighted")
    more = [
        {"id": "new", "text": "the volcano erupted at midnight", "payload": {"year": 2024}},
        {"id": "t3", "text": "a submarine in the fjord", "payload": {"year": 1999}},
    ]
    change = upkeep.ingest(shipped, write(tmp_path / "more.jsonl", more), ["t5"])
    assert (change.added, change.replaced, change.deleted, change.rows) == (1, 1, 1, 60)
    assert change.embedded == 2
    database = settings.opened(shipped)
    found = [database.ids[row] for row in database.search(3, text="a volcano erupted").rows]
    assert found[0] == "new"
    assert "t5" not in database.ids
    kept = database.search(3, text="submarine in a fjord", where=[plan_condition("year<2000")]).rows
    assert [database.ids[row] for row in kept] == ["t3"]


def plan_condition(text: str):
    from vectordb import conditions

    return conditions.parse(text)


def test_vectors_are_added_and_of_another_width_refused(of_vectors: Make, tmp_path: Path):
    shipped = of_vectors(engine="faiss_hnsw")
    np.save(tmp_path / "more.npy", 9 * np.eye(2, 32, dtype=np.float32))
    assert upkeep.ingest(shipped, tmp_path / "more.npy").added == 2
    database = settings.opened(shipped)
    assert database.ids[int(database.search(1, vector=np.eye(2, 32, dtype=np.float32)[1]).rows[0])] == "601"
    np.save(tmp_path / "wrong.npy", np.ones((2, 5)))
    with pytest.raises(DataError, match="5 dimensions"):
        upkeep.ingest(shipped, tmp_path / "wrong.npy")


ADDING = [
    pytest.param(engine, reduced, marks=() if engine in ("faiss_hnsw", "usearch") else pytest.mark.slow)
    for engine in ENGINES
    for reduced in (False, True)
    if engine not in SERVERS or engine == "pgvector"
]


@pytest.mark.parametrize(("engine", "reduced"), ADDING)
def test_an_index_grows_without_being_built_again(
    engine: str, reduced: bool, of_vectors: Make, vectors: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    narrower = {"reduction": "pca", "dimensions": 24} if reduced else {}
    shipped = of_vectors(engine=engine, **narrower)
    random = np.random.default_rng(1)
    new = (vectors[:20] + 0.3 * random.normal(size=(20, vectors.shape[1]))).astype(np.float32)
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {"id": [f"n{row}" for row in range(20)], "vector": new.tolist()}
    parquet.write_table(arrow.table(columns), tmp_path / "more.parquet")
    told = [{"year": 1990, "kind": "new"} for _ in range(20)]
    built: list[str] = []
    monkeypatch.setattr(growth.contract, "build", lambda *_: built.append("index"))
    change = upkeep.ingest(shipped, tmp_path / "more.parquet", payloads=write(tmp_path / "p.jsonl", told))
    assert (change.added, change.indexed, change.rows, built) == (20, 20, 620, [])
    database = settings.opened(shipped)
    first = [database.ids[int(database.search(1, vector=vector).rows[0])] for vector in new]
    assert sum(name == f"n{row}" for row, name in enumerate(first)) >= (12 if engine == "faiss_ivfpq" else 18)
    kept = database.search(30, vector=new[0], where=[plan_condition("year<2000")]).rows
    assert {database.ids[row] for row in kept.tolist()} <= {f"n{row}" for row in range(20)}
    assert len(kept) >= (8 if engine in ("faiss_ivf", "faiss_ivfpq", "faiss_hnsw") else 18)


def test_an_index_is_built_anew_where_it_must_be(of_vectors: Make, tmp_path: Path):
    shipped = of_vectors(engine="faiss_ivf")
    np.save(tmp_path / "many.npy", np.random.default_rng(1).normal(size=(200, 32)))
    payloads = write(tmp_path / "p.jsonl", [{"year": 2000, "kind": "x"} for _ in range(200)])
    assert upkeep.ingest(shipped, tmp_path / "many.npy", payloads=payloads).indexed == 800
    assert upkeep.ingest(shipped, None, ["7"]).indexed == 799
    np.save(tmp_path / "one.npy", np.ones((1, 32)))
    other = write(tmp_path / "o.jsonl", [{"colour": "red"}])
    assert upkeep.ingest(shipped, tmp_path / "one.npy", payloads=other).indexed == 800


def test_a_failed_ingestion_leaves_the_index_before(of_texts: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shipped = of_texts()

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(upkeep.growth, "build", full)
    with pytest.raises(OSError, match="full"):
        upkeep.ingest(shipped, write(tmp_path / "more.jsonl", [{"id": "x", "text": "a new text"}]))
    monkeypatch.undo()
    assert len(settings.opened(shipped).ids) == 60
    assert not [path for path in shipped.home.iterdir() if path.name.startswith("index-")]


def test_a_backup_is_restored_and_a_damaged_one_refused(of_texts: Make, tmp_path: Path):
    shipped = of_texts()
    upkeep.backup(shipped, tmp_path / "kept")
    upkeep.ingest(shipped, None, ["t1"])
    assert "t1" not in settings.opened(shipped).ids
    upkeep.restore(shipped, tmp_path / "kept")
    assert "t1" in settings.opened(shipped).ids
    target = next((tmp_path / "kept" / "index" / "index").iterdir())
    target.write_bytes(target.read_bytes()[:-1] + b"?")
    with pytest.raises(SettingsError, match="damaged at index/index"):
        upkeep.restore(shipped, tmp_path / "kept")


def test_another_version_of_the_model_embeds_everything(
    of_texts: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shipped = of_texts()
    assert upkeep.reembed(shipped)[2] is False
    monkeypatch.setattr(wordllama.load(), "version", "wordllama 99")
    change = upkeep.ingest(shipped, write(tmp_path / "more.jsonl", [{"id": "x", "text": "a new text"}]))
    assert change.embedded == 61
    assert upkeep.version(shipped) == "wordllama 99"


def dealt(shards: int) -> sharding.Sharding:
    return sharding.by_hash(10_000_000, shards)


def test_shards_by_hash_are_even_and_by_range_follow_the_values():
    counts = np.bincount([sharding.of_id(str(row), 4) for row in range(4000)])
    assert 0.25 < counts.max() / 4000 <= sharding.by_hash(4000, 4).largest < 0.28
    assert sharding.by_hash(10, 1).largest == 1
    columns = Columns([{"year": 2000 + row % 20, "skewed": 0 if row < 300 else row} for row in range(400)])
    ids = [f"{row:03}" for row in range(400)]
    recent = [[plan_condition("year>=2015")], [plan_condition("kind=guide")]]
    by_year = sharding.by_range(ids, columns, "year", 4, recent)
    assert by_year.bounds == (2005.0, 2010.0, 2015.0)
    assert by_year.largest == 0.25
    assert by_year.asked == (1 + 4) / 2
    assert sharding.by_range(ids, columns, None, 4, recent).bounds == ("100", "200", "300")
    assert sharding.by_range(ids, columns, "skewed", 4, []).largest == 0.75
    with pytest.raises(DataError, match="No payload's number"):
        sharding.by_range(ids, columns, "kind", 4, [])


@given(st.lists(st.integers(-50, 50), min_size=8, max_size=80), st.integers(1, 6))
def test_every_row_has_one_shard_and_ranges_keep_order(values: list[int], shards: int):
    columns = Columns([{"n": value} for value in values])
    made = sharding.by_range([str(row) for row in range(len(values))], columns, "n", shards, [])
    places = [sharding.of_key(float(value), made.bounds) for value in sorted(values)]
    assert places == sorted(places)
    assert max(places.count(place) for place in places) / len(values) == made.largest
    assert all(0 <= place < shards for place in places)


def test_a_plan_follows_the_measured_sizes(of_vectors: Make):
    shipped = of_vectors(engine="faiss_sq8", scale=10_000_000)
    folder = settings.parts(shipped)["scaling"]
    with pytest.raises(DataError, match="several sizes"):  # 600 rows: an eighth of them is too few to measure
        plan.make(folder, 10_000_000, 64, 2, None, dealt)
    points = [
        {"rows": n, "build_seconds": n / 1e4, "bytes": 64.0 * n, "latency_ms": n**0.5 / 50} for n in (1e3, 2e3, 4e3)
    ]
    laws = {name: scaling.fit(points, name) for name in ("build_seconds", "bytes", "latency_ms")}
    assert laws["bytes"].b == pytest.approx(1)
    assert laws["latency_ms"].b == pytest.approx(0.5)
    assert max(law.error for law in laws.values()) < 1e-9
    written = {"scale": 0, "points": points, "laws": {name: vars(law) for name, law in laws.items()}}
    (folder / scaling.FILE).write_text(json.dumps(written), encoding="utf-8")
    made = plan.make(folder, 10_000_000, 0.42, 2, 3.0, dealt)
    assert made.shards == 2  # 0.416 GB each; the four deviations fit too
    assert made.memory_bytes == pytest.approx(1.3 * 64e7)
    assert made.cost_per_hour == pytest.approx(3 * 2 * 0.832)
    assert made.machines == [[0, 2], [1, 3]]
    assert made.rows_per_shard >= 5_000_000


def test_a_load_test_counts_from_when_a_search_was_due(of_vectors: Make, vectors: np.ndarray):
    report = load.run(settings.opened(of_vectors()), vectors[:20], rate=200, seconds=0.2)
    assert (report.searches, report.failed) == (40, 0)
    assert 0 < report.p50_ms <= report.p95_ms <= report.p99_ms


def test_a_load_test_goes_through_a_cache(
    of_vectors: Make, vectors: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = str(of_vectors().root)
    np.save(tmp_path / "q.npy", vectors[:4])
    words = ["--project", root, "load", "--queries", str(tmp_path / "q.npy"), "--rate", "100", "--seconds", "0.4"]
    assert cli.main([*words, "--cache", "exact"]) == 0
    assert json.loads(capsys.readouterr().out)["cache_hit_rate"] >= 0.5
    assert cli.main([*words, "--cache", "measured"]) == 2
    np.save(tmp_path / "log.npy", np.vstack([vectors[:10], vectors[:10]]))
    assert cli.main(["--project", root, "cache", str(tmp_path / "log.npy")]) == 0
    assert json.loads(capsys.readouterr().out)["chosen"]["hit_rate"] >= 0.5


def test_the_command_answers_or_says_what_is_wrong(of_texts: Make, capsys: pytest.CaptureFixture[str]):
    root = str(of_texts(hybrid="rrf").root)
    assert cli.main(["--project", root, "search", "--text", "copper garden", "--k", "3"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert cli.main(["--project", root, "search", "--text", "copper", "--where", "year>2000"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
