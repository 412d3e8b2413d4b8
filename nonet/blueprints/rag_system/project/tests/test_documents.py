# ruff: noqa: E501 - the small documents read better on one line
import json
from pathlib import Path

import pytest

from rag.documents import code, folder, html, markdown, model, notebook, rst
from rag.errors import CorpusError


def heads(document: model.Document) -> list[tuple[int, str]]:
    return [(section.level, section.heading) for section in document.sections]


def test_markdown_headings_are_those_that_commonmark_sees():
    text = (
        "---\ntitle: 'The Guide'\n---\nIntro\n\n# One {#one}\n\n```sh\n# no heading\n```\n\nTwo\n---\n\nbody of `two`\n"
    )
    document = markdown.parse("a/b.md", text)
    assert document.title == "The Guide"
    assert heads(document) == [(0, ""), (1, "One"), (2, "Two")]
    assert "# no heading" in document.sections[1].text
    assert document.sections[2].text == "body of `two`"


def test_markdown_without_title_is_named_by_its_heading_then_by_its_file():
    assert markdown.parse("x.md", "text\n\n## A\n\n# Main *thing*\n").title == "Main thing"
    assert markdown.parse("dir/some-file.md", "text only").title == "some-file"


def test_rst_levels_follow_the_order_of_styles_and_nothing_is_included():
    text = "=====\nTitle\n=====\n\nHello :ref:`there <x>`.\n\nPart\n====\n\nbody\n\nSub\n---\n\n.. include:: /etc/passwd\n\nNext\n====\n\nend\n"
    document = rst.parse("a.rst", text)
    assert heads(document) == [(1, "Title"), (2, "Part"), (3, "Sub"), (2, "Next")]
    assert document.title == "Title"
    assert document.sections[0].text == "Hello there."
    assert document.sections[2].text == ".. include:: /etc/passwd"


def test_html_gives_the_main_content_under_its_headings(corpus: Path):
    document = html.parse("faq.html", (corpus / "faq.html").read_text())
    assert document.title == "Questions"
    assert (2, "Shipping") in heads(document)
    assert "fourteen days" in model.page(document).text
    assert "<p>" not in model.page(document).text


def test_short_html_keeps_its_text():
    assert "Hi there" in model.page(html.parse("a.html", "<p>Hi there</p>")).text


def test_notebook_keeps_code_and_leaves_outputs():
    cells = [
        {"cell_type": "markdown", "source": ["# Load\n", "some words"]},
        {"cell_type": "code", "source": "x = read()", "outputs": [{"text": "SECRET OUTPUT"}]},
    ]
    document = notebook.parse("n.ipynb", json.dumps({"cells": cells}))
    assert heads(document) == [(1, "Load")]
    assert document.sections[0].text == "some words\n\nx = read()"
    with pytest.raises(ValueError, match="no cells"):
        notebook.parse("n.ipynb", "[]")


def test_python_gives_docstrings_under_qualified_names_and_is_never_run():
    text = '"""Top."""\nraise SystemExit\n\nclass A:\n    """An A."""\n    def f(self):\n        """Do f."""\n    def g(self): ...\n'
    document = code.parse("pkg/mod.py", text)
    assert [(s.heading, s.text) for s in document.sections] == [
        ("mod", "Top."),
        ("mod.A", "An A."),
        ("mod.A.f", "Do f."),
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("a.py", "def broken(:\n"), ("a.py", "x = 1\n"), ("a.go", "func main() {}\n")]
)
def test_code_without_docstrings_is_text(name: str, text: str):
    assert [section.text for section in code.parse(name, text).sections] == [text.strip()]


def test_what_cannot_be_read_is_skipped_with_its_reason(corpus: Path):
    (corpus / "binary.md").write_bytes(b"# A\0B")
    (corpus / "latin.md").write_bytes("Käse".encode("latin-1"))
    (corpus / "empty.md").write_text("  \n")
    (corpus / "photo.jpg").write_bytes(b"not really")
    (corpus / "bad.ipynb").write_text("{")
    (corpus / ".hidden.md").write_text("hidden")
    (corpus / "link.md").symlink_to("/etc/hostname")
    found = list(folder.read(corpus))
    reasons = {item.name: item.reason for item in found if isinstance(item, folder.Skipped)}
    documents = [item.id for item in found if isinstance(item, model.Document)]
    assert set(reasons) == {"binary.md", "latin.md", "empty.md", "photo.jpg", "bad.ipynb"}
    assert reasons["binary.md"] == "binary"
    assert reasons["latin.md"] == "not UTF-8"
    assert reasons["empty.md"] == "no text"
    assert documents == sorted(documents)
    assert "guide/install.md" in documents


def test_a_missing_corpus_is_refused(tmp_path: Path):
    with pytest.raises(CorpusError, match="does not exist"):
        list(folder.read(tmp_path / "nowhere"))


def test_a_beir_collection_is_read_by_its_ids(tmp_path: Path):
    lines = [
        '{"_id": "b", "title": "T", "text": "words"}',
        '{"id": 7, "text": "more"}',
        "{",
        '{"_id": "b", "text": "again"}',
    ]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    found = list(folder.read(tmp_path))
    assert [item.id for item in found if isinstance(item, model.Document)] == ["7", "b"]
    skipped = {item.name: item.reason for item in found if isinstance(item, folder.Skipped)}
    assert set(skipped) == {"corpus.jsonl:3", "b"}


def test_documents_survive_writing_and_reading(tmp_path: Path, corpus: Path):
    documents = [item for item in folder.read(corpus) if isinstance(item, model.Document)]
    assert model.write(documents, tmp_path / "d.jsonl") == len(documents)
    assert [model.page(d) for d in model.read(tmp_path / "d.jsonl")] == [model.page(d) for d in documents]


def test_page_knows_the_headings_above_each_section():
    page = model.page(markdown.parse("a.md", "# A\n\nx\n\n## B\n\ny\n\n### C\n\nz\n\n## D\n\nw\n"))
    assert page.paths == (("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"))
    assert [page.text[start:].split("\n")[0] for start in page.starts] == ["A", "B", "C", "D"]
