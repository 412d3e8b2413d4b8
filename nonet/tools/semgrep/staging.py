"""Copies of the files to scan, under names of ours: no link, name or ignore file of the user's steers the scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nonet.errors import ToolError
from nonet.tools.filesystem.roots import Entry, Roots
from nonet.tools.sourcegraph.notebooks import Place, code_cells

FILES = 20_000
BYTES = 300_000_000
LARGEST = 2_000_000
"""Bytes of one source; what is larger is generated, and takes the scan's time."""
_MAGICS = ("%", "!", "?")


@dataclass(frozen=True)
class Source:
    """One file as it is scanned.

    Attributes:
        name: what people call it: root and path.
        lines: its lines as scanned, without line ends; of a notebook those of all code cells.
        places: of a notebook, where each line stands; empty for any other file.
    """

    name: str
    lines: tuple[str, ...]
    places: tuple[Place, ...] = ()

    def reference(self, line: int) -> str:
        """``path:line``, or ``path:cell N:line``; ``line`` counts from 1."""
        if not self.places:
            return f"{self.name}:{line}"
        place = self.places[min(line, len(self.places)) - 1]
        return f"{self.name}:cell {place.cell}:{place.line}"


@dataclass
class Staged:
    """What was copied, by the name of the copy; and what was left out."""

    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    left_out: int = 0
    unreadable: int = 0

    def note(self) -> str:
        """Say what was not scanned, "" where nothing was left out."""
        said: list[str] = []
        if self.left_out:
            said.append(f"{self.left_out} files past the limits were not scanned.")
        if self.unreadable:
            said.append(f"{self.unreadable} files could not be read.")
        return " ".join(said)


def stage(roots: Roots, entries: Sequence[Entry], folder: Path) -> Staged:
    """Copy Python files and the code of notebooks below ``folder / "files"``."""
    staged, total = Staged(), 0
    files = folder / "files"
    files.mkdir()
    for entry in entries:
        if entry.size > LARGEST or len(staged.sources) == FILES or total + entry.size > BYTES:
            staged.left_out += 1
            continue
        try:
            content = roots.read(entry.root, entry.relative)
        except ToolError:
            staged.unreadable += 1
            continue
        total += len(content)
        source = _source(entry.name, content)
        copy = f"{len(staged.sources):06}.py"
        (files / copy).write_text("\n".join(source.lines) + "\n", encoding="utf-8")
        staged.sources[copy] = source
    return staged


def python_files(roots: Roots, path: str) -> Iterator[Entry]:
    """Yield Python files and notebooks beneath a path, or beneath every root.

    Raises:
        ToolError: the path lies beneath no root.
    """
    if not path:
        found = roots.files()
    else:
        root, relative = roots.locate(path)
        if relative.endswith((".py", ".pyi", ".ipynb")):
            parent, _, name = relative.rpartition("/")
            found = (each for each in roots.files(root, parent or ".", deep=False) if each.relative.endswith(name))
            found = (each for each in found if each.relative == relative)
        else:
            found = roots.files(root, relative)
    return (entry for entry in found if entry.relative.endswith((".py", ".pyi", ".ipynb")))


def _source(name: str, content: bytes) -> Source:
    if not name.endswith(".ipynb"):
        return Source(name, tuple(content.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")))
    cells = code_cells(content)
    # A magic is no Python: commented out, so that the lines around it keep their numbers.
    lines = tuple(f"# {line}" if line.lstrip().startswith(_MAGICS) else line for line in cells.lines)
    return Source(name, lines, cells.places)
