"""The embedded index: a Qdrant shard in this process, derived from the journal and no more than a copy of it.

It lies beside the journal, in ``index``, and says in ``position.json`` up to which entry it has come. A search brings
it up to date first. It is built again when it is missing or damaged, when its format or engine is another, or when the
journal does not hold what it has seen. It holds numbers and filters; what a search returns is read from the journal.

One process at a time has the shard open (``held.py``). Who does not get it in time, behind a stopped process or a long
rebuild, builds an index of its own in a temporary folder.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonet.errors import StorageError, ToolError, storage
from nonet.tools.qdrant import held
from nonet.tools.qdrant.journal import Entry, Journal
from nonet.tools.qdrant.points import FORMAT, VECTORS, Hit, Question, payload, vectors

if TYPE_CHECKING:
    import qdrant_edge

_PATIENCE = 5.0
"""Seconds to wait for the index."""
_ROOM = 64_000_000
"""Bytes that must be free: the engine maps its files, and a page that finds no room would end the process."""
_BATCH = 1000
LAYOUT = f"{FORMAT}.1"
"""Of the shard's files; an index of another one is built again. The first number is that of the points."""
_FILTERED = "reach"
"""The one field that every question filters by: indexed, or a search reads the payload of each point it passes."""


@dataclass(frozen=True)
class Position:
    """How far an index has come: the last entry it holds, and how many."""

    format: str
    engine: str
    number: int = 0
    key: str = ""
    entries: int = 0


class _Unusable(Exception):
    """The index must be built again."""


def search(journal: Journal, question: Question, patience: float = _PATIENCE) -> list[Hit]:
    """Return the entries near to a question.

    Args:
        journal: the truth.
        question: what is asked.
        patience: seconds to wait for another process that holds the index.

    Raises:
        StorageError: the disk is full.
        ToolError: the engine fails on an index just built.
    """
    if not journal.size():
        return []
    folder = journal.path.parent / "index"
    with held.turn(folder, patience) as seat:
        if seat is not None:
            return _answered(journal, seat, question)
    with tempfile.TemporaryDirectory(prefix="nonet-memory-") as aside:
        seat = held.Seat(Path(aside) / "index")
        try:
            return _answered(journal, seat, question)
        finally:
            seat.drop()


def _answered(journal: Journal, seat: held.Seat, question: Question) -> list[Hit]:
    """Ask the index; where that fails, build it again and ask once more."""
    try:
        return _asked(journal, seat, question)
    except _Unusable:
        shutil.rmtree(seat.folder, ignore_errors=True)
    try:
        return _asked(journal, seat, question)
    except _Unusable as error:
        raise ToolError(f"The memory's index {seat.folder} cannot be built: {error}.", "Remove the folder.") from error


def _asked(journal: Journal, seat: held.Seat, question: Question) -> list[Hit]:
    try:
        if seat.shard is None or seat.position is None or not _current(journal, seat, seat.position):
            seat.drop()
            shard, position = _opened(journal, seat.folder)
        else:
            shard, position = seat.shard, seat.position
        seat.keep(shard, _caught_up(shard, journal, position, seat.folder))
        scores = nearest(shard, question)
    except BaseException as error:
        seat.drop()
        if _of_engine(error):
            raise _Unusable(" ".join(str(error).split())[:200]) from error
        raise
    entries = journal.numbered(list(scores))
    if len(entries) < len(scores):
        seat.drop()
        raise _Unusable("it holds what the journal does not")
    return [Hit(entries[number], near) for number, near in scores.items()]


def _current(journal: Journal, seat: held.Seat, position: Position) -> bool:
    """Whether what is open is what lies in the folder, and an index of this journal's."""
    return seat.stands() and _position(seat.folder) == position and _follows(position, position, journal)


def _opened(journal: Journal, folder: Path) -> tuple[qdrant_edge.EdgeShard, Position]:
    """Load the shard if it is an index of this journal's, else begin one."""
    import qdrant_edge as engine

    nothing = Position(LAYOUT, version("qdrant-edge-py"))
    position = _position(folder)
    if position is not None and _follows(position, nothing, journal):
        return engine.EdgeShard.load(str(folder / "shard")), position
    with storage(folder, _ROOM):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "shard").mkdir(parents=True)
        _has_room(folder)
    config = engine.EdgeConfig(
        sparse_vectors={
            name: engine.EdgeSparseVectorParams(modifier=engine.Modifier.Idf if weighed else None)
            for name, weighed in VECTORS.items()
        },
        max_search_threads=1,
        # What was not flushed is added again from the journal: a second log would be synced for nothing.
        wal_enabled=False,
    )
    shard = engine.EdgeShard.create(str(folder / "shard"), config)
    shard.update(engine.UpdateOperation.create_field_index(_FILTERED, engine.PayloadSchemaType.Keyword))
    return shard, nothing


def _follows(position: Position, nothing: Position, journal: Journal) -> bool:
    """Whether the index is of today's format and engine, and the journal holds the entry it has come to."""
    if (position.format, position.engine) != (nothing.format, nothing.engine):
        return False
    last = journal.numbered([position.number]).get(position.number)
    return last is not None and last.key == position.key


def _caught_up(shard: qdrant_edge.EdgeShard, journal: Journal, position: Position, folder: Path) -> Position:
    """Add what the journal has gained, and return how far the index has come.

    A kill before the position is written has it added again, to no effect.
    """
    import qdrant_edge as engine

    fresh = journal.entries(after=position.number)
    if fresh:
        _has_room(folder)
        for begin in range(0, len(fresh), _BATCH):
            points = [_point(entry) for entry in fresh[begin : begin + _BATCH]]
            shard.update(engine.UpdateOperation.upsert_points(points))
        shard.flush()
    count = position.entries + len(fresh)
    if shard.info().points_count != count:
        raise _Unusable(f"it has {shard.info().points_count} entries of {count}")
    if not fresh:
        return position
    last = fresh[-1]
    reached = Position(position.format, position.engine, last.number, last.key, count)
    _write(folder, reached)
    return reached


def nearest(shard: qdrant_edge.EdgeShard, question: Question) -> dict[int, dict[str, float]]:
    """Return number → vector → score, of the entries near by any vector of the question."""
    import qdrant_edge as engine

    conditions: list[Any] = [
        engine.FieldCondition(name, match=engine.MatchAny(list(values))) for name, values in question.where.items()
    ]
    found: dict[int, dict[str, float]] = {}
    for name, asked in question.vectors.items():
        if not asked:
            continue
        near = engine.Query.Nearest(engine.SparseVector(list(asked), list(asked.values())), using=name)
        request = engine.QueryRequest(limit=question.limit, query=near, filter=engine.Filter(must=conditions))
        for point in shard.query(request):
            found.setdefault(int(str(point.id)), {})[name] = point.score
    return found


def _point(entry: Entry) -> qdrant_edge.Point:
    import qdrant_edge as engine

    sparse: dict[str, Any] = {
        name: engine.SparseVector(list(each), list(each.values())) for name, each in vectors(entry).items()
    }
    return engine.Point(entry.number, sparse, dict(payload(entry)))


def _of_engine(error: BaseException) -> bool:
    """The engine raises plain ``Exception``, and where Rust panicked a ``BaseException`` of its own."""
    return type(error) is Exception or type(error).__name__ == "PanicException"


def _position(folder: Path) -> Position | None:
    try:
        return Position(**json.loads((folder / "position.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(folder: Path, position: Position) -> None:
    """Write the position, aside and renamed into place."""
    text = json.dumps(asdict(position))
    path = folder / "position.json"
    with storage(path, len(text)):
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        path.with_suffix(".new").replace(path)


def _has_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < _ROOM:
        raise StorageError(
            f"Cannot write {folder}: the disk is nearly full, {_ROOM:,} bytes are needed.",
            "Free space there, then: nonet resume RUN",
        )
