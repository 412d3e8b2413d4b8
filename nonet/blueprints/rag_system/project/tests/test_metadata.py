"""What is known about documents beside their text, and that it depends on their bytes alone."""

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import reading
from rag.documents import folder, markdown, metadata, model

FRONT = """---
title: "The guide: part 1"
draft: false
order: 3
weight: -1.5
version: v2.0  # the last one
owner: 'O''Brien'
tags: [a, b]
authors:
  - Ada
  - Ben
summary: >
  folded text
date: 2024-05-01
updated: 2024-05-02T10:00:00+02:00
nothing: null
---
# Head

Body text.
"""


def documents(source: Path, **options: bool) -> dict[str, model.Document]:
    return {item.id: item for item in folder.read(source, **options) if isinstance(item, model.Document)}


def test_front_matter_gives_scalars_and_is_no_text():
    document = markdown.parse("a/guide.md", FRONT)
    assert document.title == "The guide: part 1"
    assert document.metadata == {
        "title": "The guide: part 1",
        "draft": False,
        "order": 3.0,
        "weight": -1.5,
        "version": "v2.0",
        "owner": "O'Brien",
        "date": "2024-05-01",
        "updated": "2024-05-02T10:00:00+02:00",
        "modified": 1_714_636_800.0,
    }
    assert model.page(document).text == "Head\nBody text."


@pytest.mark.parametrize(
    "text",
    [
        "---\nA rule stands above this prose.\n---\nMore.\n",
        "---\n\nOnly a break.\n",
        "---\nkey: never closed\n",
        "---\n---\nEmpty.\n",
        "text first\n---\nkey: value\n---\n",
    ],
)
def test_what_is_no_front_matter_stays_text(text: str):
    document = markdown.parse("a.md", text)
    assert document.metadata == {}
    assert set(text.replace("---", " ").split()) <= set(model.page(document).text.split())


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("1970-01-02", 86_400.0),
        ("1970-01-01T00:00:10Z", 10.0),
        ("1970-01-01 01:00:00 +01:00", 0.0),
        ("next week", None),
        ("2024-13-01", None),
    ],
)
def test_dates_are_seconds_since_the_epoch(date: str, seconds: float | None):
    assert metadata.seconds(date) == seconds


def test_a_date_that_cannot_be_read_gives_the_next_one():
    assert metadata.dated({"modified": "soon", "date": "1970-01-02"}) == {"date": "1970-01-02", "modified": 86_400.0}
    assert metadata.dated({"modified": "soon"}) == {}


@given(st.text(max_size=200))
def test_front_matter_never_fails_and_never_eats_more_than_there_is(text: str):
    found = metadata.front_matter(f"---\n{text}")
    assert 0 <= found.length <= len(text) + 4
    assert all(isinstance(value, str | float | bool) for value in found.values.values())


@given(st.dictionaries(st.from_regex(r"[a-z]{3,8}", fullmatch=True), st.text(max_size=40) | st.booleans(), min_size=1))
def test_quoted_scalars_come_back_as_they_were_written(values: dict[str, str | bool]):
    written = "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items())
    known = metadata.front_matter(f"---\n{written}---\n").values
    dates = {"modified", "updated", "lastmod", "date"}
    kept = {name: value for name, value in values.items() if value != "" and name not in dates}
    assert {name: value for name, value in known.items() if name not in dates} == kept


def test_every_file_names_its_path_folder_and_suffix(corpus: Path):
    found = documents(corpus)
    assert found["guide/users.md"].metadata == {"path": "guide/users.md", "folder": "guide", "suffix": ".md"}
    assert found["notes.txt"].metadata == {"path": "notes.txt", "folder": "", "suffix": ".txt"}


def test_records_of_a_collection_keep_their_further_scalars(tmp_path: Path):
    record = {
        "_id": "a",
        "title": "T",
        "text": "words",
        "year": 1999,
        "open": True,
        "url": "http://x",
        "tags": ["x"],
        "none": None,
        "huge": 10**400,
        "updated": "1970-01-02",
        "metadata": {"venue": "V", "year": 1, "deep": {}},
    }
    (tmp_path / "corpus.jsonl").write_text(json.dumps(record) + "\n")
    assert documents(tmp_path)["a"].metadata == {
        "year": 1999.0,
        "open": True,
        "url": "http://x",
        "venue": "V",
        "updated": "1970-01-02",
        "modified": 86_400.0,
    }


def test_reading_for_a_measurement_depends_on_bytes_and_an_index_knows_the_files_times(tmp_path: Path, corpus: Path):
    (corpus / "dated.md").write_text("---\ndate: 1970-01-02\n---\ntext")
    copy = tmp_path / "copy"
    shutil.copytree(corpus, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000, 1_000_000))
    for source, out in ((corpus, "one"), (copy, "two")):
        reading.ingest(source, tmp_path / out)
    assert (tmp_path / "one" / "documents.jsonl").read_bytes() == (tmp_path / "two" / "documents.jsonl").read_bytes()
    assert "modified" not in documents(copy)["notes.txt"].metadata
    timed = documents(copy, file_times=True)
    assert timed["notes.txt"].metadata["modified"] == 1_000_000.0
    assert timed["dated.md"].metadata["modified"] == 86_400.0  # what the document says goes first


def test_halves_of_surrogate_pairs_in_json_do_not_stop_the_reading(tmp_path: Path):
    half = "\\ud800"
    source = tmp_path / "source"
    source.mkdir()
    (source / "corpus.jsonl").write_text(f'{{"_id": "a{half}", "text": "t{half}", "k{half}": "v{half}"}}\n')
    reading.ingest(source, tmp_path / "one")
    (source / "corpus.jsonl").unlink()
    cell = f'{{"cells": [{{"cell_type": "code", "source": "x = {half}"}}]}}'
    (source / "n.ipynb").write_text(cell)
    (source / "f.md").write_text(f'---\nkey: "v{half}"\n---\ntext')
    assert reading.ingest(source, tmp_path / "two")["documents"] == 2
    (read,) = model.read(tmp_path / "one" / "documents.jsonl")
    assert (read.id, read.metadata) == ("a?", {"k?": "v?"})


def test_metadata_survives_writing_and_documents_of_an_older_version_have_none(tmp_path: Path):
    document = markdown.parse("a.md", FRONT)
    path = tmp_path / "documents.jsonl"
    model.write([document], path)
    (read,) = model.read(path)
    assert read.metadata == document.metadata
    old = {"id": "a", "title": "A", "sections": [{"heading": "", "level": 0, "text": "t"}], "kind": "text"}
    path.write_text(json.dumps(old) + "\n")
    assert [found.metadata for found in model.read(path)] == [{}]
