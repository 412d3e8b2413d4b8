"""The chunks of an index on disk: their texts are read on demand, so that memory holds offsets only."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.chunking import Span, cut
from rag.design import Design
from rag.documents.model import Document, Page, Value, page
from rag.embedding.files import token_spans
from rag.errors import CorpusError

CHUNKS = "chunks"
PARENTS = "parents"


@dataclass(frozen=True)
class Chunk:
    """A chunk as it is shown.

    Attributes:
        number: its place among its document's chunks, from 0.
        span: characters of the page's text, start and end.
        page: the printed page it begins on, where the document has such pages.
    """

    doc: str
    number: int
    title: str
    headings: tuple[str, ...]
    span: Span
    text: str
    page: int | None = None

    @property
    def label(self) -> str:
        """Title and heading path, each name once, and the printed page."""
        names = " > ".join(dict.fromkeys((self.title, *self.headings)))
        return names if self.page is None else f"{names} (p. {self.page})"


def build(documents: Iterable[Document], design: Design, out: Path) -> dict[str, float]:
    """Cut the documents and write their chunks, what is read around them, and their metadata; return counts.

    Semantic cuts embed sentences: the counts then name what that took.

    Raises:
        CorpusError: no document has text.
    """
    docs: list[str] = []
    owner: list[int] = []
    parent: list[int] = []
    tokens = 0
    apart = design.chunking == "parent_child"
    with (
        _Writer(out, CHUNKS) as chunks,
        _Writer(out, PARENTS if apart else "") as parents,
        (out / "metadata.jsonl").open("w", encoding="utf-8", newline="\n") as metadata,
    ):
        for document in documents:
            whole = page(document)
            found = cut(whole, design, token_spans)
            tokens += found.tokens_embedded
            if not found.cuts:
                continue
            before: Span | None = None
            for number, piece in enumerate(found.cuts):
                chunks.add(_record(number, document.title, whole, piece.span))
                owner.append(len(docs))
                if apart:
                    if piece.passage != before:
                        before = piece.passage
                        parents.add(_record(number, document.title, whole, before))
                    parent.append(parents.count - 1)
            docs.append(document.id)
            metadata.write(json.dumps({**document.metadata, "kind": document.kind}, ensure_ascii=False) + "\n")
    if not docs:
        raise CorpusError("No document of the corpus has any text; nothing can be indexed.")
    (out / "documents.json").write_text(json.dumps(docs, ensure_ascii=False), encoding="utf-8")
    np.save(out / "owner.npy", np.asarray(owner, dtype=np.int32))
    if apart:
        np.save(out / "parent.npy", np.asarray(parent, dtype=np.int32))
    return {"documents": float(len(docs)), "chunks": float(len(owner)), **_cost(tokens)}


class Chunks:
    """The chunks of a built index, in order of document and place.

    Attributes:
        docs: document ids, ascending.
        owner: for each chunk the index of its document, ascending; shape (chunks,).
        first: for each document the index of its first chunk; shape (documents,).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.docs: list[str] = json.loads((folder / "documents.json").read_text("utf-8"))
        self.owner: NDArray[np.int32] = np.load(folder / "owner.npy")
        self.first: NDArray[np.int64] = np.searchsorted(self.owner, np.arange(len(self.docs)))
        self._chunks = _Reader(folder, CHUNKS)
        apart = (folder / "parent.npy").is_file()
        self._parent: NDArray[np.int32] | None = np.load(folder / "parent.npy") if apart else None
        self._parents = _Reader(folder, PARENTS) if apart else None

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, place: int) -> Chunk:
        return self._chunk(place, self._chunks[place])

    def passage(self, place: int) -> Chunk:
        """Return what is read where a chunk is found: the larger window around a child, else the chunk itself.

        The window keeps the number of the chunk that was found.
        """
        found = self[place]
        if self._parents is None or self._parent is None:
            return found
        return replace(self._chunk(place, self._parents[int(self._parent[place])]), number=found.number)

    @cached_property
    def metadata(self) -> Sequence[Mapping[str, Value]]:
        """What is known about each document, its ``kind`` too, in the order of ``docs``; read when asked for."""
        with (self._folder / "metadata.jsonl").open(encoding="utf-8", newline="\n") as lines:
            return [json.loads(line) for line in lines]

    def indexed(self, title_prefix: bool) -> Iterator[str]:
        """Yield the text each chunk is indexed by: with its title and headings before it, or as it is."""
        for place in range(len(self)):
            chunk = self[place]
            yield prefixed(chunk) if title_prefix else chunk.text

    def _chunk(self, place: int, record: list[Any]) -> Chunk:
        number, title, headings, start, end, text, printed = record
        return Chunk(self.docs[int(self.owner[place])], number, title, tuple(headings), (start, end), text, printed)


def prefixed(chunk: Chunk) -> str:
    """Put title and headings before a chunk's text, less the one that is the text's own first line."""
    names = [name for name in dict.fromkeys((chunk.title, *chunk.headings)) if name]
    if names and chunk.text.split("\n", 1)[0] == names[-1]:
        names.pop()
    return f"{' > '.join(names)}\n{chunk.text}" if names else chunk.text


def _record(number: int, title: str, whole: Page, span: Span) -> list[Any]:
    start, end = span
    return [number, title, whole.heading_path(start), start, end, whole.text[start:end], whole.page_number(start)]


def _cost(tokens: int) -> dict[str, float]:
    if not tokens:
        return {}
    from rag.embedding import wordllama

    return {"operations": wordllama.load().operations(tokens), "tokens_embedded": float(tokens)}


class _Writer:
    """Records as lines of JSON, and where each begins; without a name nothing is written."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets_at = folder / f"{name}.offsets.npy"
        self._lines = (folder / f"{name}.jsonl").open("wb") if name else None
        self._offsets = [0]

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lines:
            self._lines.close()
            np.save(self._offsets_at, np.asarray(self._offsets, dtype=np.int64))

    @property
    def count(self) -> int:
        return len(self._offsets) - 1

    def add(self, record: list[Any]) -> None:
        assert self._lines, "a writer without a name has no records"
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        self._lines.write(line)
        self._offsets.append(self._offsets[-1] + len(line))


class _Reader:
    """What a writer wrote, by place."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets: NDArray[np.int64] = np.load(folder / f"{name}.offsets.npy")
        with (folder / f"{name}.jsonl").open("rb") as lines:
            self._lines = mmap.mmap(lines.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, place: int) -> list[Any]:
        return json.loads(self._lines[int(self._offsets[place]) : int(self._offsets[place + 1])])
