"""PDF files made here, read back as a reader of the printed page would."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from fpdf import FPDF

from rag.chunks import Chunks, build
from rag.design import Design
from rag.documents import folder, model
from rag.documents.pdf import reader


class Manual(FPDF):
    """Pages with a running header and a footer that numbers them."""

    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.cell(0, 5, "ACME handbook")
        self.ln(12)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 5, f"Page {self.page_no()} of 4")


def manual() -> bytes:
    made = Manual()
    for number, animal in enumerate(("badger", "heron", "otter", "vole"), 1):
        made.add_page()
        made.set_font("Helvetica", size=20)
        made.cell(0, 10, f"{number} The {animal}")
        made.ln(14)
        made.set_font("Helvetica", size=11)
        made.multi_cell(90, 5, f"A {animal} lives near the inter-\nnational border and is well-\nknown there. " * 2)
        made.ln(6)
        made.multi_cell(
            90, 5, f"In winter the {animal} sleeps through " + "one long and quiet night after another " * 4
        )
    return bytes(made.output())


def lines(*rows: tuple[float, float, str], size: float = 11) -> bytes:
    """Print texts at (x, y) in millimetres from the upper left, in the order given."""
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=size)
    for x, y, text in rows:
        made.set_xy(x, y)
        made.cell(0, 5, text)
    return bytes(made.output())


def text_of(data: bytes) -> str:
    return model.page(reader.parse("a.pdf", data)).text


def test_sections_are_found_by_larger_letters_and_carry_their_pages():
    document = reader.parse("acme/handbook.pdf", manual())
    assert document.kind == "pdf"
    assert document.title == "1 The badger"
    assert [section.heading for section in document.sections] == [
        "1 The badger",
        "2 The heron",
        "3 The otter",
        "4 The vole",
    ]
    assert [section.pages for section in document.sections] == [((0, number),) for number in (1, 2, 3, 4)]


def test_running_headers_and_page_numbers_are_dropped():
    text = text_of(manual())
    assert "ACME" not in text
    assert "Page" not in text
    assert "1 The badger" in text  # a numbered chapter at the top of every page is none


def test_words_parted_by_hyphens_are_joined_and_lines_become_paragraphs():
    section = reader.parse("a.pdf", manual()).sections[0]
    first, second = section.text.split("\n\n")
    assert "near the international border" in first
    assert second.startswith("In winter the badger sleeps through one long and quiet night after another one long")


def test_the_document_decides_which_hyphens_stay():
    said = "A well-known and state-of-the-art international plan."
    parted = [(10, 40, "It is well-"), (10, 45, "known, inter-"), (10, 50, "national and post-"), (10, 55, "Soviet.")]
    assert "It is well-known, international and post-Soviet." in text_of(lines((10, 20, said), *parted))


def test_a_word_goes_on_over_the_page_and_the_chunk_knows_where_it_begins(tmp_path: Path):
    made = FPDF()
    made.set_font("Helvetica", size=11)
    made.add_page()
    made.multi_cell(0, 5, "The first page ends in the middle of an extra-")
    made.add_page()
    made.multi_cell(0, 5, "ordinary word and the second page says more")
    document = reader.parse("a.pdf", bytes(made.output()))
    assert [section.text for section in document.sections] == [
        "The first page ends in the middle of an extraordinary word and the second page says more"
    ]
    build([document], Design(chunking="windows", chunk_size=10), tmp_path)
    chunks = Chunks(tmp_path)
    assert [chunks[place].page for place in range(len(chunks))] == [1, 2]
    assert chunks[1].text.startswith("word and")
    assert chunks[1].label == "a (p. 2)"


def test_the_outline_names_headings_in_letters_of_any_size():
    made = FPDF()
    made.set_font("Helvetica", size=11)
    made.add_page()
    for level, name in ((0, "Setup"), (1, "On Linux"), (1, "On Windows")):
        made.start_section(name, level=level)
        made.multi_cell(0, 5, f"{name}\nSome words on how it is done, {name.lower()} and elsewhere.")
        made.ln(8)
    document = reader.parse("a.pdf", bytes(made.output()))
    assert [(section.level, section.heading) for section in document.sections] == [
        (1, "Setup"),
        (2, "On Linux"),
        (2, "On Windows"),
    ]
    assert document.sections[1].text == "Some words on how it is done, on linux and elsewhere."


def test_columns_are_read_one_after_the_other_even_when_printed_row_by_row():
    rows = [
        cell
        for row in range(6)
        for cell in (
            (10, 30 + 5 * row, f"left {row} of the first column"),
            (110, 30 + 5 * row, f"right {row} of the second column"),
        )
    ]
    heading = (10, 12, "A heading that runs across both of the columns, from one margin to the other one")
    words = text_of(lines(heading, *rows)).split()
    assert [word for word in words if word in ("left", "right")] == ["left"] * 6 + ["right"] * 6
    assert [word for word in words if word.isdigit()] == [str(row) for row in range(6)] * 2
    assert words[:2] == ["A", "heading"]


def test_lines_printed_out_of_order_are_read_from_the_top_down():
    found = text_of(lines((10, 90, "third"), (10, 20, "first"), (10, 50, "second")))
    assert found.split() == ["first", "second", "third"]


def test_rows_of_a_table_stay_together():
    rows = [(x, 30 + 6 * row, f"{name}{row}") for row in range(5) for x, name in ((10, "a"), (70, "b"), (130, "c"))]
    assert text_of(lines(*rows)).split("\n") == [f"a{row} b{row} c{row}" for row in range(5)]


def test_document_information_is_metadata_and_a_real_title_is_the_title():
    made = FPDF()
    made.set_title("Operating the press")
    made.set_author("Ada Example")
    made.set_creation_date(datetime.fromisoformat("2024-05-01T10:30:00+02:00"))
    made.add_page()
    made.set_font("Helvetica", size=11)
    made.cell(0, 5, "Some text.")
    document = reader.parse("docs/x.pdf", bytes(made.output()))
    assert document.title == "Operating the press"
    assert document.metadata["author"] == "Ada Example"
    assert document.metadata["pages"] == 1.0
    assert document.metadata["modified"] == 1_714_552_200.0


def test_what_cannot_be_read_is_skipped_with_its_reason(tmp_path: Path):
    locked = FPDF()
    locked.set_encryption("owner", user_password="secret")
    locked.add_page()
    locked.set_font("Helvetica", size=11)
    locked.cell(0, 5, "secret text")
    picture = FPDF()
    picture.add_page()
    picture.rect(10, 10, 50, 50, style="F")
    files = {"locked": bytes(locked.output()), "picture": bytes(picture.output()), "cut": manual()[:2000], "empty": b""}
    for name, data in files.items():
        (tmp_path / f"{name}.pdf").write_bytes(data)
    (tmp_path / "good.PDF").write_bytes(lines((10, 20, "Readable.")))
    found = list(folder.read(tmp_path))
    assert {item.name: item.reason for item in found if isinstance(item, folder.Skipped)} == {
        "cut.pdf": "malformed: no PDF",
        "empty.pdf": "malformed: no PDF",
        "locked.pdf": "encrypted: it needs a password",
        "picture.pdf": "no text: its pages are pictures",
    }
    assert [item.id for item in found if isinstance(item, model.Document)] == ["good.PDF"]


def test_pages_survive_writing_and_reading(tmp_path: Path):
    document = reader.parse("a.pdf", manual())
    model.write([document], tmp_path / "documents.jsonl")
    (read,) = model.read(tmp_path / "documents.jsonl")
    assert model.page(read) == model.page(document)
    assert json.loads((tmp_path / "documents.jsonl").read_text())["sections"][1]["pages"] == [[0, 2]]


@pytest.mark.parametrize("place", [12, 200, 800, 100_000])
def test_every_character_of_a_page_has_its_number(place: int):
    page = model.page(reader.parse("a.pdf", manual()))
    number = page.page_number(min(place, len(page.text) - 1))
    assert number == page.text[: place + 1].count("The ")  # one heading a page
