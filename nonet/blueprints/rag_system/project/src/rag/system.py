"""The whole system: index a corpus, search it, answer from it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rag import chat, context, stages
from rag.answer import Answer, extract
from rag.cache import AnswerCache
from rag.design import Design
from rag.documents import model
from rag.errors import ChatError, CorpusError, IndexMissingError
from rag.retrieval import Ranking, Retriever
from rag.settings import Settings


def ingest(source: Path, out: Path, collection: bool = False) -> dict[str, float]:
    """Read the documents below ``source`` into ``out/documents.jsonl``, what was left out into ``out/skipped.jsonl``.

    Raises:
        CorpusError: there is no such place, or nothing readable in it.
    """
    out.mkdir(parents=True, exist_ok=True)
    from rag.documents import folder  # its readers of HTML and Markdown are slow to import

    skipped: list[folder.Skipped] = []

    def documents() -> Iterator[model.Document]:
        for found in folder.read(source, collection):
            if isinstance(found, folder.Skipped):
                skipped.append(found)
            else:
                yield found

    count = model.write(documents(), out / stages.DOCUMENTS)
    lines = (json.dumps({"name": item.name, "reason": item.reason}, ensure_ascii=False) for item in skipped)
    (out / "skipped.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if not count:
        first = f" ({skipped[0].name}: {skipped[0].reason})" if skipped else ""
        raise CorpusError(f"No readable document in {source}{first}.")
    return {"documents": float(count), "skipped": float(len(skipped))}


def index(settings: Settings, corpus: Path) -> dict[str, float]:
    """Build every stage of the design aside, then put them in the place of the old ones; return counts.

    Raises:
        CorpusError: as ``ingest``.
    """
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=settings.root, prefix=".index-") as name:
        aside = Path(name)
        counted = ingest(corpus, aside / "documents")
        built: dict[str, Path] = {}
        for stage in stages.of(settings.design):
            out = aside / "artifacts" / stage.name
            parents = {parent: built[parent] for parent in stage.parents}
            for key, value in stages.build(stage.name, settings.design, aside / "documents", parents, out).items():
                counted[key] = value if key == "documents" else counted.get(key, 0.0) + value
            built[stage.name] = out
        (aside / "documents" / "skipped.jsonl").replace(aside / "artifacts" / "skipped.jsonl")
        shutil.rmtree(settings.artifacts, ignore_errors=True)
        (aside / "artifacts").replace(settings.artifacts)
    return {**counted, "seconds": time.perf_counter() - began}


class System:
    """An index opened for questions."""

    def __init__(self, design: Design, places: dict[str, Path]) -> None:
        self.design = design
        self._retriever = Retriever(design, places)

    def search(self, question: str) -> Ranking:
        """Rank documents and chunks."""
        return self._retriever.search(question)

    def pack(self, ranking: Ranking) -> context.Context:
        """Pack the ranking's chunks into the design's budget."""
        return context.pack(self._retriever.chunks, ranking.chunks, self.design.context_tokens)

    def ask(self, question: str, model: chat.Chat | None = None) -> Answer:
        """Answer from the documents: written by ``model`` if there is one, else extracted.

        When the model fails the answer is extracted and its note says why.
        """
        packed = self.pack(self.search(question))
        if model is None or not packed.passages:
            return extract(question, packed)
        try:
            return chat.generate(model, question, packed)
        except ChatError as error:
            note = f"The chat model failed ({error}) These are the documents' own sentences."
            return replace(extract(question, packed), note=note, failed=True)

    def ask_cached(self, question: str, model: chat.Chat | None, cache: AnswerCache) -> Answer:
        """Answer from the cache, else anew; an answer that a failing model caused is not kept."""
        kept = cache.get(question)
        if kept:
            return kept
        found = self.ask(question, model)
        if not found.failed:
            cache.put(found)
        return found


def open_shipped(settings: Settings) -> System:
    """Open the index below ``artifacts/``.

    Raises:
        IndexMissingError: a stage is missing or was built by another design.
    """
    places = {stage.name: settings.artifacts / stage.name for stage in stages.of(settings.design)}
    for stage in stages.of(settings.design):
        place = places[stage.name]
        if not place.is_dir():
            raise IndexMissingError(f"The index has no {stage.name} at {place}; build it with `rag index`.")
        if not stages.matches(stage, settings.design, place):
            raise IndexMissingError(f"The index's {stage.name} is of another design; build it anew with `rag index`.")
    return System(settings.design, places)


def answer_cache(settings: Settings, model: chat.Chat | None) -> AnswerCache:
    """Return the project's answers, valid for this index, design and chat model only."""
    state = hashlib.blake2b(digest_size=16)
    for path in sorted(path for path in settings.artifacts.rglob("*") if path.is_file()):
        status = path.stat()
        state.update(f"{path.name}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    named = f"{model.url} {model.model}" if model else "extractive"
    version = f"{state.hexdigest()} {json.dumps(settings.design.json(), sort_keys=True)} {named}"
    return AnswerCache(settings.root / ".cache" / "answers.sqlite", version)
