"""What was read of one library, indexed for questions: a file in Nonet's home, shared by processes.

Reading a whole library takes seconds, a question to its index milliseconds; so all of it is read at the first question
(of the largest libraries, what names the question's words most), and the next question, of this process or another,
finds it read. A library of another version or place has a file of its own; one whose files changed is read anew.
"""

from __future__ import annotations

import hashlib
import math
import re
import sqlite3
import stat
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from nonet.settings import Settings
from nonet.tools.context7.installed import Library, canonical
from nonet.tools.context7.newdocs import read_calls
from nonet.tools.context7.signatures import Module, Symbol, module_name, read
from nonet.tools.context7.store import README, Match, Stamp, Store
from nonet.tools.documents import Document, sections

FILE_LIMIT = 2_000_000
READ_LIMIT = 24_000_000
"""Bytes of source that one question reads at most."""
LIBRARIES = 64
"""Files kept; those written longest ago go."""
PATIENCE = 30.0
"""Seconds to wait for another process's write."""
_MARKUP = re.compile(r"(<[^>]*>|\[?!\[[^]]*\]\([^)]*\)(\]\([^)]*\))?|\s)+")
"""A line of tags and pictures alone."""
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True)
class Answer:
    """Matches best first, and how many of the library's sources were read for them."""

    matches: Sequence[Match]
    read: int
    sources: int


@dataclass(frozen=True)
class Question:
    """A question, the names it writes out (dotted or not), and how many matches it wants."""

    text: str
    names: Sequence[str]
    limit: int


def ask(library: Library, question: Question, settings: Settings) -> Answer:
    """Return the best matches of a question, reading first what was not read yet.

    Where the file cannot be used (a full disk, a torn file), the library is read for this question alone.
    """
    path = _path(library, settings)
    with _locks[str(path)]:  # of several questions at once, one reads and the others find it read
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            answer, written = _ask(library, question, str(path))
        except (OSError, sqlite3.Error) as error:
            if not isinstance(error, OSError | sqlite3.OperationalError):  # torn: the next question makes it anew
                with suppress(OSError):
                    path.unlink()
            return _ask(library, question, ":memory:")[0]
    if written:
        _prune(path.parent)
    return answer


def _path(library: Library, settings: Settings) -> Path:
    place = hashlib.blake2b(library.site.encode(), digest_size=6).hexdigest()
    version = re.sub(r"[^A-Za-z0-9.+!-]", "_", library.version)
    return settings.home_path / "cache" / "context7" / f"{canonical(library.name)}-{version}-{place}.sqlite"


def _ask(library: Library, question: Question, path: str) -> tuple[Answer, bool]:
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
        store = Store(connection)
        files = _files(library)
        known = store.known()
        anew = not known <= files.keys()
        missing = {stamp: file for stamp, file in files.items() if anew or stamp not in known}
        if missing or anew:
            chosen = _foremost(missing, question)
            store.add({stamp: _read(library, stamp, source) for stamp, source in chosen.items()}, anew=anew)
        answer = Answer(store.matches(question.text, question.names, question.limit), len(store.known()), len(files))
        return answer, bool(missing or anew)


def _files(library: Library) -> dict[Stamp, Path]:
    found: dict[Stamp, Path] = {}
    for path, file in library.sources():
        try:
            status = file.stat()
        except OSError:
            continue  # listed, and gone
        if stat.S_ISREG(status.st_mode) and status.st_size <= FILE_LIMIT:
            found[Stamp(path, status.st_size, status.st_mtime_ns)] = file
    return found


def _read(library: Library, stamp: Stamp, source: bytes) -> Module:
    if library.is_metadata(stamp.path):
        return _readme(library, module_name(stamp.path))
    module = read(stamp.path, source)
    return replace(module, symbols=[*module.symbols, *read_calls(module.name, source)])


def _readme(library: Library, name: str) -> Module:
    lines = [line for line in library.description().splitlines() if not _MARKUP.fullmatch(line.strip())]
    found = sections(Document(library.name, tuple(lines), False))
    headed = [(each.title.rpartition(" › ")[2], each.text) for each in found]
    return Module(name, [Symbol(f"{library.name}: {head}", name, README, "", text, {}, 1) for head, text in headed])


def _foremost(files: Mapping[Stamp, Path], question: Question) -> dict[Stamp, bytes]:
    """Return the sources of as many files as one question reads: those first that name its words, rare ones, most."""
    sources = {stamp: file.read_bytes() for stamp, file in files.items()}
    if sum(map(len, sources.values())) <= READ_LIMIT:
        return sources
    asked = sorted({word.lower().encode() for name in question.names for word in name.split(".") if len(word) > 2})
    texts = {stamp: stamp.path.encode().lower() + b"\n" + source.lower() for stamp, source in sources.items()}
    counts = {stamp: [text.count(word) for word in asked] for stamp, text in texts.items()}
    holding = [sum(1 for row in counts.values() if row[place]) for place in range(len(asked))]
    rarity = [math.log((1 + len(texts)) / (1 + holders)) for holders in holding]
    weights = {
        stamp: sum(math.log1p(count) * weight for count, weight in zip(row, rarity, strict=True))
        for stamp, row in counts.items()
    }
    chosen: dict[Stamp, bytes] = {}
    total = 0
    for stamp in sorted(sources, key=lambda stamp: (-weights[stamp], stamp.path)):
        total += len(sources[stamp])
        if total > READ_LIMIT:
            break
        chosen[stamp] = sources[stamp]
    return chosen


def _prune(folder: Path) -> None:
    """Remove the files beyond ``LIBRARIES``; another process may be removing the same ones."""
    with suppress(OSError):
        files = sorted(folder.glob("*.sqlite"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for file in files[LIBRARIES:]:
            file.unlink(missing_ok=True)
