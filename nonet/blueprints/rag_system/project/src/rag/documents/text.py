"""Plain text: one section, no heading."""

from __future__ import annotations

from pathlib import PurePosixPath

from rag.documents.model import Document, Section


def parse(name: str, text: str) -> Document:
    """Take the text as it is; the title is the file's stem."""
    return Document(name, PurePosixPath(name).stem, (Section("", 0, text.strip()),), "text")
