"""Which files are read, and how a corpus is refused."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from nonet.blueprints import load, names
from nonet.blueprints.rag_system import sources
from nonet.blueprints.rag_system.inputs import Inputs
from nonet.blueprints.rag_system.sources import KINDS, listed
from nonet.errors import InputError, UsageError


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _names(corpus: Path, *exclude: Path, questions: Path | None = None) -> list[str]:
    given = Inputs(corpus=str(corpus), questions=str(questions) if questions else None)
    return [file.name for file in listed(given, exclude).files]


def test_lists_documents_sorted_by_their_path_below_the_corpus(tmp_path: Path):
    corpus = _write(tmp_path / "docs", b_dot_md="b", a__z_dot_rst="z", a__code_dot_py="x = 1", LICENSE="free")
    assert _names(corpus) == ["LICENSE", "a/code.py", "a/z.rst", "b.md"]
    first = listed(Inputs(corpus=str(corpus)), ()).files[0]
    assert Path(first.path) == corpus / "LICENSE"


def test_lists_every_kind_that_the_shipped_project_reads(tmp_path: Path):
    written = (Path(sources.__file__).parent / "project" / "src" / "rag" / "documents" / "folder.py").read_text()
    readers = set(re.findall(r'"(\.[a-z]+)"', written[written.index("READERS") : written.index("INSTALLED")]))
    assert ".pdf" in readers
    assert readers == KINDS - {""}
    corpus = _write(tmp_path / "docs", **{f"page_dot_{suffix[1:]}": "x" for suffix in readers})
    assert _names(corpus) == sorted(f"page{suffix}" for suffix in readers)


def test_never_lists_hidden_files_excluded_folders_runs_or_questions(tmp_path: Path):
    corpus = _write(
        tmp_path / "docs",
        page_dot_md="p",
        _dot_git__HEAD="ref",
        _dot_secret_dot_md="s",
        home__memory_dot_md="m",
        old__brief_dot_json="{}",
        old__spent_dot_jsonl="",
        old__report_dot_md="r",
        ask_dot_txt='{"text": "Which page?", "relevant": ["page.md"]}\n',
    )
    assert _names(corpus, corpus / "home", questions=corpus / "ask.txt") == ["page.md"]


def test_an_excluded_folder_above_the_corpus_does_not_hide_it(tmp_path: Path):
    corpus = _write(tmp_path / "run" / "demo", page_dot_md="p")
    assert _names(corpus, tmp_path / "run") == ["page.md"]


def test_skips_with_a_reason(tmp_path: Path):
    corpus = _write(tmp_path / "docs", page_dot_md="p", big_dot_md="x" * 100, picture_dot_png="png")
    _write(tmp_path, secret_dot_md="outside")
    (corpus / "link.md").symlink_to(tmp_path / "secret.md")
    (corpus / "alias.md").symlink_to(corpus / "page.md")
    (corpus / "folder").symlink_to(tmp_path)
    (corpus / "broken.md").symlink_to(tmp_path / "nothing")
    os.mkfifo(corpus / "pipe.md")
    found = listed(Inputs(corpus=str(corpus)), (), file_size_limit=50)
    assert [file.name for file in found.files] == ["page.md"]
    reasons = {skipped.name: skipped.reason for skipped in found.skipped}
    assert reasons.keys() == {"big.md", "picture.png", "link.md", "alias.md", "folder", "broken.md", "pipe.md"}
    assert "outside the corpus" in reasons["link.md"]
    assert "over the limit of 50" in reasons["big.md"]
    assert "not a regular file" in reasons["pipe.md"]


def test_a_beir_folder_gives_only_its_corpus(tmp_path: Path):
    corpus = _write(tmp_path / "b", corpus_dot_jsonl="{}", other_dot_md="o")
    (corpus / "queries.jsonl").write_text(json.dumps({"id": "q", "text": "?"}) + "\n")
    (corpus / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td\t1\n")
    assert _names(corpus) == ["corpus.jsonl"]
    (corpus / "qrels.tsv").unlink()
    assert _names(corpus) == ["other.md"]


def test_a_single_file_is_a_corpus(tmp_path: Path):
    corpus = _write(tmp_path, page_dot_md="p", other_dot_md="o")
    assert _names(corpus / "page.md") == ["page.md"]


@pytest.mark.parametrize(
    ("files", "message"),
    [({}, "is empty"), ({"a.png": "x"}, r"No file .* can be read \(1 skipped; a.png: .png: not a kind")],
)
def test_refuses_a_corpus_without_documents(tmp_path: Path, files: dict[str, str], message: str):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as refused:
        _names(tmp_path)
    assert "\n" not in str(refused.value)


def test_refuses_missing_paths(tmp_path: Path):
    with pytest.raises(InputError, match="There is no corpus at /nowhere"):
        listed(Inputs(corpus="/nowhere"), ())
    _write(tmp_path, page_dot_md="p")
    with pytest.raises(InputError, match="There is no repository at /nowhere"):
        listed(Inputs(corpus=str(tmp_path), repo="/nowhere"), ())
    with pytest.raises(InputError, match="There are no questions at /nowhere"):
        listed(Inputs(corpus=str(tmp_path), questions="/nowhere"), ())


def test_blueprints_are_found_by_their_files():
    assert "rag_system" in names()
    assert load("rag_system").name == "rag_system"
    with pytest.raises(UsageError, match=r"no workflow 'rag'.*rag_system"):
        load("rag")
