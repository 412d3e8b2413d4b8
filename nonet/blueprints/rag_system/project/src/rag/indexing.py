"""Building the index: what changed is read and embedded anew, the rest is reused, and the new index appears whole.

Every index is a folder of its own below ``artifacts/``, named by its content; the file ``current`` names the one in use
and is replaced in one step. A program that is killed at any moment leaves the old index or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

from rag import reading, stages
from rag.errors import IndexMissingError
from rag.parsed import Parsed
from rag.settings import CURRENT, Settings

NAMED = "index-"
ASIDE = ".next-"
LOCK = ".lock"
DOCUMENTS = "documents"


def index(settings: Settings, corpus: Path, fresh: bool = False) -> dict[str, float]:
    """Build every stage of the design aside, then put the whole in the place of the index before; return counts.

    The result is the same, byte for byte, whether the index before was reused or not.

    Args:
        fresh: reuse nothing.

    Raises:
        CorpusError: the corpus is missing or has nothing readable; the index before stays.
        IndexMissingError: another program is indexing right now.
        ModelError: a model of the design cannot be used.
    """
    began = time.perf_counter()
    home = settings.home
    made = not home.exists()
    home.mkdir(exist_ok=True)
    try:
        with _alone(home):
            counted = _index(settings, corpus, None if fresh else settings.artifacts)
    finally:
        if made:
            with contextlib.suppress(OSError):
                (home / LOCK).unlink()
                home.rmdir()  # only where nothing was built
    return {**counted, "seconds": time.perf_counter() - began}


def _index(settings: Settings, corpus: Path, before: Path | None) -> dict[str, float]:
    home = settings.home
    for path in home.glob(f"{ASIDE}*"):  # of programs that were killed
        shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=ASIDE) as name:
        aside = Path(name)
        held = before / DOCUMENTS if before else None
        parsed = Parsed(held)
        counted = reading.ingest(corpus, aside / DOCUMENTS, file_times=True, parsed=parsed)
        counted |= reading.changes(aside / DOCUMENTS, held) | {"parsed": float(parsed.anew)}
        parsed.write(aside / DOCUMENTS)
        built: dict[str, Path] = {}
        for stage in stages.of(settings.design):
            out = aside / stage.name
            parents = {parent: built[parent] for parent in stage.parents}
            previous = before / stage.name if before else None
            found = stages.build(stage.name, settings.design, aside / DOCUMENTS, parents, out, previous)
            for key, value in found.items():
                counted[key] = value if key == "documents" else counted.get(key, 0.0) + value
            built[stage.name] = out
        (aside / DOCUMENTS / "skipped.jsonl").replace(aside / "skipped.jsonl")
        folder = home / f"{NAMED}{_digest(aside)}"
        if not folder.exists():
            aside.rename(folder)
            aside.mkdir()  # for its own removal
    _point(home, folder)
    return counted


def version(folder: Path) -> str:
    """Return what names an index's content: its folder's name, or the sizes and times of an index that came built."""
    if folder.name.startswith(NAMED):
        return folder.name.removeprefix(NAMED)
    state = hashlib.blake2b(digest_size=8)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        status = path.stat()
        state.update(f"{path.relative_to(folder).as_posix()}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return state.hexdigest()


def _digest(folder: Path) -> str:
    state = hashlib.blake2b(digest_size=8)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as content:
            state.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            state.update(hashlib.file_digest(content, "blake2b").digest())
    return state.hexdigest()


def _point(home: Path, folder: Path) -> None:
    """Make an index the current one in one step, then remove the others."""
    pointer = home / f"{ASIDE}{CURRENT}"
    with pointer.open("w", encoding="utf-8") as text:
        text.write(folder.name)
        text.flush()
        os.fsync(text.fileno())
    pointer.replace(home / CURRENT)
    for path in home.iterdir():
        if path.is_dir() and path != folder:
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in (CURRENT, LOCK) and path.is_file():
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(home: Path) -> Generator[None]:
    """Keep other programs from indexing at the same time; the lock goes with the program that holds it.

    Raises:
        IndexMissingError: another one is.
    """
    try:
        import fcntl
    except ImportError:  # Windows: two at once are not kept apart there
        yield
        return
    with (home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise IndexMissingError("Another `rag index` is at work on this project; wait for it.") from error
        yield
