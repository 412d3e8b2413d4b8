"""Multi-vector search: MaxSim as it is defined, and its rank, filters, upkeep and bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vectordb import conditions, data, exact, multivector, reading, scaling, serving, settings, stages, upkeep
from vectordb.database import Database
from vectordb.design import parse
from vectordb.embedding import minilm
from vectordb.errors import DataError, DesignError

Make = Callable[..., settings.Settings]
MULTI = {"embedding": "minilm", "multi_vector": "rerank"}
QUESTIONS = ["the copper engine of the harbour", "a winter letter, number 37", "catalogue of gardens"]


@pytest.fixture(autouse=True)
def few_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BATCH_OF_TEXTS", 2)  # how an index serves is not what is tested here


@pytest.fixture
def read_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that MiniLM reads for their tokens while a test lasts."""
    read: list[str] = []
    inner = minilm.MiniLM.tokens

    def tokens(self: minilm.MiniLM, texts: list[str]) -> list[np.ndarray]:
        read.extend(texts)
        return inner(self, texts)

    monkeypatch.setattr(minilm.MiniLM, "tokens", tokens)
    return read


def maxsim(asked: np.ndarray, stored: np.ndarray) -> float:
    """The definition in float32, token by token: the mean over the question of the best cosine in the text."""
    return float(np.mean([max(float(mine @ theirs) for theirs in stored) for mine in asked]))


def test_rows_come_in_order_of_maxsim_over_all_tokens(of_texts: Make):
    shipped = of_texts(**MULTI, multi_depth=20)
    shallow = settings.opened(shipped)
    whole = Database(replace(shipped.design, multi_depth=200), settings.parts(shipped))  # more than there are rows
    stored = minilm.load().tokens(stages.passages(shipped.artifacts / "records"))
    changed = 0
    for question in QUESTIONS:
        vector, tokens = whole.read(question)
        assert tokens is not None
        wanted = np.array([maxsim(tokens, each) for each in stored])
        assert np.abs(whole.closeness_to_all(vector, tokens) - wanted).max() < 0.01  # 8 bits
        found = whole.search(10, text=question)
        assert wanted[found.rows].min() >= np.sort(wanted)[-10] - 0.01
        assert found.by_vectors.tolist() == found.rows.tolist()
        truth = exact.neighbours(whole.closeness_to_all(vector, tokens))
        assert set(found.rows.tolist()) <= {*truth.near, *truth.tied}
        assert whole.search(10, vector=vector, tokens=tokens).rows.tolist() == found.rows.tolist()
        one = shallow.search(20, vector=vector).rows.tolist()  # a vector alone has no tokens
        every = shallow.search(20, text=question).rows.tolist()
        assert set(every) == set(one)
        changed += every != one
    assert changed


def test_one_pass_gives_the_vector_that_a_text_has_alone():
    model = minilm.load()
    vector, tokens = model.read("harbour of copper")
    np.testing.assert_array_equal(vector, model.ask("harbour of copper"))
    assert np.allclose(np.linalg.norm(tokens, axis=1), 1.0, atol=1e-5)
    assert len(model.tokens([" "])[0]) > 0  # MaxSim needs something of every text


def test_batches_filters_and_words_use_the_tokens(of_texts: Make, tmp_path: Path):
    shipped = of_texts(**MULTI, hybrid="weighted")
    told = [{"id": "new", "text": "a copper signal in the harbour", "payload": {"year": 2024}}]
    told.append({"id": "old", "text": "the harbour's copper ladder", "payload": {"year": 1999}})
    path = tmp_path / "more.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in told), encoding="utf-8")
    upkeep.ingest(shipped, path)
    database = settings.opened(shipped)
    where = [conditions.parse("year<2000")]
    assert [database.ids[row] for row in database.search(3, text=QUESTIONS[0], where=where).rows] == ["old"]
    for question, found in zip(QUESTIONS, database.search_many(5, QUESTIONS), strict=True):
        assert found.rows.tolist() == database.search(5, text=question).rows.tolist()


def test_upkeep_reads_only_what_is_new_and_gives_what_a_build_in_full_gives(
    of_texts: Make, tmp_path: Path, read_anew: list[str]
):
    shipped = of_texts(**MULTI)
    upkeep.backup(shipped, tmp_path / "kept")
    del read_anew[:]
    path = tmp_path / "more.jsonl"
    more = [{"id": "new", "text": "an iron bridge"}, {"id": "t3", "text": "a submarine in the fjord"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in more), encoding="utf-8")
    upkeep.ingest(shipped, path, ["t5"])
    assert sorted(read_anew) == ["a submarine in the fjord", "an iron bridge"]
    database = settings.opened(shipped)
    assert database.ids[int(database.search(1, text="an iron bridge").rows[0])] == "new"
    anew = tmp_path / "anew"
    anew.mkdir()
    multivector.build(stages.passages(shipped.artifacts / "records"), anew)
    for name in (multivector.VALUES, multivector.SCALES, multivector.OFFSETS):
        assert (anew / name).read_bytes() == (shipped.artifacts / multivector.STAGE / name).read_bytes()
    upkeep.restore(shipped, tmp_path / "kept")
    assert "t5" in settings.opened(shipped).ids


def test_another_version_of_the_model_reads_everything_again(
    of_texts: Make, read_anew: list[str], monkeypatch: pytest.MonkeyPatch
):
    shipped = of_texts(**MULTI)
    assert not upkeep.reembed(shipped)[2]
    del read_anew[:]
    monkeypatch.setattr(minilm.load(), "version", "another")
    assert upkeep.reembed(shipped)[1:] == ("another", True)
    assert len(read_anew) == 60
    assert multivector.Tokens(shipped.artifacts / multivector.STAGE).version == "another"


def test_bytes_of_the_tokens_are_counted_here_and_at_a_scale(tmp_path: Path):
    place = tmp_path / "tokens"
    place.mkdir()
    counted = multivector.build(QUESTIONS, place)["token_vector_bytes"]
    tokens = sum(len(each) for each in minilm.load().tokens(QUESTIONS))
    assert tokens * (384 + 4) <= counted <= tokens * (384 + 4) + 1000
    assert multivector.bytes_a_row(place) == counted / len(QUESTIONS)
    rows, width = 2100, 8
    vectors = np.random.default_rng(2).normal(size=(rows, width)).astype(np.float32)
    found: list[float] = []
    for beside in (0.0, 1000.0):
        home = tmp_path / f"at-{beside}"
        parts = {name: home / name for name in ("vectors", "records", "index", "scaling")}
        for each in parts.values():
            each.mkdir(parents=True)
        np.save(parts["vectors"] / "vectors.npy", vectors)
        data.write_meta(
            parts["records"], data.Meta("l2", "vectors", rows, 10**6, ("given",)), list(map(str, range(rows)))
        )
        stages.build("index", parse({}), home, parts, parts["index"])
        told = scaling.measure(parse({}), parts["vectors"], parts["index"], parts["records"], parts["scaling"], beside)
        found.append(told["scale_bytes"])
    assert found[1] - found[0] == pytest.approx(1000.0 * 10**6, rel=0.01)


@pytest.mark.parametrize("other", [{"embedding": "wordllama"}, {"embedding": "given"}, {"tuning": "ranking"}])
def test_it_needs_the_model_whose_tokens_are_kept(other: dict[str, str]):
    with pytest.raises(DesignError, match="minilm"):
        parse({**MULTI, **other})


def test_several_vectors_a_row_are_refused_with_what_to_give(tmp_path: Path):
    np.save(tmp_path / "v.npy", np.ones((4, 3, 2), dtype=np.float32))
    with pytest.raises(DataError, match=r"3 vectors a row .*--texts"):
        reading.vectors(tmp_path / "v.npy")
