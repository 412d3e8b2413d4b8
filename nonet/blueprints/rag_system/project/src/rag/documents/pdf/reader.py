"""From a PDF's bytes to a document: text in reading order, headings, printed pages (PDFium, by pypdfium2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any

from rag.documents.markdown import title_of
from rag.documents.metadata import dated
from rag.documents.model import Document, Section, UnreadableError, Value, storable
from rag.documents.pdf import furniture, headings, lines, paragraphs
from rag.documents.pdf.lines import Line

NEEDS_PASSWORD = 4
"""PDFium's code for a file that wants a password."""
DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-]\d\d)'?(\d\d)?)?")


def parse(name: str, data: bytes) -> Document:
    """Read a PDF; its sections carry the pages they are printed on.

    Raises:
        UnreadableError: it wants a password, is broken, or has no text.
    """
    pdfium: Any = import_module("pypdfium2")
    try:
        opened: Any = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == NEEDS_PASSWORD
        raise UnreadableError("encrypted: it needs a password" if locked else "malformed: no PDF") from error
    try:
        pages = [_lines(opened, number) for number in range(len(opened))]
        entries = headings.outline(opened)
        told: Mapping[str, str] = opened.get_metadata_dict()
    except pdfium.PdfiumError as error:
        raise UnreadableError(f"malformed: {error}") from error
    finally:
        opened.close()
    if not any(pages):
        raise UnreadableError("no text: its pages are pictures")
    kept = furniture.without(pages, entries)
    sections = tuple(_sections(kept if any(kept) else pages, entries))
    shown = _title(told) or headings.largest(next(filter(None, pages)), headings.body_height(pages))
    shown = shown or title_of(sections) or PurePosixPath(name).stem
    return Document(name, shown, sections, "pdf", _known(told, len(pages)))


def _title(told: Mapping[str, str]) -> str:
    """Return the title of the document information, unless a program put its own or the file's name there."""
    title = storable(" ".join(told.get("Title", "").split()))
    return "" if re.search(r"^untitled|\.\w{2,5}$|^microsoft ", title, re.IGNORECASE) else title


def _lines(opened: Any, number: int) -> list[Line]:
    page: Any = opened[number]
    try:
        return lines.read(page)
    finally:
        page.close()


def _sections(pages: Sequence[Sequence[Line]], entries: Sequence[headings.Entry]) -> Iterator[Section]:
    """Cut the lines at their headings."""
    marks = headings.marks(pages, entries)
    words = paragraphs.vocabulary(pages)
    heading, level, body = "", 0, _Body(words)
    for number, printed in enumerate(pages, 1):
        place = begun = 0
        while place < len(printed):
            mark = marks.get((number - 1, place))
            if mark is None:
                place += 1
                continue
            body.add(printed[begun:place], number)
            if heading or body.text:
                yield Section(heading, level, body.text, tuple(body.pages))
            level, taken = mark
            heading = " ".join(paragraphs.text(printed[place : place + taken], words).split())
            body = _Body(words)
            body.pages.append((0, number))
            place = begun = place + taken
        body.add(printed[begun:], number)
    if heading or body.text:
        yield Section(heading, level, body.text, tuple(body.pages))


class _Body:
    """The text of a section, growing by what stands on each page."""

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words
        self._parts: list[str] = []
        self._length = 0
        self._hyphened = False
        self.pages: list[tuple[int, int]] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, printed: Sequence[Line], number: int) -> None:
        if not printed:
            return
        after = paragraphs.text(printed, self._words)
        if self._parts:
            before = self._parts[-1].removesuffix("-") if self._hyphened else self._parts[-1]
            between = paragraphs.across(before, self._hyphened, after, self._words)
            self._length += len(before) + len(between) - len(self._parts[-1])
            self._parts[-1:] = [before, between]
        if not self.pages or self.pages[-1][1] != number:
            self.pages.append((self._length, number))
        self._parts.append(after)
        self._length += len(after)
        self._hyphened = printed[-1].hyphened


def _known(told: Mapping[str, str], pages: int) -> dict[str, Value]:
    """Return the document information that can be filtered by."""
    known: dict[str, Value] = {"pages": float(pages)}
    for key in ("Author", "Subject", "Keywords"):
        value = storable(" ".join(told.get(key, "").split()))
        if value:
            known[key.lower()] = value
    dates = {"modified": told.get("ModDate", ""), "date": told.get("CreationDate", "")}
    iso = {key: _iso(value) for key, value in dates.items() if _iso(value)}
    return dated({**known, **iso})


def _iso(date: str) -> str:
    """Turn a PDF's date (ISO 32000, 7.9.4) into an ISO one; what is none gives nothing."""
    found = DATE.match(date)
    if not found:
        return ""
    year, month, day, hour, minute, second, offset, minutes = found.groups()
    zone = f"{offset}:{minutes or '00'}" if offset else "Z"
    return f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}"
