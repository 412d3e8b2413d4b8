"""Files that cannot be used are refused in one line that says where and what."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vectordb import ingest, reading
from vectordb.errors import DataError


def test_every_format_gives_the_same_vectors(tmp_path: Path):
    import pyarrow as arrow
    from pyarrow import parquet

    vectors = np.arange(12, dtype=np.float32).reshape(3, 4)
    np.save(tmp_path / "v.npy", vectors)
    parquet.write_table(arrow.table({"id": ["a", "b", "c"], "v": vectors.tolist()}), tmp_path / "v.parquet")
    raw = np.hstack([np.full((3, 1), 4, dtype="<i4"), vectors.astype("<f4").view("<i4")])
    raw.tofile(tmp_path / "v.fvecs")
    for name in ("v.npy", "v.parquet", "v.fvecs"):
        assert (reading.vectors(tmp_path / name)[0] == vectors).all()
    assert reading.vectors(tmp_path / "v.parquet")[1] == ["a", "b", "c"]


def source(tmp_path: Path, **files: object) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for name, content in files.items():
        if isinstance(content, np.ndarray):
            np.save(folder / f"{name}.npy", content)
        else:
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content), encoding="utf-8")  # type: ignore[attr-defined]
    return folder


GOOD = np.ones((4, 3))
HOLED = np.array([[1.0, 2.0, 3.0], [1.0, np.nan, 3.0]])
BAD = [
    ({"vectors": HOLED}, "row 1 holds NaN"),
    ({"vectors": np.ones(5)}, "shape"),
    ({"vectors": np.array([["a", "b"]])}, "must be numbers"),
    ({"vectors": np.array([[1, 2], [3]], dtype=object)}, "differing width"),
    ({"vectors": np.zeros((3, 2))}, "zero vector"),
    ({"vectors": GOOD, "queries": np.ones((2, 5))}, "5 dimensions"),
    ({"vectors": GOOD, "payloads": [{"a": 1}]}, "1 payloads for 4 rows"),
    ({"vectors": GOOD, "payloads": [{"a": [1]}] * 4}, "no scalar"),
    ({"texts": [{"id": "a"}]}, 'no "text"'),
    ({"texts": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]}, "repeats the id"),
    ({"texts": [{"id": "a", "text": "x"}]}, "too few or too short"),
]


@pytest.mark.parametrize(("files", "said"), BAD)
def test_bad_data_is_refused_in_one_line(tmp_path: Path, files: dict[str, object], said: str):
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(DataError, match=said) as caught:
        ingest.ingest(source(tmp_path, **files), out, {"embeddings": "wordllama"})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("content", "said"), [(b"nothing", "no npy file"), (b"", "no npy file"), (None, "cut off")])
def test_a_file_that_is_no_array_is_refused(tmp_path: Path, content: bytes | None, said: str):
    np.save(tmp_path / "v.npy", GOOD)
    path = tmp_path / "v.npy"
    path.write_bytes(path.read_bytes()[:-8] if content is None else content)
    with pytest.raises(DataError, match=said) as caught:
        reading.vectors(path)
    assert "pickle" not in str(caught.value)


def test_made_questions_are_not_left_in_the_texts(tmp_path: Path):
    texts = [
        {"id": f"{row}", "text": f"The harbour number {row} lies north. " + "It has many ships and cranes to see. " * 3}
        for row in range(40)
    ]
    out = tmp_path / "out"
    out.mkdir()
    counts = ingest.ingest(source(tmp_path, texts=texts), out, {"embeddings": "wordllama"})
    assert counts["queries"] == 10
    questions = [json.loads(line) for line in (out / "questions.jsonl").read_text().splitlines()]
    copy = {row["id"]: row["text"] for row in map(json.loads, (out / "copy" / "texts.jsonl").read_text().splitlines())}
    whole = {row["id"]: row["text"] for row in map(json.loads, (out / "texts.jsonl").read_text().splitlines())}
    for question in questions:
        (name,) = question["relevant"]
        assert question["text"] not in copy[name]
        assert question["text"] in whole[name]
