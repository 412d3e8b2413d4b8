"""Copies of the files to scan, under names of ours: no link, name or ignore file of the user's steers the scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nonet.errors import ToolError
from nonet.tools.filesystem.roots import Entry, Root, Roots
from nonet.tools.semgrep.cells import as_python
from nonet.tools.sourcegraph import ripgrep
from nonet.tools.sourcegraph.notebooks import Place, code_cells

FILES = 20_000
BYTES = 200_000_000
LARGEST = 1_000_000
"""Bytes of one file of Python; what is larger is generated, and takes the scan's time."""
LONG_LINES = 1_000
"""Bytes of a file's lines on average from which no person wrote it: tables, minified code."""
BATCH = 1_000
BATCH_BYTES = 20_000_000
SUFFIXES = (".py", ".pyi", ".ipynb")
_LISTING = ("--no-require-git", "--no-ignore-dot", "--no-ignore-parent", "--no-messages")


@dataclass(frozen=True)
class Source:
    """One file as it is scanned.

    Attributes:
        name: what people call it: root and path.
        path: its path from where a patch is applied: beneath the root, or the name where there are several roots.
        content: what is scanned, UTF-8; of a notebook the code of its cells.
        places: of a notebook, where each line stands; empty for any other file.
        exact: whether ``content`` is the file itself, byte by byte.
    """

    name: str
    path: str
    content: bytes
    places: tuple[Place, ...] = ()
    exact: bool = True

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines without their ends."""
        return tuple(line.removesuffix("\r") for line in self.content.decode("utf-8").split("\n"))

    def place(self, line: int) -> Place | None:
        """Return the cell, and the line within it, of a notebook's line; ``line`` counts from 1."""
        return self.places[min(line, len(self.places)) - 1] if self.places else None

    def reference(self, line: int) -> str:
        """``path:line``, or ``path:cell N:line``; ``line`` counts from 1."""
        place = self.place(line)
        return f"{self.name}:cell {place.cell}:{place.line}" if place else f"{self.name}:{line}"


@dataclass
class Staged:
    """What was copied, by the name of the copy, in batches; and what was left out.

    Attributes:
        batches: names of copies, each list for one run of the scanner.
        past_limits: files that are too large, or too many.
        generated: files whose lines no person wrote.
        unreadable: files that could not be read.
        cells: cells of notebooks that are no Python.
    """

    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    batches: list[list[str]] = field(default_factory=list[list[str]])
    past_limits: int = 0
    generated: int = 0
    unreadable: int = 0
    cells: int = 0

    def note(self) -> str:
        """Say what was not scanned, "" where nothing was left out."""
        counted = (
            ("files past the limits", self.past_limits),
            ("files with lines that no person wrote", self.generated),
            ("files that cannot be read", self.unreadable),
            ("cells that are no Python", self.cells),
        )
        said = "; ".join(f"{what}: {count}" for what, count in counted if count)
        return f"Not scanned: {said}." if said else ""


def stage(roots: Roots, entries: Sequence[Entry], folder: Path) -> Staged:
    """Copy Python files and the code of notebooks into ``folder``, one folder a batch."""
    staged, total, in_batch = Staged(), 0, BATCH_BYTES
    alone = len(roots.all) == 1
    for entry in entries:
        notebook = entry.relative.endswith(".ipynb")
        if len(staged.sources) == FILES or total > BYTES or (entry.size > LARGEST and not notebook):
            staged.past_limits += 1
            continue
        try:
            source, cells = _source(entry, roots.read(entry.root, entry.relative), alone)
        except ToolError:
            staged.unreadable += 1
            continue
        size = len(source.content)
        staged.cells += cells
        if size > LARGEST:
            staged.past_limits += 1
            continue
        if size > LONG_LINES * (source.content.count(b"\n") + 1):
            staged.generated += 1
            continue
        if in_batch + size > BATCH_BYTES or len(staged.batches[-1]) == BATCH:
            staged.batches.append([])
            in_batch = 0
        total, in_batch = total + size, in_batch + size
        copy = f"{len(staged.sources):06}.py"
        (folder / copy).write_bytes(source.content)
        staged.batches[-1].append(copy)
        staged.sources[copy] = source
    return staged


def files(roots: Roots, path: str = "", suffixes: Sequence[str] = SUFFIXES) -> list[Entry]:
    """Return the files of some kinds beneath a path, or beneath every root; git-ignored ones are left out.

    Raises:
        ToolError: the path lies beneath no root, or is a file of another kind or one that git ignores.
    """
    if not path:
        return [entry for root in roots.all for entry in _beneath(roots, root, ".", suffixes)]
    root, relative = roots.locate(path)
    found = list(_beneath(roots, root, relative, suffixes))
    if not found and relative.endswith(tuple(suffixes)):
        raise ToolError(f"{path!r} is ignored by git, or is no file to scan.", "Name another file.")
    return found


def _beneath(roots: Roots, root: Root, start: str, suffixes: Sequence[str]) -> Iterator[Entry]:
    parent, _, last = start.rpartition("/")
    is_file = (root.path / start).is_file()
    entries = roots.files(root, parent or ".", deep=False) if is_file else roots.files(root, start)
    kept = _kept_by_git(root.path) if not root.only else None
    for entry in entries:
        if is_file and entry.relative.rpartition("/")[2] != last:
            continue
        if entry.relative.endswith(tuple(suffixes)) and (kept is None or entry.relative in kept):
            yield entry


def _kept_by_git(folder: Path) -> set[str]:
    """Return the files that no ignore file of git's leaves out."""
    found = ripgrep.listed(folder, _LISTING, b"", ripgrep.SECONDS)
    if found.cut:
        raise ToolError(f"{folder} has more files than can be listed: {found.cut}.", "Work in a folder of it.")
    return {name.removeprefix("./") for name in found.files}


def _source(entry: Entry, content: bytes, alone: bool) -> tuple[Source, int]:
    path = entry.relative if alone else entry.name
    if entry.relative.endswith(".ipynb"):
        cells = code_cells(content)
        lines, left_out = as_python(cells)
        text = "\n".join(lines).encode("utf-8", errors="replace")
        return Source(entry.name, path, text, cells.places, exact=False), left_out
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", errors="replace").encode()
        return Source(entry.name, path, text, exact=False), 0
    return Source(entry.name, path, content), 0
