"""The chunks of an index on disk: their texts are read on demand, so that memory holds offsets only."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.chunking import heading_path, spans
from rag.design import Design
from rag.documents.model import Document, page
from rag.embedding.files import token_spans
from rag.errors import CorpusError


@dataclass(frozen=True)
class Chunk:
    """A chunk as it is shown.

    Attributes:
        number: its place among its document's chunks, from 0.
        span: characters of the page's text, start and end.
    """

    doc: str
    number: int
    title: str
    headings: tuple[str, ...]
    span: tuple[int, int]
    text: str

    @property
    def label(self) -> str:
        """Title and heading path, each name once."""
        return " > ".join(dict.fromkeys((self.title, *self.headings)))


def build(documents: Iterable[Document], design: Design, out: Path) -> dict[str, float]:
    """Cut the documents and write their texts, owners and offsets; return counts.

    Raises:
        CorpusError: no document has text.
    """
    docs: list[str] = []
    owner: list[int] = []
    offsets: list[int] = [0]
    with (out / "chunks.jsonl").open("wb") as lines:
        for document in documents:
            whole = page(document)
            cut = spans(whole, design, token_spans)
            if not cut:
                continue
            for number, (start, end) in enumerate(cut):
                record = [number, document.title, heading_path(whole, start), start, end, whole.text[start:end]]
                line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
                lines.write(line)
                offsets.append(offsets[-1] + len(line))
                owner.append(len(docs))
            docs.append(document.id)
    if not docs:
        raise CorpusError("No document of the corpus has any text; nothing can be indexed.")
    (out / "documents.json").write_text(json.dumps(docs, ensure_ascii=False), encoding="utf-8")
    np.save(out / "owner.npy", np.asarray(owner, dtype=np.int32))
    np.save(out / "offsets.npy", np.asarray(offsets, dtype=np.int64))
    return {"documents": float(len(docs)), "chunks": float(len(owner))}


class Chunks:
    """The chunks of a built index, in order of document and place.

    Attributes:
        docs: document ids, ascending.
        owner: for each chunk the index of its document, ascending; shape (chunks,).
        first: for each document the index of its first chunk; shape (documents,).
    """

    def __init__(self, folder: Path) -> None:
        self.docs: list[str] = json.loads((folder / "documents.json").read_text("utf-8"))
        self.owner: NDArray[np.int32] = np.load(folder / "owner.npy")
        self._offsets: NDArray[np.int64] = np.load(folder / "offsets.npy")
        with (folder / "chunks.jsonl").open("rb") as lines:
            self._lines = mmap.mmap(lines.fileno(), 0, access=mmap.ACCESS_READ)
        self.first: NDArray[np.int64] = np.searchsorted(self.owner, np.arange(len(self.docs)))

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, place: int) -> Chunk:
        line = self._lines[int(self._offsets[place]) : int(self._offsets[place + 1])]
        number, title, headings, start, end, text = json.loads(line)
        return Chunk(self.docs[int(self.owner[place])], number, title, tuple(headings), (start, end), text)

    def indexed(self, title_prefix: bool) -> Iterator[str]:
        """Yield the text each chunk is indexed by: with its title and headings before it, or as it is."""
        for place in range(len(self)):
            chunk = self[place]
            yield prefixed(chunk) if title_prefix else chunk.text


def prefixed(chunk: Chunk) -> str:
    """Put title and headings before a chunk's text, less those the text itself begins with."""
    names = [name for name in dict.fromkeys((chunk.title, *chunk.headings)) if name]
    while names and chunk.text.startswith(names[-1]):
        names.pop()
    return f"{' > '.join(names)}\n{chunk.text}" if names else chunk.text
