"""The whole system, opened for questions: search, pack, answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag import chat, indexing, stages
from rag.answer import Answer, extract, pieces, source
from rag.chunks import Chunk
from rag.context import Context, Packer
from rag.design import Design
from rag.errors import ChatError, IndexMissingError
from rag.filters import Condition, Filter
from rag.indexing import index
from rag.reading import ingest
from rag.retrieval import Ranking, Retriever
from rag.settings import Settings

__all__ = ["System", "answered", "index", "ingest", "open_shipped", "streamed"]


class System:
    """An index opened for questions.

    Attributes:
        version: names the index's content; it changes whenever the index does.
        transformer: what the chat model made of questions, counted.
    """

    def __init__(
        self, design: Design, places: Mapping[str, Path], version: str = "", model: chat.Chat | None = None
    ) -> None:
        self.design = design
        self.version = version
        self._retriever = Retriever(design, places, model)
        self.transformer = self._retriever.transformer
        self._packer = Packer(self._retriever.chunks, design)
        self._filter = Filter(self._retriever.chunks)

    @property
    def size(self) -> tuple[int, int]:
        """How many documents and how many chunks the index has."""
        return len(self._retriever.chunks.docs), len(self._retriever.chunks)

    def search(self, question: str, where: Sequence[Condition] = ()) -> Ranking:
        """Rank the documents and chunks that meet every condition.

        Raises:
            FilterError: a condition asks for a field that no document has.
        """
        return self._retriever.search(question, allowed=self._filter.allowed(where) if where else None)

    def pack(self, ranking: Ranking, question: str) -> Context:
        """Pack the ranking's chunks into the design's budget, compressed for the question if the design says so."""
        return self._packer.pack(ranking.chunks, question)

    def chunk(self, place: int) -> Chunk:
        """Return a chunk by its index in a ranking or a context."""
        return self._retriever.chunks[place]

    def ask(self, question: str, model: chat.Chat | None = None, where: Sequence[Condition] = ()) -> Answer:
        """Search, pack, and answer from what was packed."""
        return answered(question, self.pack(self.search(question, where), question), model)


def answered(question: str, context: Context, model: chat.Chat | None) -> Answer:
    """Answer from a context: written by ``model`` if there is one, else extracted.

    When the model fails the answer is extracted and its note says why.
    """
    if model is None or not context.passages:
        return extract(question, context)
    try:
        return chat.generate(model, question, context)
    except ChatError as error:
        return _instead(question, context, error)


def streamed(question: str, context: Context, model: chat.Chat | None) -> Iterator[list[dict[str, Any]] | str | Answer]:
    """Answer from a context piece by piece: the sources, the text in parts, the whole answer, which counts.

    A model's sources are all that it was given to read; the whole answer names those that it cites. When the model
    fails midway the whole answer is an extracted one, and its note says why.
    """
    if model is None or not context.passages:
        answer = extract(question, context)
        yield list(answer.sources)
        yield from pieces(answer)
        yield answer
        return
    yield [source(number, passage) for number, passage in enumerate(context.passages, 1)]
    parts: list[str] = []
    try:
        for part in model.stream(question, context):
            parts.append(part)
            yield part
        yield chat.cited(model, question, context, "".join(parts))
    except ChatError as error:
        answer = _instead(question, context, error)
        if not parts:
            yield from pieces(answer)
        yield answer


def _instead(question: str, context: Context, error: ChatError) -> Answer:
    note = f"The chat model failed ({error}) These are the documents' own sentences."
    return replace(extract(question, context), note=note, failed=True)


def open_shipped(settings: Settings) -> System:
    """Open the index below ``artifacts/``.

    Raises:
        IndexMissingError: a stage is missing or was built by another design.
        ModelError: a model of the design cannot be used.
    """
    folder = settings.artifacts
    try:
        return _open(settings, folder)
    except (OSError, IndexMissingError):
        if settings.artifacts == folder:
            raise
        return _open(settings, settings.artifacts)  # `rag index` has just put another in its place


def _open(settings: Settings, folder: Path) -> System:
    design = settings.design
    needed = [stage for stage in stages.of(design) if stage.read]
    for stage in needed:
        place = folder / stage.name
        if not place.is_dir():
            raise IndexMissingError(f"The index has no {stage.name} at {place}; build it with `rag index`.")
        if not stages.matches(stage, design, place):
            raise IndexMissingError(f"The index's {stage.name} is of another design; build it anew with `rag index`.")
    places = {stage.name: folder / stage.name for stage in needed}
    return System(design, places, indexing.version(folder), chat.configured(settings.chat))
